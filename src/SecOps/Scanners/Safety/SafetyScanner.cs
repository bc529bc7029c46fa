using SecOps.Toolbox;

namespace SecOps.Scanners.Safety;

/// <summary>Safety (https://docs.safetycli.com): vulnerable Python dependencies. Needs an account; pip-audit does not.</summary>
public sealed class SafetyScanner : IScanner
{
    private const string KeyVariable = "SAFETY_API_KEY";

    public string Name => "safety";

    public ToolSpecification Tool { get; } = new("safety", "safety");

    public bool Fits(ScanTarget target) => target is SourceTarget source && source.Files.Any(PythonPackage.IsRequirements);

    public bool IsSetUp(ScanTarget target, ScannerSettings settings) => !string.IsNullOrEmpty(settings.Variable(KeyVariable));

    public IReadOnlyList<ScannerCall> Plan(ScanTarget target, PlanContext context)
    {
        // Without a key it asks on the terminal, and dies in CI (pyupio/safety#668).
        if (string.IsNullOrEmpty(context.Settings.Variable(KeyVariable)))
        {
            throw SecOpsException.Incomplete($"{KeyVariable} is not set. Set it, or use pip-audit, which needs no account: --skip safety.");
        }

        var files = ((SourceTarget)target).Files.Where(PythonPackage.IsRequirements);
        return [.. files.Select((file, i) => new ScannerCall(["check", "--json", "--file", "./" + file], Path.Combine(context.ReportFolder, $"{i}.json"))
        {
            ReportOnOutput = true,
            Manifest = file,
        })];
    }

    public ExitMeaning Meaning(int exitCode) => exitCode switch
    {
        0 => ExitMeaning.Clean,
        // 255 in versions before 2.0.
        64 or 255 => ExitMeaning.Findings,
        _ => ExitMeaning.Failed,
    };

    public void Read(Stream report, ReportSink sink) => SafetyReport.Read(report, sink);
}
