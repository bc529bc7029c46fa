using System.Diagnostics;
using SecOps.Findings;
using SecOps.Processes;
using SecOps.Toolbox;

namespace SecOps.Scanners;

/// <summary>Runs scanners together, each to its end, its time limit or its failure, and reads what they report. Nothing a scanner does ends the others.</summary>
public sealed class ScannerRun(ProcessRunner processes, Redactor redactor, ToolFinder tools, string rawFolder, IScanProgress progress) : IDisposable
{
    private readonly int cores = Environment.ProcessorCount;
    private readonly SemaphoreSlim slots = new(Environment.ProcessorCount);

    public void Dispose() => slots.Dispose();

    /// <summary>One outcome a job, in the jobs' order. On cancellation the jobs under way are "cancelled", and what is complete is kept.</summary>
    public async Task<IReadOnlyList<ScanOutcome>> RunAsync(IReadOnlyList<ScanJob> jobs, CancellationToken cancellation) =>
        await Task.WhenAll(jobs.Select(job => Task.Run(() => RunAsync(job, cancellation), CancellationToken.None)));

    /// <summary>Reads a report from elsewhere.</summary>
    /// <exception cref="SecOpsException">The file is absent, broken, or another tool's.</exception>
    public static ScanOutcome Import(ImportJob job, string root)
    {
        var clock = Stopwatch.StartNew();
        var sink = new ReportSink(job.Reader.Name, root);
        try
        {
            using var report = ReportText.Open(job.File);
            job.Reader.Read(report, sink);
        }
        catch (SecOpsException e) when (e.Code != ExitCode.Usage)
        {
            throw SecOpsException.Tool($"{job.File} cannot be imported as {job.Reader.Name}: {e.Message}", e);
        }

        return Outcome(sink, job.File, required: true, "import", clock.Elapsed);
    }

    private async Task<ScanOutcome> RunAsync(ScanJob job, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        progress.Started(job);
        var outcome = await TryRunAsync(job, clock, cancellation);
        progress.Ended(job, outcome.Coverage);
        return outcome;
    }

    private async Task<ScanOutcome> TryRunAsync(ScanJob job, Stopwatch clock, CancellationToken cancellation)
    {
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
            return await tools.FindAsync(job.Scanner.Tool, limit.Token) is { } location
                ? await ScanAsync(job, location, clock, limit.Token)
                : NotDone(CoverageStatus.Missing, $"Run \"secops tools install {job.Scanner.Tool.Name}\", or leave it out with --skip {job.Scanner.Name}.");
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
            return NotDone(CoverageStatus.Failed, e.Message);
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

    private async Task<ScanOutcome> ScanAsync(ScanJob job, ToolLocation location, Stopwatch clock, CancellationToken cancellation)
    {
        using var raw = new RawReports(rawFolder, job.Scanner.Name);
        // The version is asked while the scan runs: starting an interpreter twice in a row would double a small scan's time.
        var version = tools.VersionAsync(job.Scanner.Tool, location, cancellation);
        var calls = job.Scanner.Plan(job.Target, new PlanContext(raw.Folder, cores, location));
        var sinks = await Task.WhenAll(calls.Select(call => CallAsync(job, location, call, cancellation)));
        var sink = new ReportSink(job.Scanner.Name, Root(job.Target));
        foreach (var part in sinks)
        {
            sink.Take(part);
        }

        raw.Keep(calls.Select(c => c.Report), redactor);
        sink.ToolVersion ??= await version;
        if (ToolVersion.IsTooOld(job.Scanner.Tool, sink.ToolVersion))
        {
            sink.Note = $"version {sink.ToolVersion} is older than {job.Scanner.Tool.OldestGood} and misses findings; run \"secops tools install {job.Scanner.Tool.Name}\"";
        }

        return Outcome(sink, job.Target.Shown, job.Required, location.Source, clock.Elapsed);
    }

    private async Task<ReportSink> CallAsync(ScanJob job, ToolLocation location, ScannerCall call, CancellationToken cancellation)
    {
        await slots.WaitAsync(cancellation);
        try
        {
            var result = await processes.RunAsync(
                new ProcessCall(location.Path, call.Arguments)
                {
                    WorkingDirectory = call.WorkingDirectory ?? Root(job.Target),
                    Environment = call.Environment,
                    OutputFile = call.ReportOnOutput ? call.Report : null,
                },
                cancellation);
            if (job.Scanner.Meaning(result.ExitCode) == ExitMeaning.Failed)
            {
                throw SecOpsException.Tool($"exit code {result.ExitCode}: {result.LastLine()}");
            }

            if (!File.Exists(call.Report))
            {
                throw SecOpsException.Tool($"it wrote no report and ended with {result.ExitCode}: {result.LastLine()}");
            }

            var sink = new ReportSink(job.Scanner.Name, Root(job.Target));
            using var report = ReportText.Open(call.Report);
            job.Scanner.Read(report, sink);
            return sink;
        }
        finally
        {
            slots.Release();
        }
    }

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
            Message = sink.Failure ?? sink.Note,
            Required = required,
            Source = source,
            DatabaseDate = sink.DatabaseDate,
            Unread = sink.UnreadFiles,
        },
        sink.Findings);
}
