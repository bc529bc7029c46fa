namespace SecOps.Scanners.Wapiti;

/// <summary>Wapiti (https://wapiti-scanner.github.io): a running web application, from outside, without a container.</summary>
public sealed class WapitiScanner : IReportReader
{
    public string Name => "wapiti";

    public void Read(Stream report, ReportSink sink) => WapitiReport.Read(report, sink);
}
