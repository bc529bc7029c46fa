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
/// caching, redaction, coverage and gating exist once, outside.
/// </summary>
public interface IScanner : IReportReader
{
    ToolSpecification Tool { get; }

    /// <summary>Whether the target holds something for this scanner. Cheap: no process, no reading.</summary>
    bool Fits(ScanTarget target);

    /// <summary>
    /// Whether somebody set it up here, for scanners that need a server or an account: where nobody did, nobody misses it. Asked for by
    /// name it is planned all the same, and says what is not set.
    /// </summary>
    bool IsSetUp(ScanTarget target, ScannerSettings settings) => true;

    /// <summary>The calls that scan the target; none when there is nothing to scan. They may run together.</summary>
    /// <exception cref="SecOpsException">With exit code 3: something that the scanner needs is not there; the message says what.</exception>
    IReadOnlyList<ScannerCall> Plan(ScanTarget target, PlanContext context);

    ExitMeaning Meaning(int exitCode);

    /// <summary>Of the tool's processes one may run at a time on this machine.</summary>
    bool IsExclusive => false;

    /// <summary>Reads what a call with <see cref="ScannerCall.IsAboutTool"/> printed.</summary>
    void ReadAboutTool(Stream output, ReportSink sink)
    {
    }
}

/// <summary>A scanner whose result for a file depends on that file, its path and the configuration alone: split over the cores, and cached.</summary>
public interface IFileScanner : IScanner
{
    /// <summary>Those of the target's files that it looks at.</summary>
    IEnumerable<string> FilesOf(SourceTarget target);

    /// <summary>What else results depend on: the options of the call, and the content of the configuration.</summary>
    string ConfigurationOf(SourceTarget target);

    /// <summary>The call for some of the files; a full path stands for a file of another tree.</summary>
    ScannerCall PlanFiles(SourceTarget target, IReadOnlyList<string> files, string report);

    /// <summary>The report's parts by file, as the tool names it; a file that the tool left out by its own configuration has none.</summary>
    /// <param name="relative">A name of the tool to the path that the part shall name.</param>
    IReadOnlyDictionary<string, string> Split(Stream report, Func<string, string> relative);

    /// <summary>One report of the parts.</summary>
    void Join(IEnumerable<string> parts, Stream report);
}

/// <summary>A scanner whose findings are kept by a server: they are fetched after the call.</summary>
public interface IServerScanner : IScanner
{
    /// <summary>Waits for the server and saves its answers. What it says of the project as a whole goes into the sink at once.</summary>
    /// <returns>Full paths of the reports, in the report folder.</returns>
    Task<IReadOnlyList<string>> FetchAsync(ScanTarget target, PlanContext context, ReportSink sink, CancellationToken cancellation);
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

    /// <summary>Keeps a core busy: no more of these at once than there are cores.</summary>
    public bool IsBusy { get; init; }

    /// <summary>Tells about the tool and its database, not about the target. Its failure is none of the scan.</summary>
    public bool IsAboutTool { get; init; }

    /// <summary>See <see cref="ReportSink.Prefix"/>.</summary>
    public string PathPrefix { get; init; } = "";

    /// <summary>See <see cref="ReportSink.Manifest"/>.</summary>
    public string? Manifest { get; init; }

    /// <summary>In a container, the program to start where it is not the tool's usual one.</summary>
    public string? ContainerExecutable { get; init; }

    /// <summary>In a container, where the report's folder appears; null: at its own path.</summary>
    public string? ContainerReportFolder { get; init; }
}

/// <summary>What a plan may use.</summary>
/// <param name="ReportFolder">An empty folder for this scanner's reports; exists.</param>
/// <param name="Location">The tool as it was found.</param>
/// <param name="Settings">What the user configured.</param>
public sealed record PlanContext(string ReportFolder, ToolLocation Location, ScannerSettings Settings)
{
    public bool InContainer => Location.Source == "container";
}
