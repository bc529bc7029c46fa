using SecOps.Findings;

namespace SecOps.Commands;

/// <summary>Finds the finding that a person names.</summary>
internal static class FindingChoice
{
    /// <param name="name">An id, one of its aliases, or the beginning of an id as long as no other begins so.</param>
    /// <exception cref="SecOpsException">None or several (exit code 2).</exception>
    public static Finding Find(FindingsDocument document, string name)
    {
        var exact = document.Findings.FirstOrDefault(f => f.Id == name) ?? document.Findings.FirstOrDefault(f => f.Aliases.Contains(name));
        if (exact is not null)
        {
            return exact;
        }

        var wanted = name.StartsWith("f1-", StringComparison.Ordinal) ? name : "f1-" + name;
        return document.Findings.Where(f => f.Id.StartsWith(wanted, StringComparison.Ordinal)).Take(2).ToList() switch
        {
            [var only] => only,
            [] => throw SecOpsException.Usage($"there is no finding {name} in the last scan. \"secops report explain\" lists what decided, \"secops report --format json\" everything."),
            _ => throw SecOpsException.Usage($"several findings begin with {name}; write more of the id."),
        };
    }
}
