using SecOps.Findings;

namespace SecOps.Scanners;

/// <summary>One scanner on one target.</summary>
public sealed record ScanJob(IScanner Scanner, ScanTarget Target, bool Required, TimeSpan Timeout)
{
    /// <summary>The target's files as they were before a change; see <see cref="ScanOutcome.Earlier"/>.</summary>
    public SourceTarget? Earlier { get; init; }

    /// <summary>Whether an image may stand in for the tool. Before a commit seconds count: then only for a scanner that has to run.</summary>
    public bool MayUseContainer => Required || Target is not SourceTarget { IsApart: true };
}

/// <summary>A report that exists already.</summary>
public sealed record ImportJob(IReportReader Reader, string File);

/// <summary>What came of a job.</summary>
public sealed record ScanOutcome(Coverage Coverage, IReadOnlyList<Finding> Findings)
{
    /// <summary>What the scanner finds in <see cref="ScanJob.Earlier"/>; nothing where that could not be scanned, which makes everything new.</summary>
    public IReadOnlyList<Finding> Earlier { get; init; } = [];
}

/// <summary>Watches jobs, for a display. Called from several threads.</summary>
public interface IScanProgress
{
    void Started(ScanJob job);

    void Ended(ScanJob job, Coverage coverage);
}
