using System.Runtime.InteropServices;

namespace SecOps.Findings;

/// <summary>
/// Unites findings of several reports or documents: the same id is one finding, one advisory under several names is one finding, and one
/// line that several scanners flag for the same CWE is one finding. Any order, any grouping and any repetition gives the same result.
/// </summary>
internal static class Union
{
    /// <summary>Findings with ids (vulnerabilities may lack theirs); each once, in <see cref="FindingOrder"/>.</summary>
    /// <param name="reports">Each with whether <see cref="Identity.AreVulnerabilities"/>: looking at hundreds of thousands once more takes its time.</param>
    public static List<Finding> Of(IEnumerable<(IReadOnlyList<Finding> Findings, bool AreVulnerabilities)> reports)
    {
        var (vulnerabilities, others) = (new List<Finding>(), new List<Finding>());
        foreach (var (report, areVulnerabilities) in reports)
        {
            if (areVulnerabilities)
            {
                vulnerabilities.AddRange(report);
                continue;
            }

            foreach (var finding in report)
            {
                var parts = finding.Joined;
                for (var i = 0; i < Math.Max(1, parts.Count); i++)
                {
                    var one = parts.Count == 0 ? finding : parts[i];
                    (one.Category == Category.Dependency ? vulnerabilities : others).Add(one);
                }
            }
        }

        var byId = new Dictionary<string, Finding>(others.Count);
        foreach (var finding in others)
        {
            ref var slot = ref CollectionsMarshal.GetValueRefOrAddDefault(byId, finding.Id, out var exists);
            slot = exists ? FindingJoin.Of(slot!, finding) : finding;
        }

        AliasGroups.Join(vulnerabilities);
        vulnerabilities.AddRange(SameLine.Join([.. byId.Values]));
        return FindingOrder.Sort(vulnerabilities);
    }
}
