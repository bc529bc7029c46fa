using System.Text.RegularExpressions;
using DiffPlex;
using SecOps.Findings;
using SecOps.Remediation.Python;
using SecOps.Remediation.Verification;

namespace SecOps.Remediation;

/// <summary>
/// What only a model is held to: somebody's text in the code may have told it what to write. It may change the function that holds the
/// finding and the imports, and bring in nothing that does more than the code did.
/// </summary>
internal static partial class ModelGates
{
    private const int MaxDeletedStatements = 6;

    /// <summary>Modules that a fix may import where the file did not; each mends some weakness and reaches nothing outside.</summary>
    private static readonly string[] NewImports =
        ["ast", "contextlib", "datetime", "decimal", "enum", "fractions", "hashlib", "hmac", "html", "io", "ipaddress", "itertools", "json", "logging", "math", "os", "pathlib", "re", "secrets", "shlex", "shutil", "ssl", "stat", "string", "subprocess", "sys", "tempfile", "time", "typing", "unicodedata", "urllib", "uuid", "warnings", "defusedxml", "markupsafe"];

    /// <summary>Attributes of modules that are values, not functions.</summary>
    private static readonly string[] Values = ["environ", "argv", "path", "name", "sep", "pathsep", "linesep", "devnull", "curdir", "stdin", "stdout", "stderr", "executable", "platform", "version_info", "parse", "abc", "min", "max", "inf", "pi"];

    /// <summary>Classes and constants that are the weakness itself.</summary>
    private static readonly string[] Weak = ["AutoAddPolicy", "WarningPolicy", "Loader", "UnsafeLoader", "FullLoader", "MD5", "SHA1", "Markup", "SafeString", "Popen", "CERT_NONE"];

    /// <exception cref="VerificationException">It does more, or less, than mend the finding.</exception>
    public static void Check(Finding finding, string path, PythonSource before, PythonSource after)
    {
        if (after.Statements.Count < before.Statements.Count - MaxDeletedStatements)
        {
            throw new VerificationException("deleted", $"{path}: it deletes code instead of mending it");
        }

        if (Stubs(after) > Stubs(before))
        {
            throw new VerificationException("deleted", $"{path}: it replaces a function's work by nothing");
        }

        if (!Decorators(before).Order(StringComparer.Ordinal).SequenceEqual(Decorators(after).Order(StringComparer.Ordinal)))
        {
            throw new VerificationException("signature", $"{path}: it adds or takes away a decorator, which changes what the function does");
        }

        CheckImports(path, before, after);
        if (PythonReach.Added(Uncalled(before), Uncalled(after)) is { } function)
        {
            throw new VerificationException("reflection", $"{path}: it hands {Terminal.Clean(function)} on without calling it, under a name that the scanner does not know");
        }

        if (Programs(after) > Programs(before))
        {
            throw new VerificationException("calls", $"{path}: it starts a program more than before");
        }

        if (PythonReach.NetworkCalls(after) > PythonReach.NetworkCalls(before))
        {
            throw new VerificationException("network", $"{path}: it talks to the network once more than before");
        }

        CheckScope(finding, path, before, after);
    }

    /// <summary>For files that are no Python: nothing that fetches or runs something.</summary>
    public static void CheckText(string path, IReadOnlyList<string> removed, IReadOnlyList<string> added)
    {
        static IEnumerable<string> Words(IReadOnlyList<string> lines) => lines.SelectMany(l => Reaches().Matches(l)).Select(m => m.Value.Trim().ToLowerInvariant());
        if (PythonReach.Added(Words(removed), Words(added)) is { } word)
        {
            throw new VerificationException("calls", $"{path}: it brings {Terminal.Clean(word)}, which fetches or runs something");
        }
    }

    private static void CheckImports(string path, PythonSource before, PythonSource after)
    {
        var known = before.Imports.Names.Select(n => n.Qualified.Split('.')[0]).Concat(NewImports).ToHashSet(StringComparer.Ordinal);
        if (after.Imports.Names.Select(n => n.Qualified.Split('.')[0]).FirstOrDefault(m => !known.Contains(m)) is { } module)
        {
            throw new VerificationException("imports", $"{path}: it imports {Terminal.Clean(module)}, which the file did not use before");
        }

        if (Stars(after) > Stars(before))
        {
            throw new VerificationException("imports", $"{path}: it imports names that it does not name (import *)");
        }

        static int Stars(PythonSource source) => source.Statements.Count(s => source.Is(s.First, "from") && source.Is(s.Last, "*"));
    }

