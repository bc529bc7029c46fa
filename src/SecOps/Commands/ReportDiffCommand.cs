using System.CommandLine;
using System.Globalization;
using SecOps.Findings;
using SecOps.Reports;

namespace SecOps.Commands;

/// <summary><c>secops report diff</c>: what changed from one run to another.</summary>
internal static class ReportDiffCommand
{
    private const int MaxRows = 50;

    /// <summary>A comment on GitHub holds 65,536 characters.</summary>
    private const int MaxMarkdown = 65_000;

    public static Command Create(Func<ParseResult, Workspace> open)
    {
        var old = new Argument<string>("old") { Description = "The findings.json to compare with.", HelpName = "OLD" };
        var recent = new Argument<string>("new") { Description = "The findings.json of the later run.", HelpName = "NEW" };
        var markdown = new Option<bool>("--markdown") { Description = "Print Markdown, e.g. for a pull request." };
        var command = new Command("diff", "Show what is new, fixed, existing, waived or not rescanned. With --json: the new document with these states.\n\nExample: secops report diff main.json .secops/findings.json") { old, recent, markdown };
        command.SetAction((parsed, _) =>
        {
            using var workspace = open(parsed);
            return Task.FromResult(Run(workspace, parsed.GetValue(old)!, parsed.GetValue(recent)!, parsed.GetValue(markdown)));
        });
        return command;
    }

    /// <summary>The later document with each finding's state against the earlier one; what is gone is in it as fixed or not rescanned.</summary>
    public static FindingsDocument Compare(FindingsDocument old, FindingsDocument recent) =>
        recent with { Findings = Matching.Apply(old.Findings, recent.Findings, recent.Coverage), Gate = null, WaiverNotes = [] };

    private static int Run(Workspace workspace, string old, string recent, bool markdown)
    {
        var difference = Compare(FindingsReader.Read(workspace.FullPath(old)), FindingsReader.Read(workspace.FullPath(recent)));
        if (workspace.Options.Json)
        {
            using var json = new MemoryStream();
            FindingsWriter.Write(json, difference);
            workspace.Terminal.Result(System.Text.Encoding.UTF8.GetString(json.GetBuffer().AsSpan(0, (int)json.Length)));
            return ExitCode.Clean;
        }

        if (markdown)
        {
            workspace.Terminal.Result(DiffMarkdown.Render(difference, MaxMarkdown));
            return ExitCode.Clean;
        }

        Show(workspace.Terminal, difference, FindingState.New, "31");
        Show(workspace.Terminal, difference, FindingState.Fixed, "32");
        Show(workspace.Terminal, difference, FindingState.NotRescanned, "33");
        var s = difference.Summary;
        workspace.Terminal.Say(string.Create(CultureInfo.InvariantCulture, $"{s.New} new, {s.Fixed} fixed, {s.Existing} existing, {s.Waived} waived, {s.NotRescanned} not rescanned"));
        return ExitCode.Clean;
    }

    private static void Show(Terminal terminal, FindingsDocument difference, FindingState state, string style)
    {
        var findings = difference.Findings.Where(f => f.State == state).ToList();
        foreach (var f in findings.Take(MaxRows))
        {
            var word = terminal.Paint(Words.Of(state).PadRight(12), style);
            terminal.Say($"{word}  {Words.Of(f.Severity),-8}  {f.Id}  {Terminal.Clean(f.Rule.Id)}  {Terminal.Clean(FindingText.Place(f))}  {Terminal.Clean(f.Title)}");
        }

        if (findings.Count > MaxRows)
        {
            terminal.Say(string.Create(CultureInfo.InvariantCulture, $"… and {findings.Count - MaxRows} more {Words.Of(state)}; --json lists all."));
        }
    }
}
