using System.Runtime.InteropServices;

namespace SecOps.Findings;

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
        for (int from = 0, to; from < all.Length; from = to)
        {
            to = from + 1;
            while (to < all.Length && keys[to] == keys[from])
            {
                to++;
            }

            Sort(all, from, to, Order);
        }

        findings.Clear();
        findings.AddRange(all);
        return findings;
    }

    /// <summary>Sorts a part; a long one in two halves at once.</summary>
    private static void Sort<T>(T[] all, int from, int to, Comparison<T> order)
    {
        var middle = (from + to) / 2;
        if (to - from < Identity.Many)
        {
            all.AsSpan(from, to - from).Sort(order);
            return;
        }

        Parallel.Invoke(() => all.AsSpan(from, middle - from).Sort(order), () => all.AsSpan(middle, to - middle).Sort(order));
        var left = all[from..middle];
        for (int a = 0, b = middle, at = from; a < left.Length; at++)
        {
            all[at] = b < to && order(all[b], left[a]) < 0 ? all[b++] : left[a++];
        }
    }

    /// <summary>A number for each that orders as far as it goes: there are few places, and comparing their texts each time would be most of a sort.</summary>
    private static ulong[] Keys(List<Finding> findings)
    {
        var numbers = new Dictionary<string, int>(findings.Count);
        var places = new int[findings.Count];
        for (var i = 0; i < places.Length; i++)
        {
            ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, Place(findings[i]), out var exists);
            number = exists ? number : numbers.Count - 1;
            places[i] = number;
        }

        var (inOrder, ranks) = (numbers.ToArray(), new uint[numbers.Count]);
        Sort(inOrder, 0, inOrder.Length, static (a, b) => string.CompareOrdinal(a.Key, b.Key));
        for (uint rank = 0; rank < inOrder.Length; rank++)
        {
            ranks[inOrder[rank].Value] = rank;
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
