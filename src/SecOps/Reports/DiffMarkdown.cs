using System.Globalization;
using System.Text;
using SecOps.Findings;

namespace SecOps.Reports;

/// <summary>What changed between two runs, for a pull request: new findings first, then what is gone, then what nobody looked at.</summary>
public static class DiffMarkdown
{
    /// <summary>Bytes for a section's title and the head of its table.</summary>
    private const int Frame = 300;

    /// <param name="difference">A document whose states compare it with an earlier one.</param>
    /// <param name="limit">UTF-8 bytes.</param>
    public static string Render(FindingsDocument difference, int limit)
    {
        var s = difference.Summary;
        var text = new StringBuilder();
        text.Append(s.New == 0 ? "## No new security findings\n\n" : $"## {Words.Count(s.New, "new security finding")}\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{s.New} new, {s.Fixed} fixed, {s.Existing} existing, {s.Waived} waived, {s.NotRescanned} not rescanned.\n\n");
        // The rest is for a line that says what a full page left out.
        var room = limit - Encoding.UTF8.GetByteCount(text.ToString()) - Frame;
        foreach (var (state, title) in new[] { (FindingState.New, "New"), (FindingState.Fixed, "Fixed"), (FindingState.NotRescanned, "Not rescanned: the file or the scanner was not part of this run") })
        {
            Section(text, title, [.. difference.Findings.Where(f => f.State == state)], ref room);
        }

        return text.ToString();
    }

    private static void Section(StringBuilder text, string title, List<Finding> findings, ref int room)
    {
        if (findings.Count == 0)
        {
            return;
        }

        if (room < Frame)
        {
            text.Append(CultureInfo.InvariantCulture, $"**{title.Split(':')[0]}: {findings.Count}, left out here.**\n\n");
            return;
        }

        room -= Frame;
        text.Append(CultureInfo.InvariantCulture, $"### {title}\n\n| severity | finding | rule | where |\n| --- | --- | --- | --- |\n");
        var rows = 0;
        foreach (var f in findings)
        {
            var row = $"| {Words.Of(f.Severity)} | {MarkdownText.Escape(f.Title, 160)} | {MarkdownText.Code(f.Rule.Id, 60)} | {MarkdownText.Code(FindingText.Place(f), 160)} |\n";
            room -= Encoding.UTF8.GetByteCount(row);
            if (room < 0)
            {
                break;
            }

            text.Append(row);
            rows++;
        }

        text.Append(rows < findings.Count ? string.Create(CultureInfo.InvariantCulture, $"\n**{findings.Count - rows} more are left out here.**\n\n") : "\n");
    }
}
