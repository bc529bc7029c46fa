namespace SecOps.Remediation.Python;

/// <summary>Takes out the imports whose last use a fix replaced. Those that nobody used before stay: they may be there for others.</summary>
internal static class UnusedImports
{
    public static string Remove(PythonSource before, string after)
    {
        foreach (var import in before.Imports.Names.Where(n => n.Statement.Indent.Length == 0).DistinctBy(n => n.Local))
        {
            if (Uses(before, import.Local) == 0)
            {
                continue;
            }

            PythonSource source;
            try
            {
                source = new PythonSource(after);
            }
            catch (PythonSyntaxException)
            {
                // The gates will refuse it, with the reason.
                return after;
            }

            if (Uses(source, import.Local) == 0 && !Exported(source, import.Local)
                && source.Imports.Names.Where(n => n.Local == import.Local && n.Statement.Indent.Length == 0).ToList() is [var unused]
                && Edit(source, unused) is { } edit)
            {
                after = TextEdit.Apply(after, [edit]);
            }
        }

        return after;
    }

    private static int Uses(PythonSource source, string name) =>
        source.Uses(name).Count(u => source.StatementAt(u) is not { } s || !(source.Is(s.First, "import") || source.Is(s.First, "from")));

    /// <summary>Named in a text such as <c>__all__</c>, or patched by name.</summary>
    private static bool Exported(PythonSource source, string name) =>
        source.Tokens.Any(t => t.Kind == TokenKind.String && t.End - t.Start == name.Length + 2 && string.CompareOrdinal(source.Text, t.Start + 1, name, 0, name.Length) == 0);

    private static TextEdit? Edit(PythonSource source, ImportedName import)
    {
        var statement = import.Statement;
        var line = source.LineOf(source.Tokens[statement.First].Start);
        var start = source.StartOfLine(line);
        var end = source.Tokens[statement.Last + 1].End;
        if (source.LineOf(source.Tokens[statement.Last].Start) != line || source.Comments.Any(c => c >= start && c < end)
            || Enumerable.Range(statement.First, statement.Last - statement.First + 1).Any(i => source.Is(i, ";") || source.Is(i, "(")))
        {
            return null;
        }

        var names = source.Imports.Names.Where(n => n.Statement == statement).ToList();
        if (names.Count == 1)
        {
            return source.Tokens[statement.First].Start == start ? new TextEdit(start, end, "") : null;
        }

        if (!import.IsFrom)
        {
            return null;
        }

        var last = source.Is(import.NameToken + 1, "as") ? import.NameToken + 2 : import.NameToken;
        return source.Is(last + 1, ",")
            ? new TextEdit(source.Tokens[import.NameToken].Start, source.Tokens[last + 2].Start, "")
            : new TextEdit(source.Tokens[import.NameToken - 2].End, source.Tokens[last].End, "");
    }
}
