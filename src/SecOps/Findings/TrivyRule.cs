using System.Text.RegularExpressions;

namespace SecOps.Findings;

/// <summary>Trivy renamed its misconfiguration ids twice: <c>DS002</c>, <c>AVD-DS-0002</c> and <c>DS-0002</c> are one rule.</summary>
public static partial class TrivyRule
{
    /// <summary>The newest spelling of a misconfiguration's id; any other text as it is.</summary>
    public static string Canonical(string rule)
    {
        if (rule.StartsWith("AVD-", StringComparison.Ordinal))
        {
            return Long().IsMatch(rule) ? rule[4..] : rule;
        }

        // Only the Dockerfile and Kubernetes rules ever had ids without a dash; others of that form are other tools'.
        return Short().Match(rule) is { Success: true } match ? $"{match.Groups[1].Value}-{match.Groups[2].Value.PadLeft(4, '0')}" : rule;
    }

    [GeneratedRegex(@"^AVD-[A-Z0-9]+-\d{4}$", RegexOptions.CultureInvariant)]
    private static partial Regex Long();

    [GeneratedRegex(@"^(DS|KSV|KCV)-?(\d{3,4})$", RegexOptions.CultureInvariant)]
    private static partial Regex Short();
}
