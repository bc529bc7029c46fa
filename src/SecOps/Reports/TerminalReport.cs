using System.Globalization;
using SecOps.Findings;

namespace SecOps.Reports;

/// <summary>What a person sees after a scan: the findings worst first, what ran and what did not, the verdict and its reasons last.</summary>
public static class TerminalReport
{
    private const int MaxRows = 50;
    private const int MaxReasons = 10;
    private const int SeverityWidth = 8;

    public static void Write(Terminal terminal, FindingsDocument document)
    {
        if (terminal.Quiet)
        {
            return;
        }

        Table(terminal, document);
        Ran(terminal, document.Coverage);
        foreach (var note in document.WaiverNotes)
        {
            Say(terminal, terminal.Paint(" note: ", "33"), 7, note);
        }

        Decision(terminal, document);
    }

    private static void Table(Terminal terminal, FindingsDocument document)
    {
        var rows = document.Findings.Where(f => f.State is FindingState.New or FindingState.Existing).Take(MaxRows).ToList();
        if (rows.Count == 0)
        {
            return;
        }

        // Marked only where there is something to tell apart.
        var mixed = document.Summary.Existing > 0;
        // A narrow window has room for what and where; the rule is in every other report.
        var rule = terminal.Width < 60 ? 0 : Math.Min(rows.Max(f => TextWidth.Of(Terminal.Clean(f.Rule.Id))) + 2, terminal.Width / 5);
        var place = Math.Min(rows.Max(f => TextWidth.Of(Terminal.Clean(FindingText.Place(f)))), terminal.Width * 2 / 5);
        var title = Math.Max(8, terminal.Width - SeverityWidth - rule - place - 5);
        terminal.Say();
        foreach (var f in rows)
        {
            var mark = !mixed ? " " : f.State == FindingState.New ? terminal.Paint("+", "1;31") : " ";
            var severity = terminal.Paint(Words.Of(f.Severity).PadRight(SeverityWidth), Style(f.Severity));
            terminal.Say($"{mark}{severity}  {(rule == 0 ? "" : Cell(f.Rule.Id, rule - 2) + "  ")}{TextWidth.Pad(TextWidth.CutStart(Terminal.Clean(FindingText.Place(f)), place), place)}  {TextWidth.CutEnd(Terminal.Clean(f.Title), title)}".TrimEnd());
        }

        if (mixed)
        {
            terminal.Say(" + is new");
        }

        if (document.Summary is { } all && all.New + all.Existing - rows.Count is > 0 and var more)
        {
            terminal.Say(string.Create(CultureInfo.InvariantCulture, $" … and {more} more; \"secops report --format html\" shows all."));
        }
    }

    private static void Ran(Terminal terminal, IReadOnlyList<Coverage> coverage)
    {
        terminal.Say();
        if (coverage.Count == 0)
        {
            terminal.Say(" Nothing here fits a scanner, so nothing was scanned.");
        }

        foreach (var c in coverage)
        {
            var mark = terminal.Paint(c.IsComplete ? "✓" : "✗", c.IsComplete ? "32" : "31");
            Say(terminal, $" {mark} ", 3, $"{c.Scanner}{(c.Version is null ? "" : " " + c.Version)} {FindingText.Ended(c)}");
            foreach (var file in c.Unread.Take(5))
            {
                Say(terminal, "     ", 5, $"could not read {file.Path}: {file.Reason}");
            }

            if (c.Unread.Count > 5)
            {
                terminal.Say(string.Create(CultureInfo.InvariantCulture, $"     … and {c.Unread.Count - 5} more files"));
            }
        }
    }

    private static void Decision(Terminal terminal, FindingsDocument document)
    {
        var s = document.Summary;
        terminal.Say();
        var counts = string.Create(CultureInfo.InvariantCulture, $"{Words.Count(s.Total, "finding")}: {s.Critical} critical, {s.High} high, {s.Medium} medium, {s.Low} low, {s.Info} info, {s.Unknown} unknown; {s.New} new, {s.Existing} existing, {s.Waived} waived");
        var gone = string.Create(CultureInfo.InvariantCulture, $"; {s.Fixed} fixed, {s.NotRescanned} not rescanned");
        Say(terminal, " ", 1, s.Fixed + s.NotRescanned > 0 ? counts + gone : counts);
        if (s.Mendable > 0)
        {
            Say(terminal, " ", 1, string.Create(CultureInfo.InvariantCulture, $"{s.Mendable} with a proven fix; \"secops report explain ID\" shows it, \"secops remediate --apply\" brings it in"));
        }

        if (document.Gate is not { } gate)
        {
            return;
        }

        var style = gate.Verdict switch { Verdict.Passed => "1;32", Verdict.Failed => "1;31", _ => "1;33" };
        terminal.Say(" " + terminal.Paint("gate " + Words.Of(gate.Verdict), style));
        List<GateReason> reasons = [.. gate.Reasons.Take(MaxReasons)];
        var byId = Responsible(document.Findings, [.. reasons.Select(r => r.Finding).OfType<string>()]);
        foreach (var reason in reasons)
        {
            var what = reason.Finding is { } id && byId.TryGetValue(id, out var f) ? $"{f.Rule.Id} at {FindingText.Place(f)} ({id}): " : "";
            Say(terminal, "   ", 3, what + reason.Because);
        }

        if (gate.Reasons.Count > MaxReasons)
        {
            terminal.Say(string.Create(CultureInfo.InvariantCulture, $"   … and {gate.Reasons.Count - MaxReasons} more reasons"));
        }
    }

    /// <summary>The findings of these ids: the worst stand first, and the verdict's first reasons are the worst.</summary>
    private static Dictionary<string, Finding> Responsible(IReadOnlyList<Finding> findings, HashSet<string> ids)
    {
        var found = new Dictionary<string, Finding>();
        for (var i = 0; i < findings.Count && found.Count < ids.Count; i++)
        {
            if (ids.Contains(findings[i].Id))
            {
                found.TryAdd(findings[i].Id, findings[i]);
            }
        }

        return found;
    }

    private static string Cell(string text, int width) => TextWidth.Pad(TextWidth.CutEnd(Terminal.Clean(text), width), width);

    /// <summary>Text of unknown origin, broken into lines of the terminal's width; the lines after the first are indented.</summary>
    private static void Say(Terminal terminal, string start, int indent, string text)
    {
        foreach (var line in TextWidth.Wrap(Terminal.Clean(text), Math.Max(20, terminal.Width - indent)))
        {
            terminal.Say(start + line);
            start = new string(' ', indent);
        }
    }

    private static string Style(Severity severity) => severity switch
    {
        Severity.Critical => "1;35",
        Severity.High => "31",
        Severity.Medium => "33",
        Severity.Low => "36",
        _ => "2",
    };
}
