using System.Runtime.InteropServices;

namespace SecOps.Findings;

/// <summary>
/// One vulnerability is one finding, however many databases name it. Names that any report calls the same advisory (CVE, GHSA, PYSEC, GO, …)
/// form a group, within one package of one manifest or image. The group's name is its smallest CVE, else its smallest name; the ids
/// that the other names would have given stay as aliases, so that waivers and baselines written under them hold.
/// </summary>
internal static class AliasGroups
{
    /// <summary>Each group in place of its parts.</summary>
    public static void Join(List<Finding> vulnerabilities)
    {
        var ids = new string[vulnerabilities.Count];
        // Most have one name, and a report that has no others needs no place for them.
        string[]?[]? others = null;
        Identity.Each(0, ids.Length, i =>
        {
            ids[i] = IdentityKey.IdOf(vulnerabilities[i].Rule.Id, vulnerabilities[i]);
            if (OtherIds(vulnerabilities[i]) is { } further)
            {
                LazyInitializer.EnsureInitialized(ref others, () => new string[]?[ids.Length])[i] = further;
            }
        });

        List<(int One, int Other)> meetings = [.. Meetings(ids, others)];
        if (meetings.Count == 0)
        {
            Identity.Each(0, ids.Length, i => CollectionsMarshal.AsSpan(vulnerabilities)[i] = Named(vulnerabilities[i], vulnerabilities[i], ids[i]));
            return;
        }

        var joined = Joined(vulnerabilities, meetings);
        Identity.Each(0, ids.Length, i => joined[i] = joined[i] is { } one ? Named(one, vulnerabilities[i], ids[i]) : null);
        vulnerabilities.Clear();
        vulnerabilities.AddRange(joined.OfType<Finding>());
    }

    /// <summary>Each group in the place of one of its parts; null in the places of the others.</summary>
    private static Finding?[] Joined(List<Finding> vulnerabilities, List<(int One, int Other)> meetings)
    {
        var (parent, joined) = (new int[vulnerabilities.Count], new Finding?[vulnerabilities.Count]);
        for (var i = 0; i < parent.Length; i++)
        {
            parent[i] = i;
        }

        foreach (var (one, other) in meetings)
        {
            parent[Root(parent, one)] = Root(parent, other);
        }

        for (var i = 0; i < parent.Length; i++)
        {
            ref var slot = ref joined[Root(parent, i)];
            slot = slot is null ? vulnerabilities[i] : FindingJoin.Of(WithFormerId(slot), WithFormerId(vulnerabilities[i]));
        }

        return joined;
    }

    /// <summary>The ids by the further names of its advisory; null when it has none.</summary>
    private static string[]? OtherIds(Finding f) =>
        f.Rule.Advisories is [] || (f.Rule.Advisories is [var only] && only == f.Rule.Id) ? null : OtherIdsOfMany(f);

    private static string[] OtherIdsOfMany(Finding f) => [.. f.Rule.Advisories.Where(name => name != f.Rule.Id).Select(name => IdentityKey.IdOf(name, f))];

    /// <summary>Those with an id in common, as pairs: the same name in the same package and place gives the same id. Of many, each core looks at its part of the ids.</summary>
    private static IEnumerable<(int One, int Other)> Meetings(string[] ids, string[]?[]? others)
    {
        var parts = ids.Length < Identity.Many ? 1 : Math.Min(4, Environment.ProcessorCount);
        var pairs = new List<(int One, int Other)>[parts];
        Parallel.For(0, parts, part =>
        {
            var (met, firstWith) = (pairs[part] = [], new Dictionary<string, int>(ids.Length / parts));
            void Meet(int i, string id)
            {
                // The last digit of a hash says nothing of the others.
                if (id[^1] % parts != part)
                {
                    return;
                }

                ref var first = ref CollectionsMarshal.GetValueRefOrAddDefault(firstWith, id, out var exists);
                if (exists)
                {
                    met.Add((i, first));
                }
                else
                {
                    first = i;
                }
            }

            for (var i = 0; i < ids.Length; i++)
            {
                Meet(i, ids[i]);
                foreach (var id in others?[i] ?? [])
                {
                    Meet(i, id);
                }
            }
        });
        return pairs.SelectMany(p => p);
    }

    /// <summary>The name by which a group goes.</summary>
    public static string Canonical(IEnumerable<string> names)
    {
        string? cve = null, smallest = null;
        foreach (var name in names)
        {
            if (smallest is null || string.CompareOrdinal(name, smallest) < 0)
            {
                smallest = name;
            }

            if (name.StartsWith("CVE-", StringComparison.Ordinal) && (cve is null || string.CompareOrdinal(name, cve) < 0))
            {
                cve = name;
            }
        }

        return cve ?? smallest ?? "";
    }

    private static IEnumerable<string> Names(Finding f) => f.Rule.Advisories.Contains(f.Rule.Id) ? f.Rule.Advisories : f.Rule.Advisories.Append(f.Rule.Id);

    private static Finding WithFormerId(Finding f) => f with
    {
        Aliases = f.Id.Length == 0 ? f.Aliases : FindingJoin.Names(f.Aliases, [f.Id]),
        // A name that only one part goes by is a name of the whole.
        Rule = f.Rule with { Advisories = FindingJoin.Names(f.Rule.Advisories, [f.Rule.Id]) },
    };

    /// <param name="one">Of the group.</param>
    /// <param name="idOfOne">Its id by its own name.</param>
    private static Finding Named(Finding f, Finding one, string idOfOne)
    {
        if (f.Aliases.Count == 0 && (f.Rule.Advisories.Count == 0 || (f.Rule.Advisories is [var only] && only == f.Rule.Id)))
        {
            // Most have one name.
            var own = f.Rule.Id == one.Rule.Id ? idOfOne : IdentityKey.IdOf(f.Rule.Id, one);
            if (f.Rule.Advisories.Count == 1 && (f.Id.Length == 0 || f.Id == own))
            {
                return f.Under(own);
            }

            return f with { Id = own, Aliases = f.Id.Length == 0 || f.Id == own ? [] : [f.Id], Rule = f.Rule with { Advisories = [f.Rule.Id] } };
        }

        return NamedOfMany(f, one);
    }

    /// <summary>Apart from the above, or each finding with one name would pay for what the others capture.</summary>
    private static Finding NamedOfMany(Finding f, Finding one)
    {
        var names = Names(f).Distinct().Order(StringComparer.Ordinal).ToArray();
        var canonical = Canonical(names);
        var id = IdentityKey.IdOf(canonical, one);
        var former = f.Id.Length == 0 || f.Id == id ? f.Aliases : f.Aliases.Append(f.Id);
        var others = names.Where(name => name != canonical).Select(name => IdentityKey.IdOf(name, one));
        return f with
        {
            Id = id,
            Aliases = names.Length == 1 && !former.Any() ? [] : [.. former.Concat(others).Where(alias => alias != id).Distinct().Order(StringComparer.Ordinal)],
            Rule = f.Rule with { Id = canonical, Advisories = names },
        };
    }

    private static int Root(int[] parent, int i)
    {
        while (parent[i] != i)
        {
            i = parent[i] = parent[parent[i]];
        }

        return i;
    }
}
