namespace SecOps.Scanners.Sonar;

/// <summary>SonarQube (https://docs.sonarsource.com/sonarqube-server): issues and security hotspots.</summary>
public sealed class SonarScanner : IReportReader
{
    public string Name => "sonarqube";

    public void Read(Stream report, ReportSink sink) => SonarReport.Read(report, sink);
}
