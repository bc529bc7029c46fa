namespace SecOps.Remediation.Python.Rules;

/// <summary>Finds the one assignment that a variable's one use gets its value from, so that both can change together.</summary>
internal static class SingleAssignment
{
    /// <param name="use">The token of the use.</param>
    /// <returns>The value's first and last token; null unless the variable is assigned once, before, in the same block, and used nowhere else.</returns>
    public static (int First, int Last)? Find(PythonSource source, int use)
    {
        var name = source.TextOf(use);
        if (source.StatementAt(use) is not { } statement)
        {
            return null;
        }

        var scope = source.Scope(statement);
        var uses = source.Uses(name, scope[0].First, scope[^1].Last).ToList();
        if (uses.Count != 2 || uses[1] != use)
        {
            return null;
        }

        var assignment = source.StatementAt(uses[0])!;
        return uses[0] == assignment.First && source.Is(assignment.First + 1, "=") && assignment.Indent == statement.Indent
            && !Enumerable.Range(assignment.First, assignment.Last - assignment.First + 1).Any(i => source.Is(i, ";"))
            ? (assignment.First + 2, assignment.Last)
            : null;
    }

    /// <summary>The one later use of a variable that the statement assigns, in the same block; null when there is none or there are several.</summary>
    public static int? FindUse(PythonSource source, Statement assignment)
    {
        if (!source.IsName(assignment.First) || !source.Is(assignment.First + 1, "="))
        {
            return null;
        }

        var scope = source.Scope(assignment);
        var uses = source.Uses(source.TextOf(assignment.First), scope[0].First, scope[^1].Last).ToList();
        return uses.Count == 2 && uses[0] == assignment.First ? uses[1] : null;
    }
}
