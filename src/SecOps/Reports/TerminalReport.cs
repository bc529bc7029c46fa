using System.Globalization;
using SecOps.Findings;

namespace SecOps.Reports;

/// <summary>What a person sees after a scan: the findings worst first, what ran and what did not, the verdict and its reasons last.</summary>
public static class TerminalReport
{
    private const int MaxRows = 50;
    private const int MaxReasons = 10;

    public static void Write(Terminal terminal, FindingsDocument document)
    {
        Table(terminal, document);
        Ran(terminal, document.Coverage);
        foreach (var note in document.WaiverNotes)
        {
            terminal.Say(terminal.Paint("note: ", "33") + note);
        }

        Decision(terminal, document);
    }

    private static void Table(Terminal terminal, FindingsDocument document)
    {
        var shown = document.Findings.Where(f => f.State is FindingState.New or FindingState.Existing).ToList();
        if (shown.Count == 0)
        {
            return;
        }

        var rows = shown.Take(MaxRows).Select(f => (f, Rule: Cell(f.Rule.Id, 20), Place: Cell(FindingText.Place(f), 48), f.Id)).ToList();
        var rule = rows.Max(r => r.Rule.Length);
        var place = rows.Max(r => r.Place.Length);
        var width = Math.Max(20, terminal.Width - 10 - rule - place - 6);
        terminal.Say();
        foreach (var row in rows)
        {
            var severity = terminal.Paint(Words.Of(row.f.Severity).PadRight(8), Style(row.f.Severity));
            var mark = row.f.State == FindingState.New ? " " : terminal.Paint("=", "2");
            terminal.Say($"{mark}{severity}  {row.Rule.PadRight(rule)}  {row.Place.PadRight(place)}  {Cell(row.f.Title, width)}".TrimEnd());
        }

        if (shown.Count > rows.Count)
        {
            terminal.Say(string.Create(CultureInfo.InvariantCulture, $" … and {shown.Count - rows.Count} more; \"secops report --format html\" shows all."));
        }
    }

    private static void Ran(Terminal terminal, IReadOnlyList<Coverage> coverage)
    {
        terminal.Say();
        foreach (var c in coverage)
        {
            var good = c.IsComplete;
            var status = c.NothingToScan ? "skipped" : Words.Of(c.Status);
            var version = c.Version is null ? "" : " " + Terminal.Clean(c.Version);
            var counted = c.Status == CoverageStatus.Completed ? string.Create(CultureInfo.InvariantCulture, $", {c.Findings} reported in {Durations.Show(TimeSpan.FromMilliseconds(c.DurationMs))}") : "";
            var message = c.Message is null ? "" : ": " + Terminal.Clean(c.Message);
            terminal.Say($" {terminal.Paint(good ? "✓" : "✗", good ? "32" : "31")} {c.Scanner}{version} {status}{counted}{message}");
            foreach (var file in c.Unread.Take(5))
            {
                terminal.Say($"     could not read {Terminal.Clean(file.Path)}: {Terminal.Clean(file.Reason)}");
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
        terminal.Say(string.Create(CultureInfo.InvariantCulture, $" {s.Total} findings: {s.Critical} critical, {s.High} high, {s.Medium} medium, {s.Low} low, {s.Info} info, {s.Unknown} unknown; {s.New} new, {s.Existing} existing, {s.Waived} waived"));
        if (document.Gate is not { } gate)
        {
            return;
        }

        var style = gate.Verdict switch { Verdict.Passed => "1;32", Verdict.Failed => "1;31", _ => "1;33" };
        terminal.Say(" " + terminal.Paint("gate " + Words.Of(gate.Verdict), style));
        var byId = document.Findings.ToDictionary(f => f.Id);
        foreach (var reason in gate.Reasons.Take(MaxReasons))
        {
            var what = reason.Finding is { } id && byId.TryGetValue(id, out var f) ? $"{Terminal.Clean(f.Rule.Id)} at {Terminal.Clean(FindingText.Place(f))} ({id}): " : "";
            terminal.Say($"   {what}{Terminal.Clean(reason.Because)}");
        }

        if (gate.Reasons.Count > MaxReasons)
        {
            terminal.Say(string.Create(CultureInfo.InvariantCulture, $"   … and {gate.Reasons.Count - MaxReasons} more reasons"));
        }
    }

    private static string Cell(string text, int width)
    {
        var clean = Terminal.Clean(text);
        return clean.Length <= width ? clean : clean[..(width - 1)] + "…";
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
