using System.Globalization;
using System.Text.RegularExpressions;

namespace SecOps.Findings;

/// <summary>Applies waivers, before any report is written.</summary>
public static class Waivers
{
    /// <param name="Findings">With state and waiver set where one holds.</param>
    /// <param name="Notes">Waivers that expired or matched nothing.</param>
    public sealed record Result(IReadOnlyList<Finding> Findings, IReadOnlyList<string> Notes);

    /// <param name="today">UTC. A waiver holds through its last day.</param>
    public static Result Apply(IReadOnlyList<Waiver> waivers, IReadOnlyList<Finding> findings, DateOnly today)
    {
        if (waivers.Count == 0)
        {
            return new Result(findings, []);
        }

        var matchers = waivers.Select(w => (Waiver: w, Matches: Matcher(w), Expired: w.Expires < today)).ToList();
        var used = new HashSet<Waiver>(ReferenceEqualityComparer.Instance);
        var resolved = new List<Finding>(findings.Count);
        foreach (var finding in findings)
        {
            var resolvedFinding = finding;
            foreach (var (waiver, matches, expired) in matchers)
            {
                if (!matches(finding))
                {
                    continue;
                }

                used.Add(waiver);
                if (!expired && resolvedFinding.Waiver is null)
                {
                    resolvedFinding = finding with { State = FindingState.Waived, Waiver = new AppliedWaiver(waiver.Reason, waiver.Owner, waiver.Expires) };
                }
            }

            resolved.Add(resolvedFinding);
        }

        List<string> notes =
        [
            .. matchers.Where(m => m.Expired).Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.Waiver.Place}: the waiver for {Named(m.Waiver)} expired on {m.Waiver.Expires:O} and no longer holds")),
            .. matchers.Where(m => !m.Expired && !used.Contains(m.Waiver)).Select(m => $"{m.Waiver.Place}: the waiver for {Named(m.Waiver)} matches nothing; remove it"),
        ];
        return new Result(resolved, notes);
    }

    private static Func<Finding, bool> Matcher(Waiver w)
    {
        var path = w.Path is null ? null : Glob(w.Path);
        return f =>
            (w.Id is null || f.Id == w.Id || f.Aliases.Contains(w.Id))
            && (w.Rule is null || f.Rule.Id == w.Rule || f.Scanners.Any(s => s.RuleId == w.Rule))
            && (path is null || (f.Location.Path ?? f.Location.Package?.Manifest) is { } place && path.IsMatch(place))
            && (w.Package is null || IsPackage(f.Location.Package, w.Package))
            && (w.Advisory is null || f.Rule.Id == w.Advisory || f.Rule.Advisories.Contains(w.Advisory));
    }

    private static bool IsPackage(Package? package, string wanted) =>
        package is not null && (package.Name == wanted || package.Purl == wanted || package.Purl?.StartsWith(wanted + "@", StringComparison.Ordinal) == true);

    /// <summary>* within a folder, ** across folders, ? one character.</summary>
    private static Regex Glob(string glob)
    {
        var pattern = Regex.Escape(glob).Replace(@"\*\*/", "(?:.*/)?").Replace(@"\*\*", ".*").Replace(@"\*", "[^/]*").Replace(@"\?", "[^/]");
        return new Regex($"^{pattern}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
    }

    private static string Named(Waiver w) => w.Id ?? w.Advisory ?? w.Rule ?? w.Package ?? w.Path!;
}
