using System.Text.RegularExpressions;
using SecOps.Findings;
using SecOps.Remediation.Python;
using SecOps.Remediation.Verification;

namespace SecOps.Remediation;

/// <summary>For each rule what its weakness is made of: a fix that keeps it in another form, which the scanner does not know, is none.</summary>
internal static partial class WeaknessGate
{
    private static readonly string[] Shells = ["sh", "bash", "dash", "zsh", "ksh", "cmd", "cmd.exe", "powershell", "pwsh", "/bin/sh", "/bin/bash", "/usr/bin/env", "-c", "-lc", "/c", "executable"];

    /// <summary>Words, as names or as texts: none may stand there more often; of the second row there have to be fewer together.</summary>
    private static readonly Dictionary<string, (string[] NoMore, string[] Fewer)> Words = new(StringComparer.Ordinal)
    {
        ["B103"] = (["S_IRWXO", "S_IWOTH", "S_IXOTH", "S_IRWXG", "S_IWGRP"], []),
        ["B201"] = (["FLASK_DEBUG", "DEBUG"], ["True"]),
        ["B306"] = (["mktemp"], ["mktemp"]),
        ["B307"] = (["eval", "exec"], ["eval"]),
        ["B323"] = (["_create_unverified_context", "CERT_NONE", "check_hostname"], ["_create_unverified_context"]),
        ["B324"] = (["new", "usedforsecurity", "md4", "crypt"], ["md5", "sha1", "sha", "md4", "MD5", "SHA1"]),
        ["B501"] = (["verify", "cert_reqs", "CERT_NONE", "_create_unverified_context", "check_hostname", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "disable_warnings"], []),
        ["B506"] = (["load", "full_load", "unsafe_load", "UnsafeLoader", "FullLoader"], []),
        ["B507"] = (["AutoAddPolicy", "WarningPolicy", "MissingHostKeyPolicy"], ["AutoAddPolicy", "WarningPolicy"]),
        ["B602"] = (["shell", "system", "popen", "getoutput", .. Shells], []),
        ["B604"] = (["shell", "system", "popen", "getoutput", .. Shells], []),
        ["B605"] = (["shell", "system", "popen", "getoutput", "getstatusoutput", .. Shells], ["system", "popen", "popen2", "popen3", "popen4", "getoutput", "getstatusoutput"]),
        ["B608"] = (["replace", "format", "join", "format_map", "Template", "translate", "sub", "concat", "__add__", "__iadd__", "__mod__", "__format__", "+", "+=", "%", "%="], []),
        ["B614"] = (["weights_only", "pickle", "unsafe_load"], []),
        ["B703"] = (["mark_safe", "SafeString", "__html__"], []),
        ["B704"] = (["Markup", "__html__"], []),
    };

    /// <summary>Arguments that carry the weakness, and what they may be set to.</summary>
    private static readonly Dictionary<string, (string Keyword, Regex Good)> Keywords = new(StringComparer.Ordinal)
    {
        ["B201"] = ("debug", Off()),
        ["B501"] = ("verify", Checked()),
        ["B506"] = ("Loader", SafeLoader()),
        ["B602"] = ("shell", Off()),
        ["B604"] = ("shell", Off()),
        ["B614"] = ("weights_only", On()),
    };

    /// <summary>Texts that may come in the place of a flagged one.</summary>
    private static readonly Dictionary<string, Regex> Texts = new(StringComparer.Ordinal)
    {
        ["B104"] = Loopback(),
        ["B105"] = VariableName(),
        ["B106"] = VariableName(),
        ["B107"] = VariableName(),
        ["B108"] = NoFullPath(),
    };

    /// <exception cref="VerificationException">The weakness moved instead of going away.</exception>
    public static void Check(Finding finding, string path, PythonSource before, PythonSource after, SourceTree tree)
    {
        var rule = finding.Rule.Id;
        if (rule == "B324" && Count(after, "usedforsecurity") > Count(before, "usedforsecurity") && RuleList.Find(finding)!.Propose(new FixRequest(finding, tree)) is Proposal)
        {
            // The hash names or marks something there, by the built-in rule's own judgement.
            return;
        }

        if (Words.TryGetValue(rule, out var words))
        {
            if (words.NoMore.FirstOrDefault(w => Count(after, w) > Count(before, w)) is { } word)
            {
                throw new VerificationException("reflection", $"{path}: it uses {word} once more, where {rule} was to go away");
            }

            if (words.Fewer.Length > 0 && words.Fewer.Sum(w => Count(after, w)) >= words.Fewer.Sum(w => Count(before, w)))
            {
                throw new VerificationException("reflection", $"{path}: {string.Join(" or ", words.Fewer)} is there as often as before");
            }
        }

        if (Keywords.TryGetValue(rule, out var keyword))
        {
            if (Values(after, keyword.Keyword).Except(Values(before, keyword.Keyword)).FirstOrDefault(v => !keyword.Good.IsMatch(v)) is { } value)
            {
                throw new VerificationException("reflection", $"{path}: {keyword.Keyword}={Terminal.Clean(value)} may be the same under another name");
            }

            var bad = Values(before, keyword.Keyword).Count(v => !keyword.Good.IsMatch(v));
            if (bad > 0 && Values(after, keyword.Keyword).Count(v => !keyword.Good.IsMatch(v)) >= bad)
            {
                throw new VerificationException("reflection", $"{path}: {keyword.Keyword} is still passed as before");
            }

            if (Attributes(after, keyword.Keyword) > Attributes(before, keyword.Keyword))
            {
                throw new VerificationException("reflection", $"{path}: it sets {keyword.Keyword} elsewhere");
            }
        }

        CheckLiterals(finding, path, before, after);
    }

