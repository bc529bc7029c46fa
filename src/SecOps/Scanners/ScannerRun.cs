using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using SecOps.Findings;
using SecOps.Processes;
using SecOps.Toolbox;

namespace SecOps.Scanners;

/// <summary>Runs scanners together, each to its end, its time limit or its failure, and reads what they report. Nothing a scanner does ends the others.</summary>
/// <param name="rawFolder">Gets the tools' own reports.</param>
/// <param name="jobs">How many processes may keep cores busy at once; null: one a core.</param>
/// <param name="cacheFolder">Keeps results by file; null: nothing is kept.</param>
public sealed class ScannerRun(
    ProcessRunner processes, Redactor redactor, ToolFinder tools, string rawFolder, IScanProgress progress, string? cacheFolder = null, ScannerSettings? settings = null, int? jobs = null) : IDisposable
{
    private readonly ScannerSettings settings = settings ?? new ScannerSettings();
    private readonly int cores = jobs ?? Environment.ProcessorCount;
    private readonly SemaphoreSlim slots = new(jobs ?? Environment.ProcessorCount);
    private readonly ContainerTool containers = new(processes, settings ?? new ScannerSettings());

    public void Dispose() => slots.Dispose();

    /// <summary>One outcome a job, in the jobs' order. On cancellation the jobs under way are "cancelled", and what is complete is kept.</summary>
    public async Task<IReadOnlyList<ScanOutcome>> RunAsync(IReadOnlyList<ScanJob> jobs, CancellationToken cancellation) =>
        await Task.WhenAll(jobs.Select(job => Task.Run(() => RunAsync(job, cancellation), CancellationToken.None)));

    /// <summary>Reads a report from elsewhere.</summary>
    /// <exception cref="SecOpsException">The file is absent, broken, or another tool's.</exception>
    public static ScanOutcome Import(ImportJob job, string root, ScannerSettings? settings = null)
    {
        var clock = Stopwatch.StartNew();
        var sink = new ReportSink(job.Reader.Name, root) { WithLicenses = settings?.Licenses ?? false };
        try
        {
            using var report = ReportText.Open(job.File);
            job.Reader.Read(report, sink);
        }
        catch (Exception e) when (e is SecOpsException { Code: not ExitCode.Usage } or InvalidDataException)
        {
            throw SecOpsException.Tool($"{job.File} cannot be imported as {job.Reader.Name}: {e.Message}", e);
        }

        return Outcome(sink, job.File, required: true, "import", clock.Elapsed);
    }

    private async Task<ScanOutcome> RunAsync(ScanJob job, CancellationToken cancellation)
    {
        progress.Started(job);
        var earlier = job.Earlier is { } before && job.Scanner.Fits(before) && !IsByFile(job.Scanner) ? EarlierAsync(job with { Target = before }, cancellation) : null;
        var outcome = await TryRunAsync(job, rawFolder, cancellation);
        progress.Ended(job, outcome.Coverage);
        return earlier is null ? outcome : outcome with { Earlier = await earlier };
    }

    /// <summary>A scan of its own, whose reports nobody keeps.</summary>
    private async Task<IReadOnlyList<Finding>> EarlierAsync(ScanJob job, CancellationToken cancellation)
    {
        var raw = Directory.CreateTempSubdirectory("secops-raw-");
        try
        {
            return (await TryRunAsync(job, raw.FullName, cancellation)).Findings;
        }
        finally
        {
            raw.Delete(recursive: true);
        }
    }

    /// <summary>Then the earlier files are scanned along with the others.</summary>
    private bool IsByFile(IScanner scanner) => scanner is IFileScanner && tools.Find(scanner.Tool) is { Source: "native" };

    private async Task<ScanOutcome> TryRunAsync(ScanJob job, string rawFolder, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        ScanOutcome NotDone(CoverageStatus status, string? message, bool nothingToScan = false) => new(
            new Coverage
            {
                Scanner = job.Scanner.Name,
                Target = job.Target.Shown,
                Status = status,
                Message = message,
                Required = job.Required,
                DurationMs = clock.ElapsedMilliseconds,
                NothingToScan = nothingToScan,
            },
            []);

        if (!job.Scanner.Fits(job.Target))
        {
            return NotDone(CoverageStatus.Skipped, "nothing for it to scan here", nothingToScan: true);
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(job.Timeout);
        try
        {
            var location = await tools.FindAsync(job.Scanner.Tool, limit.Token);
            if (location is null && job.MayUseContainer)
            {
                location = await containers.FindAsync(job.Scanner.Tool, limit.Token);
            }

            return location is not null
                ? await ScanAsync(job, location, rawFolder, clock, limit.Token)
                : NotDone(CoverageStatus.Missing, $"{Sentence(ToolLock.Advice(job.Scanner.Tool))}, or leave it out with --skip {job.Scanner.Name}.");
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return NotDone(CoverageStatus.Cancelled, null);
        }
        catch (OperationCanceledException)
        {
            return NotDone(CoverageStatus.TimedOut, $"it was ended after {Durations.Show(job.Timeout)}; --timeout allows more");
        }
        catch (SecOpsException e)
        {
            return NotDone(e.Code == ExitCode.Incomplete ? CoverageStatus.Missing : CoverageStatus.Failed, e.Message);
        }
        catch (ToolNotFoundException e)
        {
            return NotDone(CoverageStatus.Missing, e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return NotDone(CoverageStatus.Failed, e.Message);
        }
    }

    private static string Sentence(string advice) => char.ToUpperInvariant(advice[0]) + advice[1..];

    private async Task<ScanOutcome> ScanAsync(ScanJob job, ToolLocation location, string rawFolder, Stopwatch clock, CancellationToken cancellation)
    {
        if (job.Target is UrlTarget { Address: var address })
        {
            await ReachAsync(address, cancellation);
        }

        using var exclusive = job.Scanner.IsExclusive ? await ToolLockFile.TakeAsync(job.Scanner.Name, cancellation) : null;
        using var raw = new RawReports(rawFolder, job.Scanner.Name);
        var sink = NewSink(job, "", null);
        // The version is asked while the scan runs: starting an interpreter twice in a row would double a small scan's time.
        var version = location.Source == "native" ? tools.VersionAsync(job.Scanner.Tool, location, cancellation) : Task.FromResult(ContainerTool.VersionOf(location));
        var context = new PlanContext(raw.Folder, location, settings);
        IReadOnlyList<Finding> earlier = [];
        List<string> reports;
        if (job.Scanner is IFileScanner files && job.Target is SourceTarget source && location.Source == "native")
        {
            var report = Path.Combine(raw.Folder, "report.json");
            earlier = await FilesAsync(files, new FileTree(source, report), job, location, version, sink, cancellation);
            reports = [report];
        }
        else
        {
            var calls = job.Scanner.Plan(job.Target, context);
            await Task.WhenAll(calls.Select(call => CallAsync(job, location, call, sink, cancellation)));
            reports = [.. calls.Where(c => !c.IsAboutTool).Select(c => c.Report)];
        }

        if (job.Scanner is IServerScanner server)
        {
            reports = [.. await server.FetchAsync(job.Target, context, sink, cancellation)];
            foreach (var report in reports)
            {
                Read(job, report, sink);
            }
        }

        raw.Keep(reports, redactor);
        sink.ToolVersion ??= await version;
        if (ToolVersion.IsTooOld(job.Scanner.Tool, sink.ToolVersion))
        {
            sink.Note = $"version {sink.ToolVersion} is older than {job.Scanner.Tool.OldestGood} and misses findings; {ToolLock.Advice(job.Scanner.Tool)}";
        }

        return Outcome(sink, job.Target.Shown, job.Required, location.Source, clock.Elapsed) with { Earlier = earlier };
    }

    /// <summary>Web scanners take an application that is not there for one without weaknesses.</summary>
    private static async Task ReachAsync(Uri address, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(address.IdnHost.Trim('[', ']'), address.Port, limit.Token);
        }
        catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw SecOpsException.Tool($"nothing answers at {address.GetLeftPart(UriPartial.Authority)} ({(e is SocketException ? e.Message : "within 20 s")}). Start the application, or name the address it listens on.");
        }
    }

    /// <returns>What is found in the earlier files, where there are any.</returns>
    private async Task<IReadOnlyList<Finding>> FilesAsync(
        IFileScanner scanner, FileTree now, ScanJob job, ToolLocation location, Task<string?> version, ReportSink sink, CancellationToken cancellation)
    {
        var before = job.Earlier is null ? null : new FileTree(job.Earlier, now.Report + ".earlier");
        FileTree[] trees = before is null ? [now] : [now, before];
        // A configuration may have changed, and it may name paths: then each is scanned where it stands.
        FileScan[] scans = trees.Any(t => scanner.ConfigurationOf(t.Target).Length > 0)
            ? [.. trees.Select(t => new FileScan(scanner, [t], cacheFolder, redactor))]
            : [new FileScan(scanner, trees, cacheFolder, redactor)];
        var ended = await Task.WhenAll(scans.Select(scan => scan.RunAsync(location, version, call => StartAsync(job, location, call, cancellation), cores)));
        var leftOut = ended[0];
        if (leftOut.Count > 0)
        {
            var names = string.Join(", ", leftOut.Take(3)) + (leftOut.Count > 3 ? ", …" : "");
            sink.Note = string.Create(CultureInfo.InvariantCulture, $"{leftOut.Count} files left out by its own configuration: {names}");
        }

        Read(job, now.Report, sink);
        if (before is null)
        {
            return [];
        }

        var earlier = NewSink(job with { Target = before.Target }, "", null);
        Read(job, before.Report, earlier);
        return earlier.Findings;
    }

    /// <summary>Runs one call and reads its report into the sink.</summary>
    private async Task CallAsync(ScanJob job, ToolLocation location, ScannerCall call, ReportSink sink, CancellationToken cancellation)
    {
        if (call.IsAboutTool)
        {
            await AboutToolAsync(job, location, call, sink, cancellation);
            return;
        }

        await StartAsync(job, location, call, cancellation);
        if (job.Scanner is IServerScanner)
        {
            return;
        }

        var part = NewSink(job, call.PathPrefix, call.Manifest);
        Read(job, call.Report, part);
        lock (sink)
        {
            sink.Take(part);
        }
    }

    private async Task AboutToolAsync(ScanJob job, ToolLocation location, ScannerCall call, ReportSink sink, CancellationToken cancellation)
    {
        var part = NewSink(job, "", null);
        try
        {
            await StartAsync(job, location, call, cancellation);
            using var output = ReportText.Open(call.Report);
            job.Scanner.ReadAboutTool(output, part);
        }
        catch (SecOpsException)
        {
            // Then its version and the age of its database stay unknown.
        }

        lock (sink)
        {
            sink.Take(part);
        }
    }

    /// <summary>Runs one call to its end; its report is there afterwards.</summary>
    private async Task StartAsync(ScanJob job, ToolLocation location, ScannerCall call, CancellationToken cancellation)
    {
        if (call.IsBusy)
        {
            await slots.WaitAsync(cancellation);
        }

        var container = location.Source == "container" ? $"secops-{job.Scanner.Name}-{Guid.NewGuid():N}" : null;
        try
        {
            var process = container is null
                ? new ProcessCall(location.Path, call.Arguments)
                {
                    WorkingDirectory = call.WorkingDirectory ?? Root(job.Target),
                    Environment = call.Environment,
                    OutputFile = call.ReportOnOutput ? call.Report : null,
                }
                : await containers.WrapAsync(job.Scanner.Tool, location, call, job.Target, container);
            var result = await processes.RunAsync(process, cancellation);
            if (job.Scanner.Meaning(result.ExitCode) == ExitMeaning.Failed)
            {
                throw SecOpsException.Tool($"exit code {result.ExitCode}: {result.LastLine()}");
            }

            if (!File.Exists(call.Report))
            {
                throw SecOpsException.Tool($"it wrote no report and ended with {result.ExitCode}: {result.LastLine()}");
            }

            if (container is not null)
            {
                ContainerTool.TakeOver(call.Report);
            }
        }
        catch (OperationCanceledException) when (container is not null)
        {
            await containers.RemoveAsync(container);
            throw;
        }
        finally
        {
            if (call.IsBusy)
            {
                slots.Release();
            }
        }
    }

    private static void Read(ScanJob job, string file, ReportSink sink)
    {
        using var report = ReportText.Open(file);
        job.Scanner.Read(report, sink);
    }

    private ReportSink NewSink(ScanJob job, string prefix, string? manifest) =>
        new(job.Scanner.Name, Root(job.Target)) { Prefix = prefix, Manifest = manifest, WithLicenses = settings.Licenses };

    private static string Root(ScanTarget target) => target is SourceTarget source ? source.Root : Directory.GetCurrentDirectory();

    private static ScanOutcome Outcome(ReportSink sink, string target, bool required, string source, TimeSpan duration) => new(
        new Coverage
        {
            Scanner = sink.Scanner,
            Version = sink.ToolVersion,
            Target = target,
            Status = sink.Failure is null ? CoverageStatus.Completed : CoverageStatus.Failed,
            Findings = sink.Entries,
            DurationMs = (long)duration.TotalMilliseconds,
            Message = sink.Failure ?? (string.Join("; ", new[] { sink.Note, sink.Quality?.Sentence }.OfType<string>()) is { Length: > 0 } text ? text : null),
            Required = required,
            Source = source,
            DatabaseDate = sink.DatabaseDate,
            Quality = sink.Quality,
            Unread = sink.UnreadFiles,
        },
        sink.Findings);
}
