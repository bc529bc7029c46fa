using SecOps.Findings;

namespace SecOps.Scanners.Sonar;

/// <summary>SonarQube's severities: the old words of issues, the newer ones of <c>impacts</c>, the probability of hotspots.</summary>
internal static class SonarSeverity
{
    private static readonly string[] ImpactsWorstFirst = ["BLOCKER", "HIGH", "MEDIUM", "LOW", "INFO"];

    /// <param name="newScale">Of an impact or hotspot, where HIGH, MEDIUM and LOW are the words.</param>
    public static Severity Of(string? word, bool newScale) => word?.ToUpperInvariant() switch
    {
        "BLOCKER" => Severity.Critical,
        "CRITICAL" => Severity.High,
        "MAJOR" => Severity.Medium,
        "MINOR" => Severity.Low,
        "INFO" => Severity.Info,
        "HIGH" when newScale => Severity.High,
        "MEDIUM" when newScale => Severity.Medium,
        "LOW" when newScale => Severity.Low,
        _ => Severity.Unknown,
    };

    /// <summary>The worst of the impacts on security, reliability and maintainability; null when there is none.</summary>
    public static string? WorstImpact(ReportNode impacts)
    {
        var words = impacts.Items.Select(i => i["severity"].Text?.ToUpperInvariant()).ToList();
        return Array.Find(ImpactsWorstFirst, words.Contains);
    }
}
