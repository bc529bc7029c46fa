using System.Runtime.InteropServices;

namespace SecOps.Findings;

/// <summary>
/// Gives findings their ids: <c>f1-</c> and 20 hex digits of SHA-256 over the category's own key (<see cref="IdentityKey"/>), and makes
/// one finding of what is one weakness. The result does not depend on the order of findings or reports.
/// </summary>
public static class Identity
{
    /// <summary>From so many on all cores are worth their start.</summary>
    internal const int Many = 5_000;

    /// <summary>A thread a core: more would only take turns.</summary>
    internal static readonly ParallelOptions AllCores = new() { MaxDegreeOfParallelism = Environment.ProcessorCount };

    /// <summary>The findings of one report, in <see cref="FindingOrder"/>.</summary>
    public static List<Finding> Assign(IEnumerable<Finding> report) => Union.Of([Number(report)]);

    /// <summary>The findings of several reports. Each counts its own ordinals, so a report read twice adds nothing.</summary>
    public static List<Finding> Assign(IEnumerable<IEnumerable<Finding>> reports)
    {
        var all = reports.ToList();
        return Union.Of(all.Count > 1 && all.Exists(r => r.TryGetNonEnumeratedCount(out var count) && count >= Many) ? all.AsParallel().AsOrdered().Select(Number).ToList() : all.Select(Number));
    }

    /// <summary>
    /// Counts equal keys in the order of their places and joins what one place has twice. Vulnerabilities get their ids
    /// in <see cref="Union"/>, which knows all names of an advisory.
    /// </summary>
    private static (IReadOnlyList<Finding> Findings, bool AreVulnerabilities) Number(IEnumerable<Finding> report)
    {
        var findings = report as IReadOnlyList<Finding> ?? [.. report];
        if (AreVulnerabilities(findings))
        {
            return (findings, true);
        }

        var ids = FirstIds(findings);
        var count = ids.Count(id => id.Length > 0);
        var (numbered, first) = (new List<Finding>(findings.Count), new Dictionary<string, int>(count));
        Dictionary<string, List<Finding>>? repeated = null;
        for (var i = 0; i < ids.Length; i++)
        {
            var (finding, id) = (findings[i], ids[i]);
            if (id.Length == 0)
            {
                numbered.Add(finding);
                continue;
            }

            ref var index = ref CollectionsMarshal.GetValueRefOrAddDefault(first, id, out var exists);
            if (!exists)
            {
                index = numbered.Count;
                numbered.Add(finding.Under(id));
                continue;
            }

            ref var same = ref CollectionsMarshal.GetValueRefOrAddDefault(repeated ??= [], id, out _);
            (same ??= [numbered[index]]).Add(finding);
        }

        foreach (var (id, same) in repeated ?? [])
        {
            var places = Places(same);
            numbered[first[id]] = places[0] with { Id = id };
            numbered.AddRange(places.Skip(1).Select((place, ordinal) => place with { Id = IdentityKey.IdOf(place, ordinal + 1) }));
        }

        return (numbered, false);
    }

    /// <summary>The ids as the first of their keys; empty for vulnerabilities.</summary>
    private static string[] FirstIds(IReadOnlyList<Finding> findings)
    {
        var ids = new string[findings.Count];
        void Hash(int i) => ids[i] = findings[i].Category == Category.Dependency ? "" : IdentityKey.IdOf(findings[i], 0);
        Each(0, ids.Length, Hash);
        return ids;
    }

    /// <summary>Whether all are vulnerabilities, and none is made of several: a long report mostly is that, and is then taken as it is.</summary>
    internal static bool AreVulnerabilities(IReadOnlyList<Finding> findings)
    {
        var all = true;
        Each(0, findings.Count, i =>
        {
            if (all && (findings[i].Category != Category.Dependency || findings[i].Joined.Count > 0))
            {
                all = false;
            }
        });
        return all;
    }

    /// <summary>Does it for each number up to <paramref name="to"/>; of many on all cores.</summary>
    internal static void Each(int from, int to, Action<int> action) => Each(from, to, action, static (action, i) => action(i));

    /// <summary>The same with what the action needs given along, so that tens of thousands of short ranges need no closure each.</summary>
    internal static void Each<T>(int from, int to, T given, Action<T, int> action)
    {
        if (to - from >= Many)
        {
            OnAllCores(from, to, given, action);
            return;
        }

        for (var i = from; i < to; i++)
        {
            action(given, i);
        }
    }

    private static void OnAllCores<T>(int from, int to, T given, Action<T, int> action) => Parallel.For(from, to, AllCores, i => action(given, i));

    /// <summary>One finding a place, in order. Categories without ordinals have one place.</summary>
    private static List<Finding> Places(List<Finding> same)
    {
        var places = new List<Finding>();
        if (IdentityKey.HasOrdinal(same[0].Category))
        {
            same.Sort(PlaceOrder);
        }

        foreach (var finding in same)
        {
            if (places.Count > 0 && (!IdentityKey.HasOrdinal(finding.Category) || PlaceOrder(places[^1], finding) == 0))
            {
                places[^1] = FindingJoin.Of(places[^1], finding);
            }
            else
            {
                places.Add(finding);
            }
        }

        return places;
    }

    /// <summary>By line and column; the message tells two apart that an older tool reports without columns.</summary>
    private static int PlaceOrder(Finding a, Finding b)
    {
        var order = (a.Location.StartLine ?? 0).CompareTo(b.Location.StartLine ?? 0);
        order = order != 0 ? order : (a.Location.StartColumn ?? 0).CompareTo(b.Location.StartColumn ?? 0);
        return order != 0 ? order : string.CompareOrdinal(a.Message, b.Message);
    }
}
