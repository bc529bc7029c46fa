using SecOps.Toolbox;

namespace SecOps.Scanners.Zap;

/// <summary>ZAP (https://www.zaproxy.org): a running web application, from outside; installed, or in its container.</summary>
public sealed class ZapScanner : IScanner
{
    public string Name => "zap";

    public ToolSpecification Tool { get; } = new("zap", OperatingSystem.IsWindows() ? "zap.bat" : "zap.sh")
    {
        VersionArguments = ["-cmd", "-version"],
        Image = new(ToolNetwork.Host) { OwnUser = true },
    };

    public bool Fits(ScanTarget target) => target is UrlTarget;

    public IReadOnlyList<ScannerCall> Plan(ScanTarget target, PlanContext context)
    {
        var url = ((UrlTarget)target).Address.AbsoluteUri;
        var report = Path.Combine(context.ReportFolder, "report.json");
        if (!context.InContainer)
        {
            return
            [
                new ScannerCall(["-cmd", "-quickurl", url, "-quickout", report, "-dir", Path.Combine(context.ReportFolder, "home")], report) { WorkingDirectory = context.ReportFolder },
            ];
        }

        // The packaged scans write below /zap/wrk alone.
        var (script, kind) = context.Settings.ZapMode switch
        {
            "full" => ("zap-full-scan.py", Array.Empty<string>()),
            "api" => ("zap-api-scan.py", ["-f", "openapi"]),
            _ => ("zap-baseline.py", []),
        };
        return
        [
            new ScannerCall(["-t", url, .. kind, "-J", "report.json"], report)
            {
                ContainerExecutable = script,
                ContainerReportFolder = "/zap/wrk",
            },
        ];
    }

    /// <summary>1 and 2: alerts at the level of failure or warning.</summary>
    public ExitMeaning Meaning(int exitCode) => exitCode switch
    {
        0 => ExitMeaning.Clean,
        1 or 2 => ExitMeaning.Findings,
        _ => ExitMeaning.Failed,
    };

    public void Read(Stream report, ReportSink sink) => ZapReport.Read(report, sink);
}
