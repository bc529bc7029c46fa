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

    /// <summary>BUG, VULNERABILITY, CODE_SMELL or SECURITY_HOTSPOT; of an issue that only has impacts, what they come closest to; null when it has neither.</summary>
    public static string? TypeOf(ReportNode issue)
    {
        var qualities = issue["impacts"].Items.Select(i => i["softwareQuality"].Text).ToList();
        return issue["type"].Text
            ?? (qualities.Contains("SECURITY") ? "VULNERABILITY" : qualities.Contains("RELIABILITY") ? "BUG" : qualities.Contains("MAINTAINABILITY") ? "CODE_SMELL" : null);
    }

    /// <summary>The worst of the impacts on security, reliability and maintainability; null when there is none.</summary>
    public static string? WorstImpact(ReportNode impacts)
    {
        var words = impacts.Items.Select(i => i["severity"].Text?.ToUpperInvariant()).ToList();
        return Array.Find(ImpactsWorstFirst, words.Contains);
    }
}
