using System.Globalization;
using System.Text.RegularExpressions;

namespace SecOps.Findings;

/// <summary>Applies waivers, before any report is written.</summary>
public static class Waivers
{
    /// <param name="Findings">With state and waiver set where one holds.</param>
    /// <param name="Notes">Waivers that expired or matched nothing.</param>
    /// <param name="Expired">By a finding's id, the waiver that covered it until it ended: where it stands, and when that was.</param>
    public sealed record Result(IReadOnlyList<Finding> Findings, IReadOnlyList<string> Notes, IReadOnlyDictionary<string, string> Expired);

    /// <param name="today">UTC. A waiver holds through its last day.</param>
    public static Result Apply(IReadOnlyList<Waiver> waivers, IReadOnlyList<Finding> findings, DateOnly today)
    {
        var expired = new Dictionary<string, string>();
        if (waivers.Count == 0)
        {
            return new Result(findings, [], expired);
        }

        var matchers = waivers.Select(w => (Waiver: w, Matches: Matcher(w), Holds: w.Expires >= today)).ToList();
        var used = new HashSet<Waiver>(ReferenceEqualityComparer.Instance);
        var resolved = new List<Finding>(findings.Count);
        foreach (var finding in findings)
        {
            // What is fixed needs no waiver any more. What was not looked at again may well.
            var matching = finding.State == FindingState.Fixed ? [] : matchers.Where(m => m.Matches(finding)).ToList();
            used.UnionWith(matching.Select(m => m.Waiver));
            var holding = matching.Find(m => m.Holds).Waiver;
            if (holding is null && matching.Count > 0)
            {
                var last = matching.MaxBy(m => m.Waiver.Expires).Waiver;
                expired[finding.Id] = string.Create(CultureInfo.InvariantCulture, $"{last.Place}: expired on {last.Expires:O}");
            }

            resolved.Add(holding is null || finding.State == FindingState.NotRescanned
                ? finding
                : finding.In(FindingState.Waived, new AppliedWaiver(holding.Reason, holding.Owner, holding.Expires)));
        }

        List<string> notes =
        [
            .. matchers.Where(m => !m.Holds).Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.Waiver.Place}: the waiver for {Named(m.Waiver)} expired on {m.Waiver.Expires:O} and no longer holds")),
            .. matchers.Where(m => m.Holds && !used.Contains(m.Waiver)).Select(m => $"{m.Waiver.Place}: the waiver for {Named(m.Waiver)} matches nothing; remove it"),
        ];
        return new Result(resolved, notes, expired);
    }

    private static Func<Finding, bool> Matcher(Waiver w)
    {
        var path = w.Path is null ? null : Glob(w.Path);
        var rule = w.Rule is null ? null : TrivyRule.Canonical(w.Rule);
        var package = w.Package is null ? null : IdentityKey.PackageKey(new Package(w.Package, w.Package, null, null, null)).ToString();
        return f =>
            (w.Id is null || f.Id == w.Id || f.Aliases.Contains(w.Id))
            && (rule is null || TrivyRule.Canonical(f.Rule.Id) == rule || f.Scanners.Any(s => TrivyRule.Canonical(s.RuleId) == rule))
            && (path is null || (f.Location.Path ?? f.Location.Package?.Manifest) is { } place && path.IsMatch(place))
            && (package is null || (f.Location.Package is { } p && (p.Name == w.Package || IdentityKey.PackageKey(p).SequenceEqual(package))))
            && (w.Advisory is null || f.Rule.Id == w.Advisory || f.Rule.Advisories.Contains(w.Advisory));
    }

    /// <summary>* within a folder, ** across folders, ? one character.</summary>
    private static Regex Glob(string glob)
    {
        var pattern = Regex.Escape(glob).Replace(@"\*\*/", "(?:.*/)?").Replace(@"\*\*", ".*").Replace(@"\*", "[^/]*").Replace(@"\?", "[^/]");
        return new Regex($"^{pattern}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
    }

    private static string Named(Waiver w) => string.Join(", ", new[] { w.Id, w.Advisory, w.Rule, w.Package, w.Path }.OfType<string>());
}
