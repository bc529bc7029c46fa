using SecOps.Findings;

namespace SecOps.Remediation.Verification;

/// <summary>Compares what a scanner found before and after a fix, as multisets: lines move and texts change, so ids alone do not tell.</summary>
internal static class ScanComparison
{
    /// <summary>Refuses unless the finding is gone and nothing came but successors that the rule names and that are less severe.</summary>
    /// <returns>The successors that came.</returns>
    /// <exception cref="VerificationException">The finding is still there, or something new is.</exception>
    public static IReadOnlyList<Finding> Check(Finding target, IReadOnlyList<Finding> before, IReadOnlyList<Finding> after, IReadOnlyList<string> successors)
    {
        if (Count(after, target) >= Count(before, target) || after.Count(f => SameText(f, target)) >= before.Count(f => SameText(f, target)))
        {
            throw new VerificationException("still-found", $"{target.Scanners[0].Name} still reports {target.Rule.Id} there");
        }

        var arrived = New(before, after);
        foreach (var finding in arrived)
        {
            if (!successors.Contains(finding.Rule.Id) || finding.Severity >= target.Severity)
            {
                throw new VerificationException("new-finding", $"the fix brings {finding.Rule.Id} ({Words.Of(finding.Severity)}) to {finding.Location.Path}:{finding.Location.StartLine}");
            }
        }

        return arrived;
    }

    /// <summary>What the later scan holds in excess of the earlier one, by scanner, rule and file.</summary>
    public static IReadOnlyList<Finding> New(IReadOnlyList<Finding> before, IReadOnlyList<Finding> after) =>
        [.. after.GroupBy(Kind).SelectMany(group =>
        {
            var known = before.Where(b => Kind(b) == group.Key).ToList();
            var excess = group.Count() - known.Count;
            // Those with a text that was not there before are the new ones, as far as that can be told.
            return excess <= 0 ? [] : group.OrderBy(f => known.Exists(k => SameText(k, f))).Take(excess);
        })];

    /// <summary>Where each earlier finding is in the later scan; those that are gone are left out.</summary>
    public static Dictionary<string, Finding> Track(IEnumerable<KeyValuePair<string, Finding>> tracked, IReadOnlyList<Finding> after)
    {
        var result = new Dictionary<string, Finding>(StringComparer.Ordinal);
        foreach (var group in tracked.GroupBy(t => Kind(t.Value)))
        {
            var free = after.Where(f => Kind(f) == group.Key).OrderBy(Line).ToList();
            var open = new List<KeyValuePair<string, Finding>>();
            foreach (var old in group.OrderBy(t => Line(t.Value)))
            {
                if (free.Find(f => SameText(f, old.Value)) is { } same)
                {
                    result[old.Key] = same;
                    free.Remove(same);
                }
                else
                {
                    open.Add(old);
                }
            }

            // The rest changed its text with a fix beside it; order is what remains. With fewer than before, nearness decides.
            foreach (var old in open)
            {
                if (free.MinBy(f => Math.Abs(Line(f) - Line(old.Value))) is { } near)
                {
                    result[old.Key] = near;
                    free.Remove(near);
                }
            }
        }

        return result;
    }

    private static int Count(IReadOnlyList<Finding> findings, Finding like) => findings.Count(f => Kind(f) == Kind(like));

    private static (string, string, string?) Kind(Finding f) => (f.Scanners[0].Name, f.Rule.Id, f.Location.Path ?? f.Location.Package?.Manifest);

    private static bool SameText(Finding a, Finding b) =>
        Kind(a) == Kind(b) && IdentityKey.Fold(a.Location.Snippet) == IdentityKey.Fold(b.Location.Snippet)
        && a.Location.Resource == b.Location.Resource && a.Location.Package?.Name == b.Location.Package?.Name;

    private static int Line(Finding f) => f.Location.StartLine ?? 0;
}
