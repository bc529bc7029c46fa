using SecOps.Findings;

namespace SecOps.Scanners.Safety;

/// <summary>Severity by CVSS: the third version's word, else the second one's score.</summary>
internal static class SafetySeverity
{
    public static (string? Word, Severity Severity) Of(ReportNode node)
    {
        var word = node["cvssv3"]["base_severity"].Text;
        return (word, word?.ToUpperInvariant() switch
        {
            "CRITICAL" => Severity.Critical,
            "HIGH" => Severity.High,
            "MEDIUM" => Severity.Medium,
            "LOW" => Severity.Low,
            "NONE" => Severity.Info,
            _ => OfScore(node["cvssv3"]["base_score"].Number) ?? OfScore(node["cvssv2"]["base_score"].Number, version2: true) ?? Severity.Unknown,
        });
    }

    /// <summary>Version 2 knows no "critical" (https://nvd.nist.gov/vuln-metrics/cvss).</summary>
    private static Severity? OfScore(double? score, bool version2 = false) => score switch
    {
        >= 9 when !version2 => Severity.Critical,
        >= 7 => Severity.High,
        >= 4 => Severity.Medium,
        > 0 => Severity.Low,
        _ => null,
    };
}
