namespace SecOps.Remediation.Python;

/// <summary>Texts with marks that are filled in order: <c>"a %s" % b</c> and <c>"a {}".format(b)</c>.</summary>
internal static class NumberedTemplate
{
    public static PythonTemplate? ReadPercent(PythonSource source, int first, int percent, int last)
    {
        var values = new List<string>();
        var from = percent + 1;
        if (source.Is(from, "(") && source.Pair(from) == last)
        {
            var start = from + 1;
            for (var i = start; i <= last; i++)
            {
                if (i < last && source.Pair(i) > i)
                {
                    i = source.Pair(i);
                }
                else if (i == last || source.Is(i, ","))
                {
                    if (i > start)
                    {
                        values.Add(source.TextOf(start, i - 1));
                    }

                    start = i + 1;
                }
            }
        }
        else if (Enumerable.Range(from, last - from + 1).All(i => source.IsName(i) || source.Is(i, ".")))
        {
            values.Add(source.TextOf(from, last));
        }

        return Numbered(source, first, percent, last, values, "%", static (text, at) => text[at] != '%' ? 0 : at + 1 < text.Length && text[at + 1] is 's' or 'd' ? 2 : -1);
    }

    public static PythonTemplate? ReadFormat(PythonSource source, int first, int dot, int last)
    {
        var call = source.Calls.First(c => c.Open == dot + 2);
        if (call.HasSpread || call.Arguments.Any(a => a.Name is not null))
        {
            return null;
        }

        var values = call.Arguments.Select(a => source.TextOf(a.Value, a.Last)).ToList();
        return Numbered(source, first, dot, last, values, "{}", static (text, at) => text[at] is not ('{' or '}') ? 0 : string.CompareOrdinal(text, at, "{}", 0, 2) == 0 ? 2 : -1);
    }

    /// <summary>Literals with marks that are filled in order. The function gives a mark's length at a position, 0 for ordinary text, -1 for what is not understood.</summary>
    private static PythonTemplate? Numbered(PythonSource source, int first, int strings, int last, List<string> values, string doubled, Func<string, int, int> mark)
    {
        var pieces = new List<Piece>();
        var next = 0;
        for (var i = first; i < strings; i++)
        {
            var (prefix, _, body, end) = PythonTemplate.Parts(source, i);
            if (prefix is not ("" or "u"))
            {
                return null;
            }

            var at = body;
            for (var j = body; j < end; j++)
            {
                if (doubled.Contains(source.Text[j], StringComparison.Ordinal) && j + 1 < end && source.Text[j + 1] == source.Text[j])
                {
                    j++;
                    continue;
                }

                var length = mark(source.Text, j);
                if (length < 0 || (length > 0 && next >= values.Count))
                {
                    return null;
                }

                if (length > 0)
                {
                    pieces.Add(new Piece(at, j, source.Text[at..j], null));
                    pieces.Add(new Piece(j, j + length, null, values[next++]));
                    at = j + length;
                    j = at - 1;
                }
            }

            pieces.Add(new Piece(at, end, source.Text[at..end], null));
        }

        if (next != values.Count || next == 0 || values.Exists(v => v.Contains('\n', StringComparison.Ordinal)))
        {
            return null;
        }

        var removal = new TextEdit(source.Tokens[strings - 1].End, source.Tokens[last].End, "");
        return new PythonTemplate(first, last, pieces, doubled, [removal]);
    }
}
