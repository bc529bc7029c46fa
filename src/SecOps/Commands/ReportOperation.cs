using System.Globalization;
using SecOps.Configuration;
using SecOps.Findings;
using SecOps.GitHub;
using SecOps.Graylog;
using SecOps.Reports;

namespace SecOps.Commands;

/// <summary>Writes reports into <c>reports/</c>, then sends what is asked for. One system's failure does not keep another from its report.</summary>
internal sealed class ReportOperation(Workspace workspace, IReadOnlyList<string> formats, IReadOnlyList<string> systems)
{
    public static readonly IReadOnlyList<string> Destinations = ["github", "graylog"];

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
                "graylog" => await GraylogAsync(section.Graylog, document, cancellation),
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

    /// <summary>What is to be said waits in a folder first, with what an earlier run could not deliver.</summary>
    private async Task<IReadOnlyList<string>> GraylogAsync(GraylogReportSection section, FindingsDocument document, CancellationToken cancellation)
    {
        var address = GelfAddress.Parse(section.Url ?? throw SecOpsException.Usage("report.graylog.url is not set: write it into secops.yml, or set SECOPS_REPORT_GRAYLOG_URL."));
        var spool = new GelfSpool(Path.Combine(workspace.Folder, "graylog"));
        var project = section.ProjectKey ?? workspace.Variable("GITHUB_REPOSITORY") ?? Path.GetFileName(workspace.RootOf(workspace.Directory).Root);
        var dropped = spool.Add(GraylogMessages.Of(document, Environment.MachineName, project, section.Findings));
        if (dropped > 0)
        {
            workspace.Terminal.Say(string.Create(CultureInfo.InvariantCulture, $"Graylog: {dropped} of the oldest waiting messages were given up; the folder is full."));
        }

        using var sender = new GelfSender(address);
        try
        {
            var sent = await spool.SendAsync(sender, cancellation);
            workspace.Terminal.Say(string.Create(CultureInfo.InvariantCulture, $"Graylog: {sent} messages sent to {address.Host}:{address.Port}."));
            return [];
        }
        catch (IOException e)
        {
            return [string.Create(CultureInfo.InvariantCulture, $"Graylog at {section.Url} cannot be reached: {e.Message}. {spool.Waiting().Count} messages wait in {spool.Folder} and are sent with the next \"secops report --to graylog\".")];
        }
    }
}
