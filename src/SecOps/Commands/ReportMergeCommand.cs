using System.CommandLine;
using SecOps.Findings;
using SecOps.Reports;

namespace SecOps.Commands;

/// <summary><c>secops report merge</c>: one document of the documents of several runs.</summary>
internal static class ReportMergeCommand
{
    public static Command Create(Func<ParseResult, Workspace> open)
    {
        var files = new Argument<string[]>("files") { Description = "The findings.json files to merge, in any order.", HelpName = "FILE", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string?>("--output-file") { Description = "Where to write the result. Default: findings.json in the folder of results.", HelpName = "FILE" };
        var command = new Command("merge", "Make one findings.json of several, e.g. of shards. A scanner that failed in one of them is not completed.\n\nExample: secops report merge a/findings.json b/findings.json --output-file all.json") { files, output };
        command.SetAction((parsed, _) =>
        {
            using var workspace = open(parsed);
            return Task.FromResult(Run(workspace, parsed.GetValue(files)!, parsed.GetValue(output)));
        });
        return command;
    }

    private static int Run(Workspace workspace, string[] files, string? output)
    {
        var configuration = workspace.Configuration(workspace.Directory);
        Heap.ReserveFor(files.Select(workspace.FullPath));
        var documents = files.Select(f => FindingsReader.Read(workspace.FullPath(f))).ToList();
        var merged = Merge.Of(documents, configuration.Gate, configuration.Waivers);
        var file = output is null ? workspace.FindingsFile : workspace.FullPath(output);
        AtomicFile.Write(file, stream => FindingsWriter.Write(stream, merged), FindingsWriter.Length(merged));
        if (output is null)
        {
            AtomicFile.Write(Path.Combine(workspace.Folder, "gate.json"), stream => FindingsWriter.Write(stream, merged.Gate!));
        }

        if (workspace.Options.Json)
        {
            workspace.Terminal.Result(File.ReadAllText(file));
        }

        TerminalReport.Write(workspace.Terminal, merged);
        return ExitCode.Clean;
    }
}
