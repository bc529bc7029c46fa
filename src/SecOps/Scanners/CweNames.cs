using System.Globalization;
using System.Text.RegularExpressions;

namespace SecOps.Scanners;

/// <summary>Finds CWE names in whatever form a report writes them: "CWE-079", "external/cwe/cwe-79", "CWE-79: Cross-site Scripting", "79".</summary>
internal static partial class CweNames
{
    [GeneratedRegex(@"\bcwe[-_: ]?0*([1-9]\d{0,4})\b", RegexOptions.IgnoreCase)]
    private static partial Regex Named();

    /// <summary>Every name in the texts as CWE-79, sorted, each once; null when there is none.</summary>
    public static IReadOnlyList<string>? In(IEnumerable<string> texts)
    {
        SortedSet<string>? names = null;
        foreach (var text in texts)
        {
            foreach (Match match in Named().Matches(text))
            {
                (names ??= new(StringComparer.Ordinal)).Add("CWE-" + match.Groups[1].Value);
            }
        }

        return names?.ToList();
    }

    /// <summary>Of a bare number; 0 and less stand for none.</summary>
    public static string? Of(int? number) => number is > 0 ? string.Create(CultureInfo.InvariantCulture, $"CWE-{number}") : null;
}
