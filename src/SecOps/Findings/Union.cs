using System.Runtime.InteropServices;

namespace SecOps.Findings;

/// <summary>
/// Unites findings of several reports or documents: the same id is one finding, one advisory under several names is one finding, and one
/// line that several scanners flag for the same CWE is one finding. Any order, any grouping and any repetition gives the same result.
/// </summary>
internal static class Union
{
    /// <summary>Findings with ids (vulnerabilities may lack theirs); each once, in <see cref="FindingOrder"/>.</summary>
    public static List<Finding> Of(IEnumerable<IReadOnlyList<Finding>> reports)
    {
        var all = reports.ToList();
        var byId = new Dictionary<string, Finding>(all.Sum(r => r.Count(f => f.Category != Category.Dependency)));
        var vulnerabilities = new List<Finding>();
        void Add(Finding finding)
        {
            if (finding.Category == Category.Dependency)
            {
                vulnerabilities.Add(finding);
                return;
            }

            ref var slot = ref CollectionsMarshal.GetValueRefOrAddDefault(byId, finding.Id, out var exists);
            slot = exists ? FindingJoin.Of(slot!, finding) : finding;
        }

        foreach (var finding in all.SelectMany(r => r))
        {
            if (finding.Joined.Count == 0)
            {
                Add(finding);
                continue;
            }

            foreach (var part in finding.Joined)
            {
                Add(part);
            }
        }

        var united = new List<Finding>(byId.Count + vulnerabilities.Count);
        united.AddRange(byId.Values);
        united = SameLine.Join(united);
        united.AddRange(AliasGroups.Join(vulnerabilities));
        return FindingOrder.Sort(united);
    }
}
