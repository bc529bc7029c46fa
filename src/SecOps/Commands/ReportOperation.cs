using SecOps.Configuration;
using SecOps.Findings;
using SecOps.GitHub;
using SecOps.Reports;

namespace SecOps.Commands;

/// <summary>Writes reports into <c>reports/</c>, then sends what is asked for. One system's failure does not keep another from its report.</summary>
internal sealed class ReportOperation(Workspace workspace, IReadOnlyList<string> formats, IReadOnlyList<string> systems)
{
    public static readonly IReadOnlyList<string> Destinations = ["github"];

    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var document = FindingsReader.Read(workspace.FindingsFile);
        if (workspace.Options.Offline && systems.Count > 0)
        {
            throw SecOpsException.Usage($"--to {string.Join(',', systems)} needs the network, and --offline forbids it.");
        }

        if (formats.Count + systems.Count == 0)
        {
            TerminalReport.Write(workspace.Terminal, document);
        }

        Render(document);
        var failures = new List<string>();
        foreach (var system in systems)
        {
            failures.AddRange(await SendAsync(system, document, cancellation));
        }

        return failures.Count == 0 ? ExitCode.Clean : throw SecOpsException.Tool(string.Join("\n", failures));
    }

    private void Render(FindingsDocument document)
    {
        foreach (var writer in ReportList.Writers.Where(w => formats.Contains(w.Format)))
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
    }

    private async Task<IReadOnlyList<string>> SendAsync(string system, FindingsDocument document, CancellationToken cancellation)
    {
        var section = workspace.Configuration(workspace.Directory).Report;
        try
        {
            return system switch
            {
                _ => await GitHubAsync(section, document, cancellation),
            };
        }
        catch (SecOpsException e) when (systems.Count > 1)
        {
            return [$"{system}: {e.Message}"];
        }
    }

    private async Task<IReadOnlyList<string>> GitHubAsync(ReportSection section, FindingsDocument document, CancellationToken cancellation)
    {
        var context = GitHubContext.Read(workspace.Variable, document.Run.Commit, document.Run.Branch);
        using var client = new GitHubClient(context.Api, context.Token, workspace.Redactor, workspace.Clock);
        var publisher = new GitHubPublisher(client, context, workspace.Terminal, workspace.Clock) { Category = section.GitHub.Category, Root = workspace.RootOf(workspace.Directory).Root };
        return await publisher.PublishAsync(document, cancellation);
    }
}
