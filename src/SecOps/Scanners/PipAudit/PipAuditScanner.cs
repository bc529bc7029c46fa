using SecOps.Toolbox;

namespace SecOps.Scanners.PipAudit;

/// <summary>pip-audit (https://github.com/pypa/pip-audit): vulnerable Python dependencies, without an account.</summary>
public sealed class PipAuditScanner : IScanner
{
    public string Name => "pip-audit";

    public ToolSpecification Tool { get; } = new("pip-audit", "pip-audit");

    public bool Fits(ScanTarget target) => target is SourceTarget source && source.Files.Any(PythonPackage.IsRequirements);

    public IReadOnlyList<ScannerCall> Plan(ScanTarget target, PlanContext context)
    {
        var files = ((SourceTarget)target).Files.Where(PythonPackage.IsRequirements);
        return [.. files.Select((file, i) =>
        {
            var report = Path.Combine(context.ReportFolder, $"{i}.json");
            return new ScannerCall(["--format", "json", "--output", report, "--progress-spinner", "off", "--requirement", "./" + file], report) { Manifest = file };
        })];
    }

    /// <summary>1 stands for findings and for errors alike: without a report it was an error.</summary>
    public ExitMeaning Meaning(int exitCode) => exitCode switch
    {
        0 => ExitMeaning.Clean,
        1 => ExitMeaning.Findings,
        _ => ExitMeaning.Failed,
    };

    public void Read(Stream report, ReportSink sink) => PipAuditReport.Read(report, sink);
}
