using System.Buffers;
using System.Runtime.InteropServices;

namespace SecOps.Findings;

/// <summary>Sorts a long list of findings after <see cref="FindingOrder"/>: by numbers, on all cores.</summary>
internal sealed class FindingSort
{
    /// <summary>Fewer are compared with one another: numbers for them would cost more.</summary>
    private const int Few = 24;

    /// <summary>Texts that differ later than that are compared as well: a report whose texts each go on a little longer gets no deeper than this.</summary>
    private const int Rounds = 100;

    /// <summary>What is compared, one after the other: texts by their UTF-16 units, like <see cref="string.CompareOrdinal(string, string)"/>.</summary>
    private enum Step { Severity, Place, Line, Rule, Id, None }

    private readonly Entry[] entries;
    private readonly int[] order;
    private readonly ulong[] keys;
    private readonly Comparison<int> comparison;

    /// <summary>Some text holds a unit that is more than a byte.</summary>
    private volatile bool wide;

    private FindingSort(List<Finding> findings)
    {
        (entries, order, keys) = (new Entry[findings.Count], new int[findings.Count], new ulong[findings.Count]);
        comparison = (a, b) => entries[a].CompareTo(entries[b]);
        Identity.Each(0, entries.Length, i => (entries[i], order[i]) = (new Entry(findings[i]), i));
    }

    /// <summary>The list itself, sorted.</summary>
    public static List<Finding> Of(List<Finding> findings)
    {
        var sort = new FindingSort(findings);
        sort.Sort(0, findings.Count, Step.Severity, Rounds);
        // Through a span: storing in a list looks at each finding.
        Identity.Each(0, findings.Count, i => CollectionsMarshal.AsSpan(findings)[i] = sort.entries[sort.order[i]].Finding);
        return findings;
    }

    /// <summary>
    /// Sorts a part, all of which is equal up to a step: by a number each, then what has the same number by what follows. A text's number
    /// is the eight units behind what all have in common, so that it takes as many rounds as there are differences; four once a text needs it.
    /// </summary>
    private void Sort(int from, int to, Step step, int rounds)
    {
        if (to - from < Few || rounds == 0)
        {
            Compared(from, to);
            return;
        }

        var common = 0;
        var isText = step is Step.Place or Step.Rule or Step.Id;
        while (isText && (common = Common(from, to, step)) < 0)
        {
            step++;
            isText = step is Step.Rule or Step.Id;
        }

        if (step == Step.None)
        {
            return;
        }

        FillKeys(from, to, step, common);
        if (keys.AsSpan(from, to - from).ContainsAnyExcept(keys[from]))
        {
            SortByKey(from, to);
        }
        else if (isText)
        {
            // A text that ends, and one that goes on with zeros.
            Compared(from, to);
            return;
        }

        var next = isText ? step : step + 1;
        if (to - from < Identity.Many)
        {
            for (int run = from, end; run < to; run = end)
            {
                end = EndOfRun(run, to);
                SortRun(run, end, next, rounds);
            }
        }
        else
        {
            SortRuns(from, to, next, rounds);
        }
    }

    private void FillKeys(int from, int to, Step step, int common)
    {
        bool before;
        do
        {
            before = wide;
            Identity.Each(from, to, (Sort: this, step, common, before), static (given, i) =>
                given.Sort.keys[i] = given.Sort.Key(in given.Sort.entries[given.Sort.order[i]], given.step, given.common, given.before));
        }
        while (before != wide);
    }

    private ulong Key(in Entry entry, Step step, int common, bool inFour)
    {
        switch (step)
        {
            case Step.Severity:
                return ((ulong)(uint)(Severity.Critical - entry.Finding.Severity) << 32) | (uint)entry.Finding.Category;
            case Step.Line:
                // From the least to the greatest, as unsigned.
                return (uint)entry.Line ^ 0x8000_0000;
        }

        var text = entry.Text(step).AsSpan(common);
        var (units, bits) = inFour ? (4, 16) : (8, 8);
        var (key, all) = (0UL, 0);
        for (var i = 0; i < units; i++)
        {
            var unit = i < text.Length ? text[i] : '\0';
            all |= unit;
            key = (key << bits) | unit;
        }

        if (all > byte.MaxValue)
        {
            wide = true;
        }

        return key;
    }

