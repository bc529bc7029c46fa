using SecOps.Findings;
using SecOps.Remediation.Python;
using SecOps.Remediation.Verification;

namespace SecOps.Remediation;

/// <summary>What of a Python file's shape has to survive a fix.</summary>
internal static class PythonShape
{
    /// <summary>Words whose number may not grow (they carry the weakness), and, for a flag, has to shrink.</summary>
    private static readonly Dictionary<string, (string[] NoMore, string? Fewer)> Carriers = new(StringComparer.Ordinal)
    {
        ["B324"] = (["md5", "sha1", "new"], null),
        ["B602"] = (["shell", "system", "popen"], "shell"),
        ["B605"] = (["shell", "system", "popen", "getoutput"], null),
        ["B608"] = (["replace", "format", "join", "format_map", "Template", "translate", "sub"], null),
        ["B501"] = (["verify", "cert_reqs", "CERT_NONE"], null),
        ["B506"] = (["load", "full_load", "unsafe_load", "Loader"], null),
        ["B307"] = (["eval", "exec"], null),
        ["B704"] = (["Markup", "__html__"], null),
        ["B703"] = (["mark_safe", "SafeString", "__html__"], null),
    };

    /// <exception cref="VerificationException">A function is gone, or one that others call has another signature.</exception>
    public static void Check(string path, PythonSource before, PythonSource after)
    {
        var kept = Definitions(after);
        foreach (var (name, signatures) in Definitions(before))
        {
            if (!kept.TryGetValue(name, out var now) || now.Count < signatures.Count)
            {
                throw new VerificationException("deleted", $"{path}: {name} is gone");
            }

            if (!name.Split('.')[^1].StartsWith('_') && !now.SequenceEqual(signatures))
            {
                throw new VerificationException("signature", $"{path}: {name} takes other parameters, which its callers do not know");
            }
        }
    }

    /// <exception cref="VerificationException">The weakness moved instead of going away.</exception>
    public static void CheckModel(Finding finding, string path, PythonSource before, PythonSource after)
    {
        if (after.Statements.Count < before.Statements.Count - 6)
        {
            throw new VerificationException("deleted", $"{path}: it deletes code instead of mending it");
        }

        if (Stubs(after) > Stubs(before))
        {
            throw new VerificationException("deleted", $"{path}: it replaces a function's work by nothing");
        }

        if (Aliases(after) > Aliases(before))
        {
            throw new VerificationException("reflection", $"{path}: it gives a function another name, under which the scanner does not know it");
        }

        if (Carriers.TryGetValue(finding.Rule.Id, out var carrier))
        {
            if (carrier.NoMore.FirstOrDefault(w => Count(after, w) > Count(before, w)) is { } word)
            {
                throw new VerificationException("reflection", $"{path}: it uses {word} once more, where {finding.Rule.Id} was to go away");
            }

            if (carrier.Fewer is { } flag && Count(after, flag) >= Count(before, flag))
            {
                throw new VerificationException("reflection", $"{path}: {flag} is still passed");
            }
        }
    }

    /// <summary>Functions and classes by full name, with their parameters.</summary>
    private static Dictionary<string, List<string>> Definitions(PythonSource source)
    {
        var result = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var statement in source.Statements)
        {
            var word = source.Is(statement.First, "async") ? statement.First + 1 : statement.First;
            if (!source.Is(word, "def") && !source.Is(word, "class"))
            {
                continue;
            }

            var name = source.TextOf(word + 1);
            for (var outer = source.Enclosing(statement, "class", "def"); outer is not null; outer = source.Enclosing(outer, "class", "def"))
            {
                name = source.TextOf(outer.First + (source.Is(outer.First, "async") ? 2 : 1)) + "." + name;
            }

            var end = source.Is(word + 2, "(") ? source.Pair(word + 2) : word + 1;
            var signature = string.Join(' ', Enumerable.Range(word + 1, end - word).Select(i => source.TextOf(i)));
            if (!result.TryGetValue(name, out var list))
            {
                result[name] = list = [];
            }

            list.Add(signature);
        }

        return result;
    }

    /// <summary>Functions whose whole body is pass, ..., a bare return or a raise of NotImplementedError.</summary>
    private static int Stubs(PythonSource source) => source.Statements.Count(s =>
        source.Is(s.First, "def") && source.Body(s).Where(b => !(b.First == b.Last && source.Tokens[b.First].Kind == TokenKind.String)).ToList() is [var only]
        && (source.Is(only.First, "pass") || source.Is(only.First, "...") || (source.Is(only.First, "return") && (only.Last == only.First || source.Is(only.Last, "None") || source.Is(only.Last, "\"\"")))
            || (source.Is(only.First, "raise") && source.Is(only.First + 1, "NotImplementedError"))));

    /// <summary><c>run = subprocess.run</c>: nothing is called here, so nothing is found later.</summary>
    private static int Aliases(PythonSource source) => source.Statements.Count(s =>
    {
        var equals = Enumerable.Range(s.First, s.Last - s.First + 1).FirstOrDefault(i => source.Is(i, "="), -1);
        return equals > s.First && equals < s.Last
            && Enumerable.Range(equals + 1, s.Last - equals).All(i => source.IsName(i) || source.Is(i, "."))
            && source.Imports.Names.Any(n => source.Is(equals + 1, n.Local));
    });

    private static int Count(PythonSource source, string word) =>
        Enumerable.Range(0, source.Tokens.Count).Count(i => source.Is(i, word) || (source.Tokens[i].Kind == TokenKind.String && source.TextOf(i).Trim('"', '\'') == word));
}
