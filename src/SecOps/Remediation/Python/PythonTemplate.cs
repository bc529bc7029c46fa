using System.Text;

namespace SecOps.Remediation.Python;

/// <summary>A part of a text that is put together: literal text, or a hole that an expression fills.</summary>
/// <param name="Start">Where it stands in the source; for a hole everything that has to go for a placeholder to stand in its place.</param>
/// <param name="Literal">The source between the quotes; null for a hole.</param>
/// <param name="Expression">The hole's expression; null for a literal.</param>
/// <param name="Before">Closes or opens quotes around what replaces the hole.</param>
internal sealed record Piece(int Start, int End, string? Literal, string? Expression, string Format = "", string Before = "", string After = "");

/// <summary>
/// A text put together from literals and expressions, in any of the ways that Python has: f-strings, <c>+</c>, <c>%</c>,
/// <c>.format()</c>, adjacent literals. Known by places in the source, so that each literal keeps its bytes.
/// </summary>
/// <param name="First">The expression's first token.</param>
/// <param name="Last">The expression's last token.</param>
/// <param name="Doubled">What stands doubled in the literals and does not once the holes are gone: braces or percent signs.</param>
/// <param name="Removals">What else has to go: prefixes, the arguments of <c>%</c> and <c>.format</c>.</param>
internal sealed record PythonTemplate(int First, int Last, IReadOnlyList<Piece> Pieces, string Doubled, IReadOnlyList<TextEdit> Removals)
{
    public IEnumerable<Piece> Holes => Pieces.Where(p => p.Expression is not null);

    /// <summary>Reads the expression from one token through another; null when it is not such a text, or one that can't be taken apart safely.</summary>
    public static PythonTemplate? Read(PythonSource source, int first, int last)
    {
        while (source.Is(first, "(") && source.Pair(first) == last)
        {
            (first, last) = (first + 1, last - 1);
        }

        if (first > last)
        {
            return null;
        }

        var level = Enumerable.Range(first, last - first + 1).Where(i => IsTopLevel(source, first, i)).ToList();
        if (level.Exists(i => source.Is(i, "+")) && level.TrueForAll(i => !source.Is(i, "%")))
        {
            return level.TrueForAll(i => IsSimple(source, i)) ? ReadSum(source, first, last, level) : null;
        }

        var strings = first;
        while (strings <= last && source.Tokens[strings].Kind == TokenKind.String)
        {
            strings++;
        }

        if (strings == first)
        {
            return null;
        }

        return strings > last ? ReadStrings(source, first, last)
            : source.Is(strings, "%") ? NumberedTemplate.ReadPercent(source, first, strings, last)
            : source.Is(strings, ".") && source.Is(strings + 1, "format") && source.Is(strings + 2, "(") && source.Pair(strings + 2) == last ? NumberedTemplate.ReadFormat(source, first, strings, last)
            : null;
    }

    /// <summary>A literal's value, escapes resolved as far as shells and SQL need them; null when it has others.</summary>
    public static string? Unescape(string literal)
    {
        if (!literal.Contains('\\', StringComparison.Ordinal))
        {
            return literal;
        }

        var result = new StringBuilder();
        for (var i = 0; i < literal.Length; i++)
        {
            if (literal[i] != '\\')
            {
                result.Append(literal[i]);
                continue;
            }

            if (++i >= literal.Length || literal[i] is not ('\\' or '\'' or '"' or 'n' or 't'))
            {
                return null;
            }

            result.Append(literal[i] switch { 'n' => '\n', 't' => '\t', var c => c });
        }

        return result.ToString();
    }

    /// <summary>Nothing that binds otherwise than a sum of names, calls and texts: <c>"a" + b or c</c> is no such sum.</summary>
    private static bool IsSimple(PythonSource source, int token) =>
        source.Tokens[token].Kind is TokenKind.String or TokenKind.Number || source.IsName(token)
        || source.Is(token, "+") || source.Is(token, ".") || source.Is(token, "(") || source.Is(token, "[");

    private static bool IsTopLevel(PythonSource source, int first, int token)
    {
        for (var i = first; i < token; i++)
        {
            if (source.Pair(i) > i)
            {
                if (source.Pair(i) >= token)
                {
                    return false;
                }

                i = source.Pair(i);
            }
        }

        return true;
    }