    /// <summary>Several at once.</summary>
    private void SortRuns(int from, int to, Step step, int rounds)
    {
        var runs = new List<(int From, int To)>();
        for (int run = from, end; run < to; run = end)
        {
            end = EndOfRun(run, to);
            runs.Add((run, end));
        }

        Parallel.ForEach(runs, Identity.AllCores, run => SortRun(run.From, run.To, step, rounds));
    }

    private void SortRun(int from, int to, Step step, int rounds)
    {
        if (to - from >= Identity.Many)
        {
            // As they lie in memory, where what follows looks at each of them.
            order.AsSpan(from, to - from).Sort();
        }

        if (to - from > 1)
        {
            Sort(from, to, step, rounds - 1);
        }
    }

    /// <summary>Where what has the same number ends.</summary>
    private int EndOfRun(int from, int to) => keys.AsSpan(from, to - from).IndexOfAnyExcept(keys[from]) is > 0 and var length ? from + length : to;

    private void Compared(int from, int to) => order.AsSpan(from, to - from).Sort(comparison);

    /// <summary>How much all texts of a part have in common; -1 when they are equal.</summary>
    private int Common(int from, int to, Step step)
    {
        Identity.Each(from, to, (Sort: this, step, First: entries[order[from]].Text(step)), static (given, i) =>
            given.Sort.keys[i] = Common(given.Sort.entries[given.Sort.order[i]].Text(given.step), given.First));
        var least = (ulong)int.MaxValue;
        foreach (var length in keys.AsSpan(from, to - from))
        {
            least = Math.Min(least, length);
        }

        return least == int.MaxValue ? -1 : (int)least;
    }

    private static ulong Common(string text, string first) => ReferenceEquals(text, first) || text == first ? int.MaxValue : (ulong)text.AsSpan().CommonPrefixLength(first);

    /// <summary>A long part in two halves at once.</summary>
    private void SortByKey(int from, int to)
    {
        if (to - from < Identity.Many)
        {
            keys.AsSpan(from, to - from).Sort(order.AsSpan(from, to - from));
            return;
        }

        var middle = (from + to) / 2;
        SortHalves(from, middle, to);
        var (leftKeys, left) = (ArrayPool<ulong>.Shared.Rent(middle - from), ArrayPool<int>.Shared.Rent(middle - from));
        keys.AsSpan(from, middle - from).CopyTo(leftKeys);
        order.AsSpan(from, middle - from).CopyTo(left);
        for (int a = 0, b = middle, at = from; a < middle - from; at++)
        {
            if (b < to && keys[b] < leftKeys[a])
            {
                (keys[at], order[at]) = (keys[b], order[b]);
                b++;
            }
            else
            {
                (keys[at], order[at]) = (leftKeys[a], left[a]);
                a++;
            }
        }

        ArrayPool<ulong>.Shared.Return(leftKeys);
        ArrayPool<int>.Shared.Return(left);
    }

    private void SortHalves(int from, int middle, int to) => Parallel.Invoke(
        () => keys.AsSpan(from, middle - from).Sort(order.AsSpan(from, middle - from)),
        () => keys.AsSpan(middle, to - middle).Sort(order.AsSpan(middle, to - middle)));

    /// <summary>A finding with what is looked at most, or each look would go through half of the memory. Compares with those of its severity and category.</summary>
    private readonly struct Entry(Finding finding) : IComparable<Entry>
    {
        private readonly string place = FindingOrder.Place(finding), rule = finding.Rule.Id;

        public Finding Finding { get; } = finding;

        public int Line { get; } = finding.Location.StartLine ?? 0;

        public string Text(Step step) => step switch
        {
            Step.Place => place,
            Step.Rule => rule,
            _ => Finding.Id,
        };

        public int CompareTo(Entry other)
        {
            var order = FindingOrder.Compare(place, other.place);
            order = order != 0 ? order : Line.CompareTo(other.Line);
            order = order != 0 ? order : FindingOrder.Compare(rule, other.rule);
            return order != 0 ? order : string.CompareOrdinal(Finding.Id, other.Finding.Id);
        }
    }
}
