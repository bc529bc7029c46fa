namespace SecOps.Scanners.Sarif;

/// <summary>SARIF of any tool (https://docs.oasis-open.org/sarif/sarif/v2.1.0/).</summary>
public sealed class SarifReader : IReportReader
{
    public string Name => "sarif";

    public void Read(Stream report, ReportSink sink) => SarifReport.Read(report, sink);
}
