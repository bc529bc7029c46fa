using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using SecOps.Findings;

namespace SecOps.Remediation.PullRequests;

/// <summary>The title and the text of a pull request. Whatever scanners and models wrote comes in as plain words: no mention, comment, link or fence.</summary>
public static partial class PullRequestText
{
    public static string Title(FixGroup group)
    {
        var summaries = group.Fixes.Select(f => f.Summary ?? f.Finding.Rule.Id).Distinct().ToList();
        return Plain(summaries.Count == 1 ? summaries[0] : string.Create(CultureInfo.InvariantCulture, $"{summaries[0]}, and {summaries.Count - 1} more"));
    }

    /// <param name="head">The branch's last commit.</param>
    /// <param name="versions">Each scanner's version.</param>
    /// <param name="others">What was not fixed in this run.</param>
    /// <param name="tests">How the tests were run; null without tests.</param>
    public static string Body(FixGroup group, string head, IReadOnlyDictionary<string, string?> versions, IReadOnlyList<FixOutcome> others, string? tests, decimal cost)
    {
        var text = new StringBuilder();
        text.Append("Each fix below was proven in a copy of this repository: the same scanner, told to ignore suppressions, no longer reports the finding, and reports nothing new but what is named.\n");
        text.Append(tests is null ? "There are no tests that could speak against it: read it with more care.\n\n" : $"The project's tests pass as before, run {tests} and without this machine's environment.\n\n");
        foreach (var fix in group.Fixes)
        {
            var f = fix.Finding;
            var scanner = f.Scanners[0].Name;
            text.Append(CultureInfo.InvariantCulture, $"### {Plain(f.Rule.Id)} in `{Code(f.Location.Path ?? f.Location.Package?.Manifest)}`");
            text.Append(f.Location.StartLine is { } line ? string.Create(CultureInfo.InvariantCulture, $", line {line}\n\n") : "\n\n");
            text.Append(CultureInfo.InvariantCulture, $"- {Words.Of(f.Severity)}{(f.Rule.Cwe.Count > 0 ? ", " + Plain(string.Join(", ", f.Rule.Cwe)) : "")}: {Plain(f.Title)}\n");
            text.Append(CultureInfo.InvariantCulture, $"- How: {Plain(fix.Summary ?? "")}, by {(fix.Engine == "rules" ? "a built-in rule" : Plain(fix.Engine ?? ""))}\n");
            text.Append(CultureInfo.InvariantCulture, $"- Before: {scanner} {Plain(versions.GetValueOrDefault(scanner) ?? "")} reports it. After: it does not. Tests: {(fix.Outcome == FixOutcome.Verified ? "pass" : "none")}\n");
            if (fix.Successors.Count > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"- In its place, less severe: {Plain(string.Join(", ", fix.Successors))}\n");
            }

            if (fix.Risk is { } risk)
            {
                text.Append(CultureInfo.InvariantCulture, $"- What remains: {Plain(risk)}\n");
            }

            text.Append('\n');
        }

        var open = others.Where(o => !o.IsVerified).ToList();
        if (open.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"<details><summary>Not fixed: {open.Count}</summary>\n\n");
            foreach (var o in open.Take(50))
            {
                text.Append(CultureInfo.InvariantCulture, $"- {Plain(o.Finding.Rule.Id)} `{Code(o.Finding.Location.Path)}`: {o.Outcome}, {Plain(o.Reason ?? "")}\n");
            }

            text.Append("\n</details>\n\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"Cost of this run: {cost:0.00} US dollars. To undo it, revert the merge; each finding is a commit of its own.\n");
        text.Append(Marker(group, head));
        return text.ToString();
    }

    /// <summary>Hidden in the text; tells a later run what this pull request holds.</summary>
    public static string Marker(FixGroup group, string head) =>
        $"\n<!-- secops:fix group={group.Name} checksum={group.Checksum} head={head} findings={string.Join(',', group.Fixes.Select(f => f.Finding.Id))} -->\n";

    /// <summary>The checksum and head of a marker for the group; null when there is none.</summary>
    public static (string Checksum, string Head)? ReadMarker(string? body, string group) =>
        body is not null && MarkerPattern().Matches(body).LastOrDefault(m => m.Groups[1].Value == group) is { } match ? (match.Groups[2].Value, match.Groups[3].Value) : null;

    private static string Plain(string text) => Active().Replace(Terminal.Clean(text), " ").Trim();

    private static string Code(string? path) => Plain(path ?? "?");

    [GeneratedRegex("<!--|-->|[@`<>\\[\\]|*_#]|https?://\\S*")]
    private static partial Regex Active();

    [GeneratedRegex("<!-- secops:fix group=([a-z0-9-]+) checksum=([0-9a-f]{16}) head=([0-9a-f]{40,64}) findings=[f0-9a-z,-]* -->")]
    private static partial Regex MarkerPattern();
}
