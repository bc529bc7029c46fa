using SecOps.Findings;

namespace SecOps.Reports;

/// <summary>
/// The number that stands for a severity in every format that wants one. The model keeps words, so that tools with different scales can be
/// compared; each number lies in the middle of the word's band in CVSS and in GitHub's code scanning (critical above 9.0, high from 7.0,
/// medium from 4.0, low from 0.1).
/// </summary>
internal static class SeverityScale
{
    /// <summary>As text, with a point; null for info and unknown, which have no band.</summary>
    public static string? Score(Severity severity) => severity switch
    {
        Severity.Critical => "9.5",
        Severity.High => "8.0",
        Severity.Medium => "5.5",
        Severity.Low => "2.0",
        _ => null,
    };
}
