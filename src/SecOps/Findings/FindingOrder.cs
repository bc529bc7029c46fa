namespace SecOps.Findings;

/// <summary>The order of every list of findings: worst first, then by place, then by id, so that two equal runs print alike.</summary>
public sealed class FindingOrder : IComparer<Finding>
{
    public static readonly FindingOrder Instance = new();

    /// <summary>Sorts; a long list on all cores.</summary>
    /// <param name="findings">No two with the same id: the order of equal ones is open.</param>
    public static List<Finding> Sort(List<Finding> findings)
    {
        if (findings.Count < Identity.Many)
        {
            findings.Sort(Instance);
            return findings;
        }

        return FindingSort.Of(findings);
    }

    public int Compare(Finding? x, Finding? y)
    {
        if (x is null || y is null)
        {
            return (x is null ? 0 : 1) - (y is null ? 0 : 1);
        }

        // As numbers: an enumeration's CompareTo boxes, and a sort of 100,000 asks millions of times.
        var order = (int)y.Severity - (int)x.Severity;
        order = order != 0 ? order : (int)x.Category - (int)y.Category;
        order = order != 0 ? order : Compare(Place(x), Place(y));
        order = order != 0 ? order : (x.Location.StartLine ?? 0).CompareTo(y.Location.StartLine ?? 0);
        order = order != 0 ? order : Compare(x.Rule.Id, y.Rule.Id);
        return order != 0 ? order : string.CompareOrdinal(x.Id, y.Id);
    }

    /// <summary>Equal texts are mostly the same object.</summary>
    internal static int Compare(string a, string b) => ReferenceEquals(a, b) ? 0 : string.CompareOrdinal(a, b);

    internal static string Place(Finding f) =>
        f.Location.Path ?? f.Location.Package?.Manifest ?? f.Location.Image?.Reference ?? f.Location.Url ?? f.Location.Resource ?? "";
}
