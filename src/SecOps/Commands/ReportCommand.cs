using System.CommandLine;
using SecOps.Reports;

namespace SecOps.Commands;

/// <summary><c>secops report</c>: renders findings for people and systems.</summary>
internal static class ReportCommand
{
    public static Command Create(Func<ParseResult, Workspace> open)
    {
        var format = Words("--format", $"What to write into reports/: {string.Join(", ", ReportList.Formats)}.", "FORMAT", ReportList.Formats);
        format.Aliases.Add("-f");
        var to = Words("--to", $"Where to send the findings: {string.Join(", ", ReportOperation.Destinations)}.", "SYSTEM", ReportOperation.Destinations);
        var command = new Command("report", "Render the findings of the last scan, or send them.\n\nExample: secops report --format html,sarif --to github")
        {
            format, to,
            ReportMergeCommand.Create(open),
            ReportDiffCommand.Create(open),
            ReportExplainCommand.Create(open),
            ReportWaiveCommand.Create(open),
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var formats = CommandValues.Names(parsed.GetValue(format)).Select(f => CommandValues.Known("--format", f, ReportList.Formats)).ToList();
            var systems = CommandValues.Names(parsed.GetValue(to)).Select(t => CommandValues.Known("--to", t, ReportOperation.Destinations)).Distinct().ToList();
            using var workspace = open(parsed);
            return await new ReportOperation(workspace, formats, systems).RunAsync(cancellation);
        });
        return command;
    }

    private static Option<string[]> Words(string name, string description, string help, IReadOnlyList<string> words)
    {
        var option = new Option<string[]>(name) { Description = description + " Repeatable, or with commas.", HelpName = help, Arity = ArgumentArity.OneOrMore };
        option.CompletionSources.Add([.. words]);
        return option;
    }
}
