namespace SecOps.Scanners.Safety;

/// <summary>Safety (https://docs.safetycli.com): vulnerable Python dependencies.</summary>
public sealed class SafetyScanner : IReportReader
{
    public string Name => "safety";

    public void Read(Stream report, ReportSink sink) => SafetyReport.Read(report, sink);
}