    /// <summary>Changes stay in the function, or the statement, that holds the finding; imports may come and go.</summary>
    private static void CheckScope(Finding finding, string path, PythonSource before, PythonSource after)
    {
        var line = finding.Location.StartLine ?? 1;
        var holder = before.Statements.LastOrDefault(s => Lines(before, s).First <= line && line <= Lines(before, s).Last);
        if (holder is null)
        {
            return;
        }

        var function = Outermost(before, holder);
        var (first, last) = function is null ? Lines(before, holder) : Block(before, function);
        var difference = new Differ().CreateLineDiffs(before.Text, after.Text, ignoreWhitespace: false);
        foreach (var block in difference.DiffBlocks)
        {
            var inside = block.DeleteStartA + 1 >= first && block.DeleteStartA + block.DeleteCountA <= last;
            // Inserted lines come before the line of that number; after the last one too.
            inside |= block.DeleteCountA == 0 && block.DeleteStartA + 1 >= first && block.DeleteStartA <= last;
            var harmless = Enumerable.Range(block.DeleteStartA + 1, block.DeleteCountA).All(l => IsImport(before, l))
                && Enumerable.Range(block.InsertStartB + 1, block.InsertCountB).All(l => IsImport(after, l));
            if (!inside && !harmless)
            {
                throw new VerificationException("scope", $"{path}: it changes line {block.DeleteStartA + 1}, outside the {(function is null ? "statement" : "function")} that holds the finding; only that and imports may change");
            }
        }
    }

    private static bool IsImport(PythonSource source, int line)
    {
        var there = source.Statements.Where(s => Lines(source, s) is var (first, last) && first <= line && line <= last).ToList();
        return there.TrueForAll(s => source.Is(s.First, "import") || source.Is(s.First, "from"));
    }

    /// <summary>The function around it that is in no other; null at the top.</summary>
    private static Statement? Outermost(PythonSource source, Statement inner)
    {
        Statement? found = source.Is(inner.First, "def") || source.Is(inner.First, "async") ? inner : null;
        for (var outer = source.Enclosing(inner, "def"); outer is not null; outer = source.Enclosing(outer, "def"))
        {
            found = outer;
        }

        return found;
    }

    private static (int First, int Last) Block(PythonSource source, Statement function) =>
        (Lines(source, function).First, source.Body(function).Select(s => Lines(source, s).Last).DefaultIfEmpty(Lines(source, function).Last).Max());

    private static (int First, int Last) Lines(PythonSource source, Statement s) =>
        (source.LineOf(source.Tokens[s.First].Start), source.LineOf(Math.Max(source.Tokens[s.First].Start, source.Tokens[s.Last].End - 1)));

    private static IEnumerable<string> Decorators(PythonSource source) =>
        source.Statements.Where(s => source.Is(s.First, "@")).Select(s => source.TextOf(s.First, s.Last));

    private static int Programs(PythonSource source) => source.Calls.Count(c => Starts().IsMatch(source.Imports.Qualify(c.Name)));

    /// <summary>What is imported and then named without being called: <c>run = os.system</c>, <c>map(os.system, x)</c>, <c>@functools.cache</c>.</summary>
    private static IEnumerable<string> Uncalled(PythonSource source)
    {
        var locals = source.Imports.Names.ToLookup(n => n.Local, StringComparer.Ordinal);
        for (var i = 0; i < source.Tokens.Count; i++)
        {
            if (!source.IsName(i) || source.Is(i - 1, ".") || source.Is(i + 1, "=") || !locals.Contains(source.TextOf(i))
                || source.StatementAt(i) is not { } statement || source.Is(statement.First, "import") || source.Is(statement.First, "from"))
            {
                continue;
            }

            var last = i;
            var isValue = false;
            while (source.Is(last + 1, ".") && source.IsName(last + 2))
            {
                last += 2;
                isValue |= Values.Contains(source.TextOf(last));
            }

            var word = source.TextOf(last);
            // A class or a constant is a value as well.
            if (!source.Is(last + 1, "(") && !isValue && (!char.IsUpper(word[0]) || Weak.Contains(word)))
            {
                yield return source.TextOf(i, last);
            }
        }
    }

    /// <summary>Functions whose whole body is pass, ..., a bare or empty return, or a raise of NotImplementedError.</summary>
    private static int Stubs(PythonSource source) => source.Statements.Count(s =>
        source.Is(s.First, "def") && source.Body(s).Where(b => !(b.First == b.Last && source.Tokens[b.First].Kind == TokenKind.String)).ToList() is [var only]
        && (source.Is(only.First, "pass") || source.Is(only.First, "...") || (source.Is(only.First, "return") && (only.Last == only.First || source.Is(only.Last, "None") || source.Is(only.Last, "\"\"")))
            || (source.Is(only.First, "raise") && source.Is(only.First + 1, "NotImplementedError"))));

    [GeneratedRegex(@"\b(?:curl|wget|nc|ncat|bash\s+-c|sh\s+-c|eval)\b|^\s*(?:RUN|ENTRYPOINT|ONBUILD|HEALTHCHECK)\b|^\s*ADD\s+https?:|\bprovisioner\s+""|\blocal-exec\b|\bremote-exec\b|^\s*(?:module|provider)\s+""|data\s+""(?:external|http)""", RegexOptions.IgnoreCase)]
    private static partial Regex Reaches();

    /// <summary>Functions that start programs.</summary>
    [GeneratedRegex(@"^(?:subprocess\.\w+|os\.(?:system|popen\w*|exec\w+|spawn\w+|posix_spawn\w*|startfile|fork\w*)|pty\.\w+|asyncio\.create_subprocess_\w+|commands\.\w+|popen2\.\w+|multiprocessing\.\w+)$")]
    private static partial Regex Starts();
}
