namespace SecOps.Findings;

/// <summary>
/// Joins code findings of different scanners on the same file, line and CWE. Only one of each scanner: when one scanner says several things
/// about a line, which of them another one means is a guess, and a wrong guess would hide a finding behind another's waiver.
/// </summary>
internal static class SameLine
{
    /// <param name="findings">Each id once, none joined yet.</param>
    public static List<Finding> Join(List<Finding> findings)
    {
        if (findings.Where(f => f.Category == Category.Code).Select(f => f.Scanners[0].Name).Distinct().Take(2).Count() < 2)
        {
            return findings;
        }

        var result = new List<Finding>(findings.Count);
        var lines = new Dictionary<(string Path, int Line), List<Finding>>();
        foreach (var f in findings)
        {
            if (f is { Category: Category.Code, Location: { Path: { } path, StartLine: { } line }, Rule.Cwe.Count: > 0 })
            {
                var key = (path, line);
                if (!lines.TryGetValue(key, out var there))
                {
                    lines.Add(key, there = []);
                }

                there.Add(f);
            }
            else
            {
                result.Add(f);
            }
        }

        foreach (var there in lines.Values)
        {
            result.AddRange(Components(there).SelectMany(c => CanJoin(c) ? [One(c)] : c));
        }

        return result;
    }

    /// <summary>Findings of one line that share a CWE, directly or through others.</summary>
    private static List<List<Finding>> Components(List<Finding> there)
    {
        var components = new List<List<Finding>>();
        foreach (var f in there)
        {
            var touching = components.Where(c => c.Exists(other => other.Rule.Cwe.Intersect(f.Rule.Cwe).Any())).ToList();
            components.RemoveAll(touching.Contains);
            components.Add([.. touching.SelectMany(c => c), f]);
        }

        return components;
    }

    private static bool CanJoin(List<Finding> component) =>
        component.Count > 1 && component.SelectMany(f => f.Scanners.Select(s => s.Name).Distinct()).GroupBy(name => name).All(g => g.Count() == 1);

    private static Finding One(List<Finding> component)
    {
        var parts = component.OrderBy(f => f.Scanners[0].Name, StringComparer.Ordinal).ThenBy(f => f.Id, StringComparer.Ordinal).ToList();
        // The text is the first scanner's, whole; the rest is what any of them knows.
        var all = parts.Aggregate(FindingJoin.Of);
        var first = parts[0];
        return first with
        {
            Aliases = [.. parts.SelectMany(p => p.Aliases.Append(p.Id)).Where(id => id != first.Id).Distinct().Order(StringComparer.Ordinal)],
            Severity = all.Severity,
            Confidence = all.Confidence,
            Rule = first.Rule with { Cwe = all.Rule.Cwe },
            Scanners = all.Scanners,
            Fix = all.Fix,
            State = all.State,
            Waiver = all.Waiver,
            Joined = parts,
        };
    }
}
