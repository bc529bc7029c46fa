using SecOps.Toolbox;

namespace SecOps.Scanners;

/// <summary>Reads one tool's report. What every import name stands for.</summary>
public interface IReportReader
{
    /// <summary>The name in <c>--import NAME=FILE</c>, <c>--only</c> and the coverage.</summary>
    string Name { get; }

    /// <summary>Reads the report as a stream into the sink, an entry at a time.</summary>
    /// <exception cref="SecOpsException">It is not this tool's report, or it is broken. Nothing half-read counts.</exception>
    void Read(Stream report, ReportSink sink);
}

/// <summary>
/// One scanner. Pure: says how the tool is called and what its answers mean; finding, running, timeouts, parallelism,
/// redaction, coverage and gating exist once, outside.
/// </summary>
public interface IScanner : IReportReader
{
    ToolSpecification Tool { get; }

    /// <summary>Whether the target holds something for this scanner. Cheap: no process, no reading.</summary>
    bool Fits(ScanTarget target);

    /// <summary>The calls that scan the target; none when there is nothing to scan. They may run together.</summary>
    IReadOnlyList<ScannerCall> Plan(ScanTarget target, PlanContext context);

    ExitMeaning Meaning(int exitCode);
}

/// <summary>What an exit code says. With <see cref="Failed"/> the report is not looked at.</summary>
public enum ExitMeaning { Clean, Findings, Failed }

/// <summary>One planned run of a tool.</summary>
/// <param name="Arguments">A list; no shell.</param>
/// <param name="Report">Full path of the file that the tool writes.</param>
public sealed record ScannerCall(IReadOnlyList<string> Arguments, string Report)
{
    /// <summary>Null: the target's root.</summary>
    public string? WorkingDirectory { get; init; }

    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>The tool prints its report: standard output goes to <see cref="Report"/>.</summary>
    public bool ReportOnOutput { get; init; }
}

/// <summary>What a plan may use.</summary>
/// <param name="ReportFolder">An empty folder for this scanner's reports; exists.</param>
/// <param name="Cores">How many processes may run at once.</param>
/// <param name="Location">The tool as it was found.</param>
public sealed record PlanContext(string ReportFolder, int Cores, ToolLocation Location);
