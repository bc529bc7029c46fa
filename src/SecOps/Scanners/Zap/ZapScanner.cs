namespace SecOps.Scanners.Zap;

/// <summary>ZAP (https://www.zaproxy.org): a running web application, from outside.</summary>
public sealed class ZapScanner : IReportReader
{
    public string Name => "zap";

    public void Read(Stream report, ReportSink sink) => ZapReport.Read(report, sink);
}
