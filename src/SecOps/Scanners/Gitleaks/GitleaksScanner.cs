namespace SecOps.Scanners.Gitleaks;

/// <summary>gitleaks (https://github.com/gitleaks/gitleaks): secrets in files.</summary>
public sealed class GitleaksScanner : IReportReader
{
    public string Name => "gitleaks";

    public void Read(Stream report, ReportSink sink) => GitleaksReport.Read(report, sink);
}
