namespace SecOps.Scanners.Trivy;

/// <summary>Trivy (https://trivy.dev): vulnerable dependencies, misconfigurations and secrets.</summary>
public sealed class TrivyScanner : IReportReader
{
    public string Name => "trivy";

    public void Read(Stream report, ReportSink sink) => TrivyReport.Read(report, sink);
}
