using System.Globalization;

namespace SecOps.Findings;

/// <summary>The words that stand for the model's enumerations in files, options and output.</summary>
public static class Words
{
    /// <summary>A number of things: "1 finding", "2 findings".</summary>
    public static string Count(int count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");

    public static string Of(Severity severity) => severity switch
    {
        Severity.Critical => "critical",
        Severity.High => "high",
        Severity.Medium => "medium",
        Severity.Low => "low",
        Severity.Info => "info",
        _ => "unknown",
    };

    public static string Of(Category category) => category switch
    {
        Category.Code => "code",
        Category.Dependency => "dependency",
        Category.Secret => "secret",
        Category.Config => "config",
        Category.Web => "web",
        _ => "cloud",
    };

    public static string Of(FindingState state) => state switch
    {
        FindingState.New => "new",
        FindingState.Existing => "existing",
        FindingState.Fixed => "fixed",
        FindingState.Waived => "waived",
        _ => "notRescanned",
    };

    public static string Of(CoverageStatus status) => status switch
    {
        CoverageStatus.Completed => "completed",
        CoverageStatus.Missing => "missing",
        CoverageStatus.Failed => "failed",
        CoverageStatus.TimedOut => "timedOut",
        CoverageStatus.Cancelled => "cancelled",
        _ => "skipped",
    };

    public static string Of(Verdict verdict) => verdict switch
    {
        Verdict.Passed => "passed",
        Verdict.Failed => "failed",
        _ => "incomplete",
    };

    /// <summary>All words of an enumeration, worst or most usual first.</summary>
    public static IReadOnlyList<string> Severities { get; } = ["critical", "high", "medium", "low", "info", "unknown"];

    public static IReadOnlyList<string> Categories { get; } = ["code", "dependency", "secret", "config", "web", "cloud"];

    /// <summary>Reads a word in any case; false when it is none of the known ones.</summary>
    public static bool TryParse<T>(string? word, out T value)
        where T : struct, Enum
    {
        // Enum.TryParse would take numbers too.
        value = default;
        return word is { Length: > 0 } && char.IsLetter(word[0]) && !word.Contains(',') && Enum.TryParse(word, ignoreCase: true, out value);
    }
}
