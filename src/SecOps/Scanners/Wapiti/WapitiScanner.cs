using SecOps.Toolbox;

namespace SecOps.Scanners.Wapiti;

/// <summary>Wapiti (https://wapiti-scanner.github.io): a running web application, from outside, without a container.</summary>
public sealed class WapitiScanner : IScanner
{
    public string Name => "wapiti";

    public ToolSpecification Tool { get; } = new("wapiti", "wapiti");

    public bool Fits(ScanTarget target) => target is UrlTarget;

    public IReadOnlyList<ScannerCall> Plan(ScanTarget target, PlanContext context)
    {
        var report = Path.Combine(context.ReportFolder, "report.json");
        List<string> arguments =
        [
            "-u", ((UrlTarget)target).Address.AbsoluteUri, "-f", "json", "-o", report, "-v", "0", "--flush-session", "--no-bugreport",
            // What it learns of the application goes with the scan, not into the home folder.
            "--store-session", Path.Combine(context.ReportFolder, "session"), "--store-config", Path.Combine(context.ReportFolder, "config"),
        ];
        if (context.Settings.WapitiModules is { } modules)
        {
            arguments.AddRange(["-m", modules]);
        }

        return [new ScannerCall(arguments, report) { WorkingDirectory = context.ReportFolder }];
    }

    public ExitMeaning Meaning(int exitCode) => exitCode == 0 ? ExitMeaning.Clean : ExitMeaning.Failed;

    public void Read(Stream report, ReportSink sink) => WapitiReport.Read(report, sink);
}
