using SecOps.Configuration;
using SecOps.Findings;

namespace SecOps.Commands;

/// <summary>Values of options, checked, with errors that say what to write instead.</summary>
internal static class CommandValues
{
    /// <summary>Repeated options, each perhaps a list with commas.</summary>
    public static IReadOnlyList<string> Names(string[]? values) =>
        [.. (values ?? []).SelectMany(v => v.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Distinct(StringComparer.Ordinal)];

    public static Severity? Severity(string option, string? word)
    {
        if (word is null)
        {
            return null;
        }

        return Words.TryParse<Severity>(word, out var severity)
            ? severity
            : throw SecOpsException.Usage($"{option} {word}: write one of {string.Join(", ", Words.Severities)}{End(Suggestion.For(word, Words.Severities))}");
    }

    public static TimeSpan? Duration(string option, string? text)
    {
        if (text is null)
        {
            return null;
        }

        return Durations.TryParse(text, out var duration) ? duration : throw SecOpsException.Usage($"{option} {text}: write a length of time such as 90s, 10m or 2h.");
    }

    /// <summary>A name that must be one of a list.</summary>
    public static string Known(string option, string name, IEnumerable<string> known)
    {
        var list = known.ToList();
        return list.Contains(name)
            ? name
            : throw SecOpsException.Usage($"{option} {name}: there is no such name; known are {string.Join(", ", list)}{End(Suggestion.For(name, list))}");
    }

    private static string End(string suggestion) => suggestion.Length == 0 ? "." : suggestion;
}
