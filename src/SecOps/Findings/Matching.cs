using System.Runtime.InteropServices;

namespace SecOps.Findings;

/// <summary>
/// Finds a run's findings in a baseline, in passes, strongest evidence first, each finding used once: the same id; an alias; the same content
/// in another file; the same rule and file with the nearest similar line. What is ambiguous is new.
/// </summary>
public sealed class Matching
{
    private readonly List<Finding> known;
    private readonly IReadOnlyList<Finding> current;
    private readonly Rescanned rescanned;
    private readonly int[] matchOfKnown;
    private readonly int[] matchOfCurrent;
    private readonly bool[] edited;

    private Matching(IEnumerable<Finding> baseline, IReadOnlyList<Finding> current, IReadOnlyList<Coverage> coverage)
    {
        known = [.. baseline.Where(f => f.State != FindingState.Fixed)];
        this.current = current;
        rescanned = new Rescanned(coverage);
        matchOfKnown = new int[known.Count];
        matchOfCurrent = new int[current.Count];
        edited = new bool[current.Count];
        Array.Fill(matchOfKnown, -1);
        Array.Fill(matchOfCurrent, -1);
    }

    /// <summary>
    /// The findings with their state against the baseline: new or existing (waived stays waived), and the baseline's that are gone: fixed, or
    /// not rescanned where their file or scanner was not part of the run. In <see cref="FindingOrder"/>.
    /// </summary>
    /// <param name="current">What the run found; entries that are only carried along from its own baseline are left out.</param>
    /// <param name="coverage">Of the run.</param>
    public static List<Finding> Apply(IEnumerable<Finding> baseline, IEnumerable<Finding> current, IReadOnlyList<Coverage> coverage)
    {
        var matching = new Matching(baseline, [.. current.Where(f => f.State is not (FindingState.Fixed or FindingState.NotRescanned))], coverage);
        matching.ById();
        matching.ByAlias();
        matching.ByContent();
        matching.BySimilarLine();
        return matching.Result();
    }

    private IEnumerable<int> OpenKnown => Enumerable.Range(0, known.Count).Where(i => matchOfKnown[i] < 0);

    private IEnumerable<int> OpenCurrent => Enumerable.Range(0, current.Count).Where(i => matchOfCurrent[i] < 0);

    private void ById()
    {
        var ids = new Dictionary<string, int>(known.Count);
        for (var i = 0; i < known.Count; i++)
        {
            ids.TryAdd(known[i].Id, i);
        }

        for (var i = 0; i < current.Count; i++)
        {
            if (ids.TryGetValue(current[i].Id, out var k) && matchOfKnown[k] < 0)
            {
                Match(k, i);
            }
        }
    }

    private void ByAlias()
    {
        if (!known.Exists(f => f.Aliases.Count > 0) && !current.Any(f => f.Aliases.Count > 0))
        {
            return;
        }

        // Names of what is still open on either side; only who bears one of them matters.
        var open = OpenKnown.SelectMany(k => NamesOf(known[k])).Concat(OpenCurrent.SelectMany(c => NamesOf(current[c]))).ToHashSet();
        var knownBy = Bearers(known, open);
        var currentBy = Bearers(current, open);
        List<int> Candidates(Finding f, Dictionary<string, List<int>> bearers) => [.. NamesOf(f).SelectMany(name => bearers.GetValueOrDefault(name) ?? []).Distinct()];

        var pairs = OpenCurrent.Select(c => (Current: c, Known: Candidates(current[c], knownBy).FindAll(k => matchOfKnown[k] < 0))).Where(x => x.Known.Count == 1).ToList();
        foreach (var (c, ks) in pairs.Where(x => Candidates(known[x.Known[0]], currentBy).Count(other => matchOfCurrent[other] < 0) == 1).ToList())
        {
            Match(ks[0], c);
        }

        // A group of names that grew or fell apart in place: what shares an alias there with a known finding is known.
        foreach (var c in OpenCurrent.ToList())
        {
            foreach (var k in Candidates(current[c], knownBy).Where(k => SamePlace(PlaceOf(k), current[c])).Take(1))
            {
                matchOfCurrent[c] = k;
            }
        }

        foreach (var k in OpenKnown.ToList())
        {
            foreach (var c in Candidates(known[k], currentBy).Where(c => matchOfCurrent[c] >= 0 && SamePlace(known[k], current[c])).Take(1))
            {
                matchOfKnown[k] = c;
            }
        }
    }

    private static IEnumerable<string> NamesOf(Finding f) => f.Aliases.Prepend(f.Id);

    private static Dictionary<string, List<int>> Bearers(IReadOnlyList<Finding> findings, HashSet<string> names)
    {
        var bearers = new Dictionary<string, List<int>>();
        void Add(string name, int i)
        {
            if (names.Contains(name))
            {
                ref var list = ref CollectionsMarshal.GetValueRefOrAddDefault(bearers, name, out _);
                (list ??= []).Add(i);
            }
        }

        for (var i = 0; i < findings.Count; i++)
        {
            Add(findings[i].Id, i);
            foreach (var alias in findings[i].Aliases)
            {
                Add(alias, i);
            }
        }

        return bearers;
    }

