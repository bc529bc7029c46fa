using System.Runtime.InteropServices;

namespace SecOps.Findings;

/// <summary>The content of <c>findings.json</c>: what one run, or several merged ones, found.</summary>
public sealed record FindingsDocument
{
    /// <summary>The schema this program writes, and the newest that it reads.</summary>
    public const int CurrentSchema = 1;

    public int SchemaVersion { get; init; } = CurrentSchema;

    public required RunInfo Run { get; init; }

    public IReadOnlyList<Coverage> Coverage { get; init; } = [];

    /// <summary>Worst first; see <see cref="FindingOrder"/>.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    public GateResult? Gate { get; init; }

    /// <summary>Waivers that no longer hold or matched nothing; for people to clean up.</summary>
    public IReadOnlyList<string> WaiverNotes { get; init; } = [];

    public Summary Summary => Summary.Of(Findings);
}

/// <summary>Which run wrote the document.</summary>
public sealed record RunInfo
{
    public required string Id { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset FinishedAt { get; init; }

    /// <summary>Full commit hash; null outside git.</summary>
    public string? Commit { get; init; }

    public string? Branch { get; init; }

    public required string SecopsVersion { get; init; }
}

/// <summary>The order of every list of findings: worst first, then by place, then by id, so that two equal runs print alike.</summary>
public sealed class FindingOrder : IComparer<Finding>
{
    public static readonly FindingOrder Instance = new();

    private static readonly Comparison<Finding> Order = Instance.Compare;

    /// <summary>Sorts; of a long list by numbers that stand for severity, category, place and line.</summary>
    /// <param name="findings">No two with the same id: the order of equal ones is open.</param>
    public static List<Finding> Sort(List<Finding> findings)
    {
        if (findings.Count < Identity.Many)
        {
            findings.Sort(Instance);
            return findings;
        }

        var (all, keys) = (findings.ToArray(), Keys(findings));
        Array.Sort(keys, all);
        var slice = (all.Length / Environment.ProcessorCount) + 1;
        Parallel.For(0, Environment.ProcessorCount, i => SortEqual(all, keys, Math.Min(i * slice, all.Length), Math.Min((i + 1) * slice, all.Length)));
        findings.Clear();
        findings.AddRange(all);
        return findings;
    }

    /// <summary>Sorts those of equal numbers whose first stands between these two.</summary>
    private static void SortEqual(Finding[] all, ulong[] keys, int start, int end)
    {
        while (start > 0 && start < end && keys[start] == keys[start - 1])
        {
            start++;
        }

        for (int from = start, to; from < end; from = to)
        {
            to = from + 1;
            while (to < all.Length && keys[to] == keys[from])
            {
                to++;
            }

            if (to - from > 1)
            {
                all.AsSpan(from, to - from).Sort(Order);
            }
        }
    }

    /// <summary>A number for each that orders as far as it goes: there are few places, and comparing their texts each time would be most of a sort.</summary>
    private static ulong[] Keys(List<Finding> findings)
    {
        var numbers = new Dictionary<string, int>();
        var places = new int[findings.Count];
        for (var i = 0; i < places.Length; i++)
        {
            ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, Place(findings[i]), out var exists);
            number = exists ? number : numbers.Count - 1;
            places[i] = number;
        }

        var ranks = new uint[numbers.Count];
        uint rank = 0;
        foreach (var place in InOrder([.. numbers.Keys]))
        {
            ranks[numbers[place]] = rank++;
        }

        var keys = new ulong[places.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            var f = findings[i];
            // 3 bits, 3 bits, 32 bits, 26 bits: lines beyond 67 million are told apart by the comparison.
            keys[i] = ((ulong)(uint)(Severity.Critical - f.Severity) << 61) | ((ulong)(uint)f.Category << 58) | ((ulong)ranks[places[i]] << 26) | (uint)Math.Clamp(f.Location.StartLine ?? 0, 0, (1 << 26) - 1);
        }

        return keys;
    }

    /// <summary>Sorts in two halves at once.</summary>
    private static IEnumerable<string> InOrder(string[] texts)
    {
        var half = texts.Length / 2;
        Parallel.Invoke(() => texts.AsSpan(0, half).Sort(string.CompareOrdinal), () => texts.AsSpan(half).Sort(string.CompareOrdinal));
        for (int a = 0, b = half; a < half || b < texts.Length;)
        {
            yield return b == texts.Length || (a < half && string.CompareOrdinal(texts[a], texts[b]) < 0) ? texts[a++] : texts[b++];
        }
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
    private static int Compare(string a, string b) => ReferenceEquals(a, b) ? 0 : string.CompareOrdinal(a, b);

    private static string Place(Finding f) =>
        f.Location.Path ?? f.Location.Package?.Manifest ?? f.Location.Image?.Reference ?? f.Location.Url ?? f.Location.Resource ?? "";
}

/// <summary>
/// Counts of a document's findings. <see cref="Total"/> and the severities count what is there (new, existing, waived);
/// fixed and not rescanned ones are counted apart.
/// </summary>
public sealed record Summary
{
    public int Total { get; private set; }
    public int Critical { get; private set; }
    public int High { get; private set; }
    public int Medium { get; private set; }
    public int Low { get; private set; }
    public int Info { get; private set; }
    public int Unknown { get; private set; }
    public int New { get; private set; }
    public int Existing { get; private set; }
    public int Waived { get; private set; }
    public int Fixed { get; private set; }
    public int NotRescanned { get; private set; }

    public static Summary Of(IEnumerable<Finding> findings)
    {
        var s = new Summary();
        foreach (var f in findings)
        {
            s.Count(f);
        }

        return s;
    }

    private void Count(Finding f)
    {
        switch (f.State)
        {
            case FindingState.Fixed: Fixed++; return;
            case FindingState.NotRescanned: NotRescanned++; return;
            case FindingState.New: New++; break;
            case FindingState.Existing: Existing++; break;
            case FindingState.Waived: Waived++; break;
        }

        Total++;
        switch (f.Severity)
        {
            case Severity.Critical: Critical++; break;
            case Severity.High: High++; break;
            case Severity.Medium: Medium++; break;
            case Severity.Low: Low++; break;
            case Severity.Info: Info++; break;
            default: Unknown++; break;
        }
    }
}
