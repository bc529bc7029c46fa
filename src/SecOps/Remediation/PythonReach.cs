using System.Text.RegularExpressions;
using SecOps.Remediation.Python;
using SecOps.Remediation.Verification;

namespace SecOps.Remediation;

/// <summary>Refuses code that hides from a scanner what is called, and code that talks to the network.</summary>
internal static partial class PythonReach
{
    /// <summary>Built-in functions; as a method of something else such a name is another thing.</summary>
    private static readonly string[] BuiltIns = ["getattr", "setattr", "delattr", "exec", "eval", "__import__", "compile", "globals", "locals", "vars"];

    private static readonly string[] Reflection =
        ["import_module", "__getattribute__", "__dict__", "__builtins__", "builtins", "importlib", "runpy", "__subclasses__", "__globals__", "__code__", "__mro__", "attrgetter", "methodcaller", "FunctionType", "CodeType", "marshal", "ctypes", "cffi"];

    private static readonly string[] NetworkModules =
        ["socket", "socketserver", "requests", "httpx", "urllib", "http", "ftplib", "smtplib", "poplib", "imaplib", "nntplib", "telnetlib", "aiohttp", "urllib3", "paramiko", "xmlrpc", "websocket", "websockets", "pycurl", "asyncssh", "boto3", "botocore", "grpc", "dns"];

    /// <exception cref="VerificationException">It brings something of the kind; what was there before may stay, word for word.</exception>
    public static void Check(string path, PythonSource before, PythonSource after)
    {
        foreach (var word in (string[])[.. BuiltIns, .. Reflection])
        {
            if (Added(Places(before, word), Places(after, word)) is { } place)
            {
                throw new VerificationException("reflection", $"{path}: it brings {word}, which hides what is called: {Terminal.Clean(place)}");
            }
        }

        if (Added(Splats(before), Splats(after)) is { } splat)
        {
            throw new VerificationException("reflection", $"{path}: it passes arguments as {Terminal.Clean(splat)}, which hides them");
        }

        if (Added(Hidden(before), Hidden(after)) is { } text)
        {
            throw new VerificationException("reflection", $"{path}: it calls something inside a text: {Terminal.Clean(text)}");
        }

        var known = before.Imports.Names.Select(n => n.Qualified).Where(IsNetwork).Select(q => q.Split('.')[0]).ToHashSet(StringComparer.Ordinal);
        if (after.Imports.Names.Select(n => n.Qualified).FirstOrDefault(q => IsNetwork(q) && !known.Contains(q.Split('.')[0])) is { } network)
        {
            throw new VerificationException("network", $"{path}: it imports {network}, which talks to the network");
        }
    }

    /// <summary>Calls of what talks to the network.</summary>
    public static int NetworkCalls(PythonSource source) => source.Calls.Count(c => IsNetwork(source.Imports.Qualify(c.Name)));

    /// <summary>The first text that is more often in the second list than in the first.</summary>
    public static string? Added(IEnumerable<string> before, IEnumerable<string> after)
    {
        var left = before.GroupBy(t => t).ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal);
        return after.FirstOrDefault(t => !left.TryGetValue(t, out var n) || (left[t] = n - 1) < 0);
    }

    /// <summary>urllib.parse and http.HTTPStatus only know words.</summary>
    private static bool IsNetwork(string qualified) =>
        NetworkModules.Contains(qualified.Split('.')[0]) && !qualified.StartsWith("urllib.parse", StringComparison.Ordinal) && !qualified.StartsWith("http.HTTPStatus", StringComparison.Ordinal);

    /// <summary>The word where it stands, with what is called around it: another use of the same word is another place.</summary>
    private static IEnumerable<string> Places(PythonSource source, string word)
    {
        var builtIn = BuiltIns.Contains(word);
        for (var i = 0; i < source.Tokens.Count; i++)
        {
            if (source.Is(i, word) && !(builtIn && source.Is(i - 1, ".")))
            {
                var first = i;
                while (source.Is(first - 1, ".") && source.IsName(first - 2))
                {
                    first -= 2;
                }

                yield return source.TextOf(first, source.Is(i + 1, "(") || source.Is(i + 1, "[") ? source.Pair(i + 1) : i);
            }
        }
    }

    private static IEnumerable<string> Splats(PythonSource source) =>
        source.Calls.SelectMany(c => c.Arguments.Where(a => a.IsSpread).Select(a => $"{c.Name}({source.TextOf(a.First, a.Last)})"));

    /// <summary>f-strings hold code that is no token here.</summary>
    private static IEnumerable<string> Hidden(PythonSource source) =>
        Enumerable.Range(0, source.Tokens.Count).Where(i => source.Tokens[i].Kind == TokenKind.String).Select(i => source.TextOf(i))
            .Where(t => t.AsSpan(0, Math.Min(3, t.Length)).IndexOfAny("fFtT") >= 0 && HiddenCall().IsMatch(t));

    [GeneratedRegex(@"\{[^}]*\b(?:getattr|setattr|delattr|exec|eval|__import__|compile|globals|locals|vars|import_module|__\w+__|builtins|importlib|system|popen|Popen|check_output|check_call|b64decode|fromhex|lambda)\b|\{[^}]*\*\*\s*[{\w]")]
    private static partial Regex HiddenCall();
}