    /// <summary>Renamed files. A move is told from a copy by the old file having been looked at and no longer showing the finding.</summary>
    private void ByContent()
    {
        var before = Contents(OpenKnown.Where(k => rescanned.Covers(known[k])), known);
        var after = Contents(OpenCurrent, current);
        var renamed = new Dictionary<string, string?>();
        var renamedBack = new Dictionary<string, string?>();
        foreach (var (content, ks) in before)
        {
            if (ks is [var k] && after.GetValueOrDefault(content) is [var c])
            {
                Match(k, c);
                Note(renamed, PathOf(known[k]), PathOf(current[c]));
                Note(renamedBack, PathOf(current[c]), PathOf(known[k]));
            }
        }

        // Where the single ones say that a file was renamed, its other findings are no longer ambiguous.
        foreach (var (content, ks) in before)
        {
            foreach (var k in ks.Where(k => matchOfKnown[k] < 0))
            {
                if (renamed.GetValueOrDefault(PathOf(known[k])) is { } to && renamedBack.GetValueOrDefault(to) == PathOf(known[k])
                    && after.GetValueOrDefault(content)?.Where(c => matchOfCurrent[c] < 0 && PathOf(current[c]) == to).ToList() is [var c])
                {
                    Match(k, c);
                }
            }
        }
    }

    /// <summary>Findings by content, the ordinal among equal ones of a file counted in.</summary>
    private static Dictionary<(string Content, int Ordinal), List<int>> Contents(IEnumerable<int> open, IReadOnlyList<Finding> findings)
    {
        var contents = new Dictionary<(string, int), List<int>>();
        var ordinals = new Dictionary<(string, string), int>();
        foreach (var i in open.OrderBy(i => findings[i].Location.StartLine ?? 0).ThenBy(i => findings[i].Location.StartColumn ?? 0).ThenBy(i => findings[i].Id, StringComparer.Ordinal))
        {
            if (IdentityKey.Content(findings[i]) is { } content)
            {
                ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(ordinals, (content, PathOf(findings[i])), out _);
                ref var list = ref CollectionsMarshal.GetValueRefOrAddDefault(contents, (content, count++), out _);
                (list ??= []).Add(i);
            }
        }

        return contents;
    }

    private static void Note(Dictionary<string, string?> renamed, string from, string to) =>
        renamed[from] = !renamed.TryGetValue(from, out var other) || other == to ? to : null;

    private void BySimilarLine()
    {
        var before = OpenKnown.Where(k => CanBeEdited(known[k]) && rescanned.Covers(known[k])).ToLookup(k => Bucket(known[k]));
        foreach (var after in OpenCurrent.Where(c => CanBeEdited(current[c])).GroupBy(c => Bucket(current[c])))
        {
            foreach (var (k, c) in SimilarLines.Pair([.. before[after.Key]], [.. after], i => known[i].Location, i => current[i].Location))
            {
                Match(k, c);
                edited[c] = true;
            }
        }
    }

    /// <summary>A secret that changed is another secret, and has leaked anew.</summary>
    private static bool CanBeEdited(Finding f) => f is { Category: Category.Code or Category.Config, Location: { Path: not null, StartLine: not null, Snippet.Length: > 0 } };

    private static (string Scanner, string Rule, string Path) Bucket(Finding f) =>
        (f.Scanners[0].Name, f.Category == Category.Config ? TrivyRule.Canonical(f.Rule.Id) : f.Rule.Id, f.Location.Path!);

    private static bool SamePlace(Finding a, Finding b) =>
        a.Category == b.Category && PathOf(a) == PathOf(b) && IdentityKey.PackageKey(a.Location.Package).SequenceEqual(IdentityKey.PackageKey(b.Location.Package));

    private static string PathOf(Finding f) =>
        f.Location.Path ?? f.Location.Package?.Manifest ?? ImageName.Repository(f.Location.Image?.Reference) ?? "";

    /// <summary>A finding with the id of a current one has its place too, and may have been read without it.</summary>
    private Finding PlaceOf(int k) => matchOfKnown[k] >= 0 && current[matchOfKnown[k]].Id == known[k].Id ? current[matchOfKnown[k]] : known[k];

    private void Match(int k, int c) => (matchOfKnown[k], matchOfCurrent[c]) = (c, k);

    private List<Finding> Result()
    {
        var result = new List<Finding>(current.Count + 16);
        for (var c = 0; c < current.Count; c++)
        {
            var f = current[c];
            var state = f.State == FindingState.Waived ? FindingState.Waived : matchOfCurrent[c] >= 0 ? FindingState.Existing : FindingState.New;
            var found = f.State == state ? f : f.In(state);
            result.Add(matchOfCurrent[c] >= 0 && !edited[c] ? WithNames(found, known[matchOfCurrent[c]]) : found);
        }

        var gone = OpenKnown.Select(k => known[k].In(rescanned.Covers(known[k]) ? FindingState.Fixed : FindingState.NotRescanned)).ToList();
        gone.Sort(FindingOrder.Instance);
        return Interleave(result, gone);
    }

    /// <summary>Two sorted lists as one. The run's findings come sorted; sorting them again would cost more than matching them.</summary>
    private static List<Finding> Interleave(List<Finding> a, List<Finding> b)
    {
        for (var i = 1; i < a.Count; i++)
        {
            if (FindingOrder.Instance.Compare(a[i - 1], a[i]) > 0)
            {
                a.Sort(FindingOrder.Instance);
                break;
            }
        }

        var all = new List<Finding>(a.Count + b.Count);
        var next = 0;
        foreach (var f in a)
        {
            while (next < b.Count && FindingOrder.Instance.Compare(b[next], f) < 0)
            {
                all.Add(b[next++]);
            }

            all.Add(f);
        }

        all.AddRange(b.Skip(next));
        return all;
    }

    /// <summary>
    /// A finding that moved stays known by its former ids, so that a waiver moves along. One that was edited does not: a waiver bound
    /// to an id ends with the code it was written for.
    /// </summary>
    private static Finding WithNames(Finding f, Finding before)
    {
        if (before.Aliases.Count == 0 && before.Id == f.Id)
        {
            return f;
        }

        return f with { Aliases = [.. f.Aliases.Concat(before.Aliases).Append(before.Id).Where(id => id != f.Id).Distinct().Order(StringComparer.Ordinal)] };
    }
}