    private static void CheckLiterals(Finding finding, string path, PythonSource before, PythonSource after)
    {
        var rule = finding.Rule.Id;
        if (rule == "B103" && Literals(after, TokenKind.Number).Except(Literals(before, TokenKind.Number)).FirstOrDefault(n => !IsPrivate(n)) is { } mode)
        {
            throw new VerificationException("reflection", $"{path}: with {mode} others may still do too much");
        }

        if (rule == "B608" && Literals(after, TokenKind.String).Except(Literals(before, TokenKind.String)).FirstOrDefault(t => FormattedSql().IsMatch(t)) is { } sql)
        {
            throw new VerificationException("reflection", $"{path}: it still puts a value into the query's text: {Terminal.Clean(sql)}");
        }

        if (!Texts.TryGetValue(rule, out var good) && rule != "B103")
        {
            return;
        }

        if (good is not null && Literals(after, TokenKind.String).Except(Literals(before, TokenKind.String)).FirstOrDefault(t => !good.IsMatch(t)) is { } text)
        {
            throw new VerificationException("reflection", $"{path}: {Terminal.Clean(text)} may be the same in another form");
        }

        var line = finding.Location.StartLine ?? 1;
        var end = Math.Max(line, finding.Location.EndLine ?? line);
        var flagged = Enumerable.Range(0, before.Tokens.Count)
            .Where(i => before.Tokens[i].Kind is TokenKind.String or TokenKind.Number && before.LineOf(before.Tokens[i].Start) is var l && l >= line && l <= end)
            .Select(i => before.TextOf(i)).Distinct().ToList();
        if (flagged.Count > 0 && flagged.TrueForAll(t => Literals(after, null).Count(o => o == t) >= Literals(before, null).Count(o => o == t)))
        {
            throw new VerificationException("reflection", $"{path}: what {rule} is about only moved");
        }
    }

    /// <summary>Neither writable nor executable for anybody else.</summary>
    private static bool IsPrivate(string number) =>
        number.StartsWith("0o", StringComparison.OrdinalIgnoreCase) && number[2..].All(c => c is >= '0' and <= '7') && number.Length <= 6 && (Convert.ToInt32(number[2..], 8) & 0b011_011) == 0;

    private static IEnumerable<string> Literals(PythonSource source, TokenKind? kind) =>
        source.Tokens.Select((t, i) => (t.Kind, i)).Where(t => kind is null ? t.Kind is TokenKind.String or TokenKind.Number : t.Kind == kind).Select(t => source.TextOf(t.i));

    private static IEnumerable<string> Values(PythonSource source, string keyword) =>
        source.Calls.Select(c => c.Keyword(keyword)).OfType<Argument>().Select(a => source.TextOf(a.Value, a.Last));

    private static int Attributes(PythonSource source, string name) => Enumerable.Range(0, source.Tokens.Count).Count(i => source.Is(i, name) && source.Is(i - 1, "."));

    private static int Count(PythonSource source, string word) =>
        Enumerable.Range(0, source.Tokens.Count).Count(i => source.Is(i, word) || (char.IsLetter(word[^1]) && source.Tokens[i].Kind == TokenKind.String && string.Equals(source.TextOf(i).TrimStart('r', 'b', 'u', 'R', 'B', 'U').Trim('"', '\''), word, StringComparison.Ordinal)));

    [GeneratedRegex(@"^False$|\benviron\b|\bgetenv\b")]
    private static partial Regex Off();

    [GeneratedRegex("^True$")]
    private static partial Regex On();

    [GeneratedRegex(@"^(?:\w+\.)*C?SafeLoader$")]
    private static partial Regex SafeLoader();

    [GeneratedRegex("^True$|^[\"'][^\"']+[\"']$")]
    private static partial Regex Checked();

    [GeneratedRegex("^[\"'](?:127\\.0\\.0\\.1|localhost|::1|[A-Z][A-Z0-9_]*)[\"']$")]
    private static partial Regex Loopback();

    [GeneratedRegex("^[\"'][A-Z][A-Z0-9_]*[\"']$")]
    private static partial Regex VariableName();

    [GeneratedRegex("^[rRuU]?[\"'](?![/\\\\])(?!.*tmp)[^\"']*[\"']$")]
    private static partial Regex NoFullPath();

    /// <summary>An f-string that is more than a pattern for LIKE around one value.</summary>
    [GeneratedRegex("^[rR]?[fFtT][rR]?(?![\"'][%_]*\\{\\w+\\}[%_]*[\"']$)")]
    private static partial Regex FormattedSql();
}
