using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using SecOps.Findings;

namespace SecOps.Remediation.PullRequests;

/// <summary>What the text tells beside the fixes.</summary>
/// <param name="Versions">Each scanner's version.</param>
/// <param name="Outcomes">Everything of this run.</param>
/// <param name="Tests">How the tests were run; null without tests.</param>
/// <param name="Cost">US dollars.</param>
/// <param name="Audit">The last hash of the model's audit log; null when no model was asked.</param>
/// <param name="StartsNoWorkflows">Opened with a workflow's own token.</param>
public sealed record PullRequestFacts(IReadOnlyDictionary<string, string?> Versions, IReadOnlyList<FixOutcome> Outcomes, string? Tests, decimal Cost, string? Audit = null, bool StartsNoWorkflows = false);

/// <summary>The title and the text of a pull request. Whatever scanners and models wrote comes in as plain words: no mention, comment, link or fence.</summary>
public static partial class PullRequestText
{
    private const int MaxOpenShown = 50;

    public static string Title(FixGroup group)
    {
        var summaries = group.Fixes.Select(f => f.Summary ?? f.Finding.Rule.Id).Distinct().ToList();
        return Bare(summaries.Count == 1 ? summaries[0] : string.Create(CultureInfo.InvariantCulture, $"{summaries[0]}, and {summaries.Count - 1} more"));
    }

    /// <param name="head">The branch's last commit.</param>
    public static string Body(FixGroup group, string head, PullRequestFacts facts)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Words.Count(group.Fixes.Count, "finding")} mended in {Words.Count(group.Fixes.Select(f => f.Commit).Distinct().Count(), "commit")}. ");
        text.Append("Each was proven in a copy of this repository: the same scanner, told to ignore suppressions, no longer reports it, and reports nothing new but what is named below. ");
        text.Append(facts.Tests is null ? "There are no tests that could speak against it: read it with more care.\n" : $"The project's tests pass as before (run {facts.Tests}, with none of the runner's variables).\n");
        if (facts.StartsNoWorkflows)
        {
            text.Append("\nThis was opened with a workflow's own token, which starts no checks: close and reopen it to run them.\n");
        }

        foreach (var kind in group.Fixes.GroupBy(f => (f.Summary, f.Risk, f.Engine, f.Outcome)))
        {
            Append(text, [.. kind], facts.Versions);
        }

        var open = facts.Outcomes.Where(o => !o.IsVerified).ToList();
        if (open.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n<details><summary>Not fixed: {open.Count}</summary>\n\n");
            foreach (var o in open.Take(MaxOpenShown))
            {
                text.Append(CultureInfo.InvariantCulture, $"- {Plain(o.Finding.Rule.Id)} `{Place(o.Finding)}`: {o.Outcome}, {Plain(o.Reason ?? "")}\n");
            }

            text.Append(open.Count > MaxOpenShown ? $"- and {open.Count - MaxOpenShown} more\n" : "").Append("\n</details>\n");
        }

        text.Append("\nEach commit can be reverted by itself. The next run brings this branch up to date as long as only its own commits are on it; close this unmerged and it is not opened again.\n");
        text.Append(facts.Audit is null ? "" : string.Create(CultureInfo.InvariantCulture, $"Model: {facts.Cost:0.00} US dollars in this run; the audit log ended with {facts.Audit}.\n"));
        text.Append(Marker(group, head));
        return text.ToString();
    }

    /// <summary>Fixes of one kind: what was wrong where, how that was mended and proven.</summary>
    private static void Append(StringBuilder text, IReadOnlyList<FixOutcome> fixes, IReadOnlyDictionary<string, string?> versions)
    {
        var fix = fixes[0];
        text.Append(CultureInfo.InvariantCulture, $"\n### {Plain(fix.Summary ?? fix.Finding.Rule.Id)}\n\n");
        foreach (var f in fixes.Select(f => f.Finding))
        {
            var cwe = f.Rule.Cwe.Where(c => CweName().IsMatch(c)).Select(c => $"[{c}](https://cwe.mitre.org/data/definitions/{c[4..]}.html)").ToList();
            text.Append(CultureInfo.InvariantCulture, $"- {Plain(f.Rule.Id)}, {Words.Of(f.Severity)}{(cwe.Count > 0 ? ", " + string.Join(", ", cwe) : "")}, `{Place(f)}`: {Plain(Told(f))}\n");
        }

        var scanner = fix.Finding.Scanners[0].Name;
        var it = fixes.Count == 1 ? "it" : "them";
        text.Append(CultureInfo.InvariantCulture, $"- Proof: {scanner} {Plain(versions.GetValueOrDefault(scanner) ?? "")} reported {it} before and does not now; {(fix.Outcome == FixOutcome.Verified ? "the tests pass" : "there are no tests")}; written by {(fix.Engine == "rules" ? "a built-in rule" : Plain(fix.Engine ?? "")) }\n");
        var successors = fixes.SelectMany(f => f.Successors).Distinct().ToList();
        if (successors.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"- In {(fixes.Count == 1 ? "its" : "their")} place, less severe: {Plain(string.Join(", ", successors))}\n");
        }

        if (fix.Risk is { } risk)
        {
            text.Append(CultureInfo.InvariantCulture, $"- To know: {Plain(risk)}\n");
        }
    }

    private static string Place(Finding f) => Bare(f.Location.Path ?? f.Location.Package?.Manifest ?? "?") + (f.Location.StartLine is { } line ? string.Create(CultureInfo.InvariantCulture, $":{line}") : "");

    /// <summary>What the scanner says; it quotes the passwords that it finds.</summary>
    private static string Told(Finding f) =>
        f.Category == Category.Secret || f.Rule.Id is "B105" or "B106" or "B107" ? Quoted().Replace(f.Title, "***") : f.Title;

    /// <summary>Hidden in the text; tells a later run what this pull request holds.</summary>
    public static string Marker(FixGroup group, string head) =>
        $"\n<!-- secops:fix group={group.Name} checksum={group.Checksum} head={head} findings={string.Join(',', group.Fixes.Select(f => f.Finding.Id))} -->\n";

    /// <summary>The checksum and head of a marker for the group; null when there is none.</summary>
    public static (string Checksum, string Head)? ReadMarker(string? body, string group) =>
        body is not null && MarkerPattern().Matches(body).LastOrDefault(m => m.Groups[1].Value == group) is { } match ? (match.Groups[2].Value, match.Groups[3].Value) : null;

    /// <summary>For prose: what could be a link, a mention or a comment goes, what could be a mark is escaped.</summary>
    private static string Plain(string text) => Marks().Replace(Bare(text), @"\$0");

    /// <summary>For titles and between backticks, where marks are no marks.</summary>
    private static string Bare(string text) => Active().Replace(Terminal.Clean(text), " ").Trim();

    [GeneratedRegex("<!--|-->|[@`<>\\[\\]]|https?://\\S*|\\bwww\\.\\S*")]
    private static partial Regex Active();

    [GeneratedRegex(@"[\\*_#|~]")]
    private static partial Regex Marks();

    [GeneratedRegex("<!-- secops:fix group=([a-z0-9-]+) checksum=([0-9a-f]{16}) head=([0-9a-f]{40,64}) findings=[f0-9a-z,-]* -->")]
    private static partial Regex MarkerPattern();

    [GeneratedRegex("^CWE-[0-9]{1,5}$")]
    private static partial Regex CweName();

    [GeneratedRegex("(['\"]).*\\1")]
    private static partial Regex Quoted();
}
