using SecOps.Findings;
using SecOps.Processes;
using SecOps.Scanners;
using SecOps.Toolbox;

namespace SecOps.Remediation.Verification;

/// <summary>Scans the scratch tree with the scanners that are installed, suppressions in the source ignored: <c># nosec</c> is no fix.</summary>
internal sealed class Rescan(ProcessRunner processes, Redactor redactor, ToolFinder tools, IReadOnlyList<IScanner> scanners, TimeSpan limit)
{
    private readonly Dictionary<string, Coverage> coverage = new(StringComparer.Ordinal);

    /// <summary>How the first scan ended, a scanner each.</summary>
    public IReadOnlyDictionary<string, Coverage> Coverage => coverage;

    /// <summary>Installed, and its first scan was complete: what it did not see then can't be told from what is fixed.</summary>
    public bool CanRun(string scanner) =>
        scanners.Any(s => s.Name == scanner && tools.Find(s.Tool) is not null) && coverage.GetValueOrDefault(scanner)?.Status is null or CoverageStatus.Completed;

    /// <summary>Scanners that fit the files and are not installed.</summary>
    public IReadOnlyList<string> Missing(IReadOnlyList<string> files) =>
        [.. Fitting(Apart(".", "", files)).Where(s => tools.Find(s.Tool) is null).Select(s => s.Name)];

    /// <summary>Everything that all scanners find below a root.</summary>
    public async Task<IReadOnlyList<Finding>> AllAsync(string root, string shown, IReadOnlyList<string> files, string raw, bool honourSuppressions, CancellationToken cancellation)
    {
        var target = Apart(shown, root, files);
        var fitting = Fitting(target).Where(s => tools.Find(s.Tool) is not null).ToList();
        var outcomes = await RunAsync(fitting, target, raw, honourSuppressions, cancellation);
        foreach (var outcome in outcomes)
        {
            coverage.TryAdd(outcome.Coverage.Scanner, outcome.Coverage);
        }

        // Each scanner by itself: what two of them see is compared with what each sees later.
        return [.. outcomes.Where(o => o.Coverage.Status == CoverageStatus.Completed).SelectMany(o => Identity.Assign(o.Findings))];
    }

    /// <summary>What one scanner finds in the files.</summary>
    /// <exception cref="VerificationException">It failed, or could not read a file.</exception>
    public async Task<IReadOnlyList<Finding>> AgainAsync(string scanner, string root, IReadOnlyList<string> files, string raw, CancellationToken cancellation)
    {
        var target = Apart(".", root, files);
        var outcomes = await RunAsync([.. Fitting(target).Where(s => s.Name == scanner)], target, raw, false, cancellation);
        foreach (var outcome in outcomes)
        {
            if (!outcome.Coverage.IsComplete)
            {
                var unread = outcome.Coverage.Unread.Count > 0 ? $"{outcome.Coverage.Unread[0].Path}: {outcome.Coverage.Unread[0].Reason}" : outcome.Coverage.Message;
                throw new VerificationException(outcome.Coverage.Unread.Count > 0 ? "syntax" : "scan", $"{scanner} could not read it: {unread}");
            }
        }

        return Identity.Assign(outcomes.SelectMany(o => o.Findings));
    }

    private static SourceTarget Apart(string shown, string root, IReadOnlyList<string> files) => new(shown, root, files) { IsApart = true };

    private IEnumerable<IScanner> Fitting(SourceTarget target) => scanners.Where(s => s.Fits(target) && s.IsSetUp(target, new ScannerSettings()));

    private async Task<IReadOnlyList<ScanOutcome>> RunAsync(IReadOnlyList<IScanner> chosen, SourceTarget target, string raw, bool honourSuppressions, CancellationToken cancellation)
    {
        using var run = new ScannerRun(processes, redactor, tools, raw, new Silent());
        return await run.RunAsync([.. chosen.Select(s => new ScanJob(honourSuppressions ? s : new Unsuppressed(s), target, true, limit))], cancellation);
    }

    /// <summary>A scanner that is told to ignore suppressions in the source.</summary>
    private sealed class Unsuppressed(IScanner inner) : IScanner
    {
        public string Name => inner.Name;

        public ToolSpecification Tool => inner.Tool;

        public bool IsExclusive => inner.IsExclusive;

        public bool Fits(ScanTarget target) => inner.Fits(target);

        public IReadOnlyList<ScannerCall> Plan(ScanTarget target, PlanContext context) =>
            inner.Name != "bandit" ? inner.Plan(target, context)
                : [.. inner.Plan(target, context).Select(c => c with { Arguments = ["--ignore-nosec", .. c.Arguments] })];

        public ExitMeaning Meaning(int exitCode) => inner.Meaning(exitCode);

        public void Read(Stream report, ReportSink sink) => inner.Read(report, sink);
    }

    private sealed class Silent : IScanProgress
    {
        public void Started(ScanJob job)
        {
            // A scan of one file is too short to be told of.
        }

        public void Ended(ScanJob job, Coverage coverage)
        {
            // As above; the outcome of the fix is told.
        }
    }
}

/// <summary>A gate refused a fix.</summary>
internal sealed class VerificationException(string gate, string message) : Exception(message)
{
    /// <summary>One word for machines: still-found, new-finding, tests, syntax, suppression, …</summary>
    public string Gate { get; } = gate;
}
