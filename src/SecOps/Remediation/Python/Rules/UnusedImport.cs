namespace SecOps.Remediation.Python.Rules;

/// <summary>Takes out an import whose last use a fix replaces.</summary>
internal static class UnusedImport
{
    /// <summary>The statement's whole line, unless something else stands on it or it is all that a block holds.</summary>
    public static void Remove(PythonFix fix, Statement import)
    {
        var source = fix.Source;
        var line = source.LineOf(source.Tokens[import.First].Start);
        var start = source.StartOfLine(line);
        var end = source.Tokens[import.Last + 1].End;
        var alone = import.Indent.Length == 0 && source.LineOf(source.Tokens[import.Last].Start) == line
            && !source.Comments.Any(c => c >= start && c < end) && source.Tokens[import.First].Start == start;
        if (alone)
        {
            fix.Edit(start, end, "");
        }
    }
}
