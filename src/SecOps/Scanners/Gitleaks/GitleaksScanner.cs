using SecOps.Toolbox;

namespace SecOps.Scanners.Gitleaks;

/// <summary>gitleaks (https://github.com/gitleaks/gitleaks): secrets in files.</summary>
public sealed class GitleaksScanner : IScanner
{
    public string Name => "gitleaks";

    public ToolSpecification Tool { get; } = new("gitleaks", "gitleaks") { VersionArguments = ["version"], OldestGood = new Version(8, 0), Image = new(ToolNetwork.None) };

    public bool Fits(ScanTarget target) => target is SourceTarget { Files.Count: > 0 };

    public IReadOnlyList<ScannerCall> Plan(ScanTarget target, PlanContext context)
    {
        var source = (SourceTarget)target;
        var report = Path.Combine(context.ReportFolder, "report.json");
        // Redacted at the source: what is written here is kept, and uploaded.
        return
        [
            new ScannerCall(
                ["detect", "--no-git", "--redact", "--no-banner", "--report-format", "json", "--report-path", report, "--exit-code", "0", "--source", source.Path.Length > 0 ? "./" + source.Path : "."],
                report),
        ];
    }

    public ExitMeaning Meaning(int exitCode) => exitCode == 0 ? ExitMeaning.Clean : ExitMeaning.Failed;

    public void Read(Stream report, ReportSink sink) => GitleaksReport.Read(report, sink);
}
