using System.Globalization;
using SecOps.Aws;
using SecOps.Configuration;
using SecOps.Findings;
using SecOps.GitHub;
using SecOps.Graylog;
using SecOps.Reports;

namespace SecOps.Commands;

/// <summary>Writes reports into <c>reports/</c>, then sends what is asked for. One system's failure does not keep another from its report.</summary>
internal sealed class ReportOperation(Workspace workspace, IReadOnlyList<string> formats, IReadOnlyList<string> systems)
{
    public static readonly IReadOnlyList<string> Destinations = ["github", "graylog", "s3", "defectdojo"];

    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var read = FindingsReader.Read(workspace.FindingsFile);
        // Also a file from elsewhere is shown worst first, each finding once.
        var document = read with { Findings = [.. read.Findings.DistinctBy(f => f.Id).Order(FindingOrder.Instance)] };
        if (workspace.Options.Offline && systems.Count > 0)
        {
            throw SecOpsException.Usage($"--to {string.Join(',', systems)} needs the network, and --offline forbids it.");
        }

        if (formats.Count + systems.Count == 0 && workspace.Options.Json)
        {
            using var json = new MemoryStream();
            FindingsWriter.Write(json, document);
            workspace.Terminal.Result(System.Text.Encoding.UTF8.GetString(json.ToArray()));
        }
        else if (formats.Count + systems.Count == 0)
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
        foreach (var writer in ReportList.Writers.Where(Wanted))
        {
            var file = FileOf(writer);
            IReadOnlyList<string> leftOut = [];
            AtomicFile.Write(file, stream => leftOut = writer.Write(stream, document));
            workspace.Terminal.Say(Path.GetRelativePath(workspace.Directory, file));
            foreach (var note in leftOut)
            {
                workspace.Terminal.Progress($"{writer.FileName}: {note}");
            }
        }
    }

    /// <summary>What is asked for; what S3 keeps is of this run, so a report that an earlier one left is written anew.</summary>
    private bool Wanted(IReportWriter writer) =>
        formats.Contains(writer.Format) || (systems.Contains("s3") && (writer.Format is "html" or "sarif" || File.Exists(FileOf(writer))));

    private string FileOf(IReportWriter writer) => Path.Combine(workspace.Folder, "reports", writer.FileName);

    private async Task<IReadOnlyList<string>> SendAsync(string system, FindingsDocument document, CancellationToken cancellation)
    {
        var section = workspace.Configuration(workspace.Directory).Report;
        try
        {
            return system switch
            {
                "graylog" => await GraylogAsync(section.Graylog, document, cancellation),
                "s3" => await S3Async(section.S3, document, cancellation),
                "defectdojo" => await DefectDojoAsync(section.DefectDojo, document, cancellation),
                _ => await GitHubAsync(section, document, cancellation),
            };
        }
        catch (Exception e) when (e is AwsException or IOException or UnauthorizedAccessException)
        {
            return [$"{system}: {e.Message}"];
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
        var spool = new GelfSpool(Path.Combine(workspace.Folder, "graylog"), address.Uri.AbsoluteUri);
        var project = section.ProjectKey ?? workspace.Variable("GITHUB_REPOSITORY") ?? Path.GetFileName(workspace.RootOf(workspace.Directory).Root);
        var (messages, left) = GraylogMessages.Of(document, Environment.MachineName, project, section.Findings);
        using var held = await spool.LockAsync(cancellation);
        var dropped = spool.Add(messages);
        if (dropped > 0)
        {
            workspace.Terminal.Say(string.Create(CultureInfo.InvariantCulture, $"Graylog: {dropped} of the oldest waiting messages were given up; the folder is full."));
        }

        if (left > 0)
        {
            workspace.Terminal.Say(string.Create(CultureInfo.InvariantCulture, $"Graylog: {left} findings, the least severe, got no message of their own."));
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

    private async Task<IReadOnlyList<string>> S3Async(S3ReportSection section, FindingsDocument document, CancellationToken cancellation)
    {
        var bucket = section.Bucket ?? throw SecOpsException.Usage("report.s3.bucket is not set: write it into secops.yml, or set SECOPS_REPORT_S3_BUCKET.");
        using var aws = new AwsClients(new AwsSettings { Region = AwsSettings.ResolveRegion(section.Region, workspace.Variable), Variable = workspace.Variable });
        var (count, address) = await new S3Publisher(aws.S3, bucket, section.Prefix, section.KmsKey).PublishAsync(document, workspace.Folder, cancellation);
        workspace.Terminal.Say(string.Create(CultureInfo.InvariantCulture, $"S3: {count} files written to {address}."));
        return [];
    }

    private async Task<IReadOnlyList<string>> DefectDojoAsync(DefectDojoReportSection section, FindingsDocument document, CancellationToken cancellation)
    {
        if (section.Url is not { } url || !Uri.TryCreate(url, UriKind.Absolute, out var server))
        {
            throw SecOpsException.Usage("report.defectdojo.url is not set, or is no address: write e.g. https://defectdojo.example into secops.yml.");
        }

        var token = workspace.Variable(section.TokenVariable) is { Length: > 0 } value ? value : throw SecOpsException.Usage($"{section.TokenVariable} is not set: it has to hold DefectDojo's API key.");
        var product = section.Product ?? workspace.Variable("GITHUB_REPOSITORY") ?? Path.GetFileName(workspace.RootOf(workspace.Directory).Root);
        using var publisher = new DefectDojoPublisher(server, token, workspace.Redactor);
        if (await publisher.PublishAsync(document, section.ProductType, product, section.Engagement, cancellation) is { } failure)
        {
            return [failure];
        }

        workspace.Terminal.Say($"DefectDojo: findings imported into {product}, {section.Engagement}.");
        return [];
    }
}
