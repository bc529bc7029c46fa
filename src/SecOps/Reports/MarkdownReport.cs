using System.Globalization;
using System.Text;
using SecOps.Findings;

namespace SecOps.Reports;

/// <summary>A page for a pull request, a job's summary or a wiki: verdict, counts, who looked, and the findings worst first as far as they fit.</summary>
internal sealed class MarkdownReport : IReportWriter
{
    private const int MaxReasons = 10;
    private const int MaxCell = 160;
    private const int MaxNotes = 20;

    public string Format => "markdown";

    public string FileName => "findings.md";

    public IReadOnlyList<string> Write(Stream stream, FindingsDocument document)
    {
        // A megabyte: more is no longer read, and hosts stop rendering it.
        var (text, leftOut) = Render(document, 1_000_000);
        stream.Write(Encoding.UTF8.GetBytes(text));
        return leftOut == 0 ? [] : [string.Create(CultureInfo.InvariantCulture, $"{leftOut} findings, the least severe, are left out")];
    }

    /// <param name="limit">UTF-8 bytes, so characters too.</param>
    /// <returns>The page, and how many findings did not fit.</returns>
    public static (string Text, int LeftOut) Render(FindingsDocument document, int limit)
    {
        var head = Head(document);
        var tail = Tail(document);
        var table = new StringBuilder();
        var listed = document.Findings.Where(f => f.State is not FindingState.Fixed).ToList();
        var room = limit - Encoding.UTF8.GetByteCount(head) - Encoding.UTF8.GetByteCount(tail) - 400;
        var rows = 0;
        foreach (var f in listed)
        {
            var row = Row(f);
            room -= Encoding.UTF8.GetByteCount(row);
            if (room < 0)
            {
                break;
            }

            table.Append(row);
            rows++;
        }

        var left = listed.Count - rows;
        var text = new StringBuilder(head);
        if (rows > 0)
        {
            text.Append("| severity | finding | rule | where | state |\n| --- | --- | --- | --- | --- |\n").Append(table).Append('\n');
        }

        if (left > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"**{left} more findings, the least severe, are left out here.**\n\n");
        }

        return (text.Append(tail).ToString(), left);
    }

    private static string Head(FindingsDocument document)
    {
        var s = document.Summary;
        var text = new StringBuilder();
        text.Append(document.Gate is { } gate
            ? $"## {gate.Verdict switch { Verdict.Passed => "✅", Verdict.Failed => "❌", _ => "⚠️" }} Security gate {Words.Of(gate.Verdict)}\n\n"
            : "## Security findings\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{Words.Count(s.Total, "finding")}: {s.Critical} critical, {s.High} high, {s.Medium} medium, {s.Low} low, {s.Info} info, {s.Unknown} unknown. ");
        text.Append(CultureInfo.InvariantCulture, $"{s.New} new, {s.Existing} existing, {s.Waived} waived, {s.Fixed} fixed, {s.NotRescanned} not rescanned.\n\n");
        if (FindingText.NotRun(document) is { } notRun)
        {
            text.Append(CultureInfo.InvariantCulture, $"**Not complete: {MarkdownText.Escape(notRun, 500)}.** What they would have found is not listed here.\n\n");
        }

        var byId = document.Findings.ToDictionary(f => f.Id);
        var reasons = document.Gate?.Reasons ?? [];
        foreach (var reason in reasons.Take(MaxReasons))
        {
            var what = reason.Finding is { } id && byId.TryGetValue(id, out var f) ? $"{MarkdownText.Code(f.Rule.Id, 60)} at {MarkdownText.Code(FindingText.Place(f), 120)}: " : "";
            text.Append(CultureInfo.InvariantCulture, $"- {what}{MarkdownText.Escape(reason.Because, 300)}\n");
        }

        if (reasons.Count > MaxReasons)
        {
            text.Append(CultureInfo.InvariantCulture, $"- and {reasons.Count - MaxReasons} more reasons\n");
        }

        return text.Append(reasons.Count > 0 ? "\n" : "").ToString();
    }

    private static string Row(Finding f)
    {
        var rule = MarkdownText.Code(f.Rule.Id, 60);
        var linked = ReportJson.Address(f.Rule.Url) is { } url
            ? $"<a href=\"{System.Net.WebUtility.HtmlEncode(url).Replace("|", "%7C", StringComparison.Ordinal)}\">{rule}</a>" : rule;
        return $"| {Words.Of(f.Severity)} | {MarkdownText.Escape(f.Title, MaxCell)} | {linked} | {MarkdownText.Code(FindingText.Place(f), MaxCell)} | {State(f)} |\n";
    }

    private static string State(Finding f) => (f.State switch
    {
        FindingState.New => "**new**",
        FindingState.Waived => "waived: " + MarkdownText.Escape(FindingText.Waiver(f), MaxCell),
        _ => FindingText.State(f.State),
    }) + (f.Fix?.Outcome is { } outcome and not "skipped" ? $"; fix {MarkdownText.Escape(outcome, 40)}" : "");

    private static string Tail(FindingsDocument document)
    {
        var text = new StringBuilder("**Who looked**\n\n");
        foreach (var c in document.Coverage)
        {
            text.Append(CultureInfo.InvariantCulture, $"- {(c.IsComplete ? "✅" : "❌")} {MarkdownText.Escape($"{c.Scanner} {c.Version}", 100)} on {MarkdownText.Code(c.Target, 120)}: {MarkdownText.Escape(FindingText.Ended(c), 300)}\n");
        }

        if (document.Coverage.Count == 0)
        {
            text.Append("- ❌ no scanner ran\n");
        }

        foreach (var note in document.WaiverNotes.Take(MaxNotes))
        {
            text.Append(CultureInfo.InvariantCulture, $"- note: {MarkdownText.Escape(note, 300)}\n");
        }

        if (document.WaiverNotes.Count > MaxNotes)
        {
            text.Append(CultureInfo.InvariantCulture, $"- and {document.WaiverNotes.Count - MaxNotes} more notes on waivers\n");
        }

        return text.ToString();
    }
}
