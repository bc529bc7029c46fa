namespace SecOps.Scanners.PipAudit;

/// <summary>pip-audit (https://github.com/pypa/pip-audit): vulnerable Python dependencies, without an account.</summary>
public sealed class PipAuditScanner : IReportReader
{
    public string Name => "pip-audit";

    public void Read(Stream report, ReportSink sink) => PipAuditReport.Read(report, sink);
}
