using System.Runtime.InteropServices;

namespace SecOps.Findings;

/// <summary>
/// One vulnerability is one finding, however many databases name it. Names that any report calls the same advisory (CVE, GHSA, PYSEC, GO, …)
/// form a group, within one package of one manifest or image. The group's name is its smallest CVE, else its smallest name; the ids
/// that the other names would have given stay as aliases, so that waivers and baselines written under them hold.
/// </summary>
internal static class AliasGroups
{
    public static IEnumerable<Finding> Join(List<Finding> vulnerabilities)
    {
        var parent = new int[vulnerabilities.Count];
        var scopes = Scopes(vulnerabilities);
        var firstWith = new Dictionary<(string Scope, string Name), int>(vulnerabilities.Count);
        for (var i = 0; i < parent.Length; i++)
        {
            parent[i] = i;
            var rule = vulnerabilities[i].Rule;
            Meet(i, rule.Id);
            foreach (var name in rule.Advisories)
            {
                if (!ReferenceEquals(name, rule.Id))
                {
                    Meet(i, name);
                }
            }
        }

        void Meet(int i, string name)
        {
            ref var other = ref CollectionsMarshal.GetValueRefOrAddDefault(firstWith, (scopes[i], name), out var exists);
            if (exists)
            {
                parent[Root(parent, i)] = Root(parent, other);
            }
            else
            {
                other = i;
            }
        }

        var joined = new Dictionary<int, Finding>(parent.Length);
        for (var i = 0; i < parent.Length; i++)
        {
            ref var slot = ref CollectionsMarshal.GetValueRefOrAddDefault(joined, Root(parent, i), out var exists);
            slot = exists ? FindingJoin.Of(WithFormerId(slot!), WithFormerId(vulnerabilities[i])) : vulnerabilities[i];
        }

        return joined.Count < Identity.Many
            ? joined.Select(group => Named(group.Value, scopes[group.Key]))
            : joined.AsParallel().Select(group => Named(group.Value, scopes[group.Key]));
    }

    private static string[] Scopes(List<Finding> vulnerabilities)
    {
        var scopes = new string[vulnerabilities.Count];
        if (scopes.Length < Identity.Many)
        {
            for (var i = 0; i < scopes.Length; i++)
            {
                scopes[i] = IdentityKey.Scope(vulnerabilities[i]);
            }
        }
        else
        {
            Parallel.For(0, scopes.Length, i => scopes[i] = IdentityKey.Scope(vulnerabilities[i]));
        }

        return scopes;
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

    private static Finding Named(Finding f, string scope)
    {
        if (f.Aliases.Count == 0 && (f.Rule.Advisories.Count == 0 || (f.Rule.Advisories is [var only] && only == f.Rule.Id)))
        {
            // Most have one name.
            var own = IdentityKey.IdOf(f.Rule.Id, scope);
            return f with { Id = own, Aliases = f.Id.Length == 0 || f.Id == own ? [] : [f.Id], Rule = f.Rule.Advisories.Count == 1 ? f.Rule : f.Rule with { Advisories = [f.Rule.Id] } };
        }

        var names = Names(f).Distinct().Order(StringComparer.Ordinal).ToArray();
        var canonical = Canonical(names);
        var id = IdentityKey.IdOf(canonical, scope);
        var former = f.Id.Length == 0 || f.Id == id ? f.Aliases : f.Aliases.Append(f.Id);
        var others = names.Where(name => name != canonical).Select(name => IdentityKey.IdOf(name, scope));
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
