using System.CommandLine;
using SecOps.Findings;
using SecOps.Reports;

namespace SecOps.Commands;

/// <summary><c>secops report</c>: renders findings for people and systems.</summary>
internal static class ReportCommand
{
    public static Command Create(Func<ParseResult, Workspace> open)
    {
        var format = new Option<string[]>("--format", "-f")
        {
            Description = $"What to write into reports/: {string.Join(", ", ReportList.Formats)}. Repeatable, or with commas.",
            HelpName = "FORMAT",
            Arity = ArgumentArity.OneOrMore,
        };
        format.CompletionSources.Add([.. ReportList.Formats]);
        var command = new Command("report", "Render the findings of the last scan.\n\nExample: secops report --format html,sarif")
        {
            format,
            ReportMergeCommand.Create(open),
            ReportDiffCommand.Create(open),
            ReportExplainCommand.Create(open),
            ReportWaiveCommand.Create(open),
        };
        command.SetAction((parsed, _) =>
        {
            using var workspace = open(parsed);
            return Task.FromResult(Run(workspace, CommandValues.Names(parsed.GetValue(format))));
        });
        return command;
    }

    private static int Run(Workspace workspace, IReadOnlyList<string> formats)
    {
        var document = FindingsReader.Read(workspace.FindingsFile);
        if (formats.Count == 0)
        {
            TerminalReport.Write(workspace.Terminal, document);
        }

        var known = formats.Select(f => CommandValues.Known("--format", f, ReportList.Formats)).ToHashSet();
        foreach (var writer in ReportList.Writers.Where(w => known.Contains(w.Format)))
        {
            var file = Path.Combine(workspace.Folder, "reports", writer.FileName);
            IReadOnlyList<string> leftOut = [];
            AtomicFile.Write(file, stream => leftOut = writer.Write(stream, document));
            workspace.Terminal.Say(Path.GetRelativePath(workspace.Directory, file));
            foreach (var note in leftOut)
            {
                workspace.Terminal.Progress($"{writer.FileName}: {note}");
            }
        }

        return ExitCode.Clean;
    }
}