    /// <summary>A string token, taken apart: its prefix in lower case, and where quotes and body stand.</summary>
    internal static (string Prefix, int Quote, int Body, int BodyEnd) Parts(PythonSource source, int token)
    {
        var (start, end) = (source.Tokens[token].Start, source.Tokens[token].End);
        var quote = start;
        while (source.Text[quote] is not ('"' or '\''))
        {
            quote++;
        }

        var marks = end - quote >= 6 && source.Text[quote + 1] == source.Text[quote] && source.Text[quote + 2] == source.Text[quote] ? 3 : 1;
        return (source.Text[start..quote].ToLowerInvariant(), quote, quote + marks, end - marks);
    }

    private static PythonTemplate? ReadStrings(PythonSource source, int first, int last)
    {
        var pieces = new List<Piece>();
        var removals = new List<TextEdit>();
        for (var i = first; i <= last; i++)
        {
            var (prefix, quote, body, end) = Parts(source, i);
            if (prefix is not ("" or "f" or "u"))
            {
                return null;
            }

            if (prefix != "f")
            {
                // Mixed with f-strings its braces would change their meaning when doubled ones are halved.
                var literal = source.Text[body..end];
                if (last > first && (literal.Contains('{', StringComparison.Ordinal) || literal.Contains('}', StringComparison.Ordinal)))
                {
                    return null;
                }

                pieces.Add(new Piece(body, end, literal, null));
                continue;
            }

            removals.Add(new TextEdit(source.Tokens[i].Start, quote, ""));
            var fields = new List<Field>();
            PythonTokenizer.SkipString(source.Text, source.Tokens[i].Start, fields);
            var at = body;
            foreach (var field in fields)
            {
                pieces.Add(new Piece(at, field.Start, source.Text[at..field.Start], null));
                var expression = source.Text[field.ExpressionStart..field.ExpressionEnd];
                if (expression.Contains('\n', StringComparison.Ordinal) || source.Text[field.ExpressionEnd] == '=')
                {
                    return null;
                }

                pieces.Add(new Piece(field.Start, field.End, null, expression.Trim(), source.Text[field.ExpressionEnd..(field.End - 1)]));
                at = field.End;
            }

            pieces.Add(new Piece(at, end, source.Text[at..end], null));
        }

        return new PythonTemplate(first, last, pieces, "{}", removals);
    }

    private static PythonTemplate? ReadSum(PythonSource source, int first, int last, List<int> level)
    {
        var operands = new List<(int First, int Last)>();
        var start = first;
        foreach (var i in level.Where(i => source.Is(i, "+")).Append(last + 1))
        {
            if (i <= start)
            {
                return null;
            }

            operands.Add((start, i - 1));
            start = i + 1;
        }

        string? quote = null;
        var pieces = new List<Piece>();
        for (var i = 0; i < operands.Count; i++)
        {
            var (from, to) = operands[i];
            if (source.Tokens[from].Kind == TokenKind.String)
            {
                var (prefix, at, body, end) = Parts(source, from);
                if (from != to || prefix.Length > 0 || (quote ??= source.Text[at..body]) != source.Text[at..body])
                {
                    return null;
                }

                if (i > 0 && pieces[^1].Literal is not null)
                {
                    return null;
                }

                pieces.Add(new Piece(body, end, source.Text[body..end], null));
            }
            else if (i > 0 && pieces[^1].Expression is not null)
            {
                return null;
            }
            else
            {
                pieces.Add(new Piece(source.Tokens[from].Start, source.Tokens[to].End, null, source.TextOf(from, to)));
            }
        }

        if (quote is null || pieces.Exists(p => p.Expression is { } e && (e.Contains('\n', StringComparison.Ordinal) || e.Contains(" if ", StringComparison.Ordinal))))
        {
            return null;
        }

        // A hole reaches from the closing quote before it to the opening one after it.
        for (var i = 0; i < pieces.Count; i++)
        {
            if (pieces[i].Expression is not null)
            {
                pieces[i] = pieces[i] with
                {
                    Start = i > 0 ? pieces[i - 1].End : pieces[i].Start,
                    End = i + 1 < pieces.Count ? pieces[i + 1].Start : pieces[i].End,
                    Before = i > 0 ? "" : quote,
                    After = i + 1 < pieces.Count ? "" : quote,
                };
            }
        }

        return new PythonTemplate(first, last, pieces, "", []);
    }
}
