using System.Globalization;

namespace SecOps.Findings;

/// <summary>
/// What GitHub code scanning takes at most (docs.github.com, "SARIF support for code scanning"), and the choice of what stays when there is more.
/// </summary>
public static class SarifLimits
{
    /// <summary>Of the file after gzip, in bytes.</summary>
    public const int CompressedBytes = 10 * 1024 * 1024;

    public const int Runs = 20;

    /// <summary>Of one run.</summary>
    public const int Results = 25_000;

    /// <summary>Of one run's results, the most severe ones, this many are shown.</summary>
    public const int ShownResults = 5_000;

    public const int Rules = 25_000;

    public const int Locations = 1_000;

    /// <summary>Of one rule; GitHub shows 10.</summary>
    public const int Tags = 20;

    /// <summary>What one run may hold.</summary>
    /// <param name="Findings">Worst first.</param>
    /// <param name="LeftOut">What was cut and what will not be shown, for a person; empty when everything fits.</param>
    public sealed record Selection(IReadOnlyList<Finding> Findings, IReadOnlyList<string> LeftOut);

    /// <summary>The findings of one run, ranked worst first and cut to what GitHub takes.</summary>
    /// <param name="run">Names the run in what is said about it.</param>
    /// <param name="results">How many may stay; less than <see cref="Results"/> when the file as a whole came out too large.</param>
    public static Selection Select(IEnumerable<Finding> findings, string run, int results = Results)
    {
        var ranked = findings.Order(FindingOrder.Instance).ToList();
        var leftOut = new List<string>();
        var kept = ranked;
        var rules = new HashSet<string>(StringComparer.Ordinal);
        if (ranked.Count > results)
        {
            kept = ranked[..results];
            leftOut.Add(string.Create(CultureInfo.InvariantCulture, $"{run}: {ranked.Count - results} of {ranked.Count} results are left out, the least severe; GitHub takes {results} here"));
        }

        var withinRules = kept.Where(f => rules.Contains(f.Rule.Id) || (rules.Count < Rules && rules.Add(f.Rule.Id))).ToList();
        if (withinRules.Count < kept.Count)
        {
            leftOut.Add(string.Create(CultureInfo.InvariantCulture, $"{run}: {kept.Count - withinRules.Count} results are left out because their rules go past the {Rules} that GitHub takes"));
        }

        if (withinRules.Count > ShownResults)
        {
            leftOut.Add(string.Create(CultureInfo.InvariantCulture, $"{run}: GitHub shows the {ShownResults} most severe of {withinRules.Count} results"));
        }

        return new Selection(withinRules, leftOut);
    }
}
