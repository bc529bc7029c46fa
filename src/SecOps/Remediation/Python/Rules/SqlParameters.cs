using System.Text.RegularExpressions;

namespace SecOps.Remediation.Python.Rules;

/// <summary>B608: values that are put into SQL text become parameters. Names of tables and columns can't be parameters and are left to a person.</summary>
internal sealed partial class SqlParameters() : PythonRule("B608")
{
    protected override string? Fix(PythonFix fix)
    {
        var source = fix.Source;
        if (FindExecute(fix) is not { } found)
        {
            return "the text is not passed to execute(), alone and in one place";
        }

        var (execute, use, first, last) = found;
        if (PythonTemplate.Read(source, first, last) is not { } template || !template.Holes.Any())
        {
            return "the text can't be taken apart";
        }

        if (SqlDriver.Placeholder(fix) is not { } placeholder)
        {
            return "which database driver is used can't be seen, and each has its own placeholder";
        }

        var edits = new List<TextEdit>(template.Removals);
        var values = new List<string>();
        var impossible = new List<string>();
        for (var i = 0; i < template.Pieces.Count; i++)
        {
            var piece = template.Pieces[i];
            if (piece.Expression is null)
            {
                continue;
            }

            var before = i > 0 ? template.Pieces[i - 1].Literal ?? "" : "";
            var after = i + 1 < template.Pieces.Count ? template.Pieces[i + 1].Literal ?? "" : "";
            var sql = string.Concat(template.Pieces.Take(i).Select(p => p.Literal ?? "?"));
            if (Parameter(piece, before, after, sql) is not { } parameter)
            {
                impossible.Add(piece.Expression);
                continue;
            }

            values.Add(parameter.Value);
            edits.Add(new TextEdit(piece.Start - parameter.Before, piece.End + parameter.After, piece.Before + placeholder + piece.After));
        }

        if (impossible.Count > 0)
        {
            // A constant by its name is no danger; what else is put in is.
            var danger = impossible.Find(e => e.Any(char.IsLower)) ?? impossible[0];
            return $"no parameter can stand where {Shown(danger)} is put in: allow a list of known values instead";
        }

        if (Literals(template, placeholder, edits) is { } reason)
        {
            return reason;
        }

        fix.Add(edits);
        var end = source.Tokens[use].End;
        fix.Edit(end, end, values.Count == 1 ? $", ({values[0]},)" : $", ({string.Join(", ", values)})");
        fix.Summary = "Pass values to the query as parameters";
        return null;
    }

    /// <summary>The call that gets the text, the token after which its parameters go, and the text itself.</summary>
    private static (Call Execute, int Use, int First, int Last)? FindExecute(PythonFix fix)
    {
        var source = fix.Source;
        bool Alone(Call c) => c.Function == "execute" && c.Name.Contains('.', StringComparison.Ordinal) && c.Arguments.Count == 1 && !c.HasSpread && c.Arguments[0].Name is null;
        var direct = source.Calls.Where(c => Alone(c) && source.Tokens[c.Arguments[0].Value].Kind is TokenKind.String or TokenKind.Name && Overlaps(fix, c.Arguments[0].Value, c.Arguments[0].Last)
            && c.Arguments[0].Last > c.Arguments[0].Value | source.Tokens[c.Arguments[0].Value].Kind == TokenKind.String).ToList();
        if (direct is [var call])
        {
            return (call, call.Arguments[0].Last, call.Arguments[0].Value, call.Arguments[0].Last);
        }

        foreach (var statement in source.Statements.Where(s => s.Last > s.First + 1 && Overlaps(fix, s.First, s.Last)))
        {
            if (SingleAssignment.FindUse(source, statement) is { } use && source.StatementAt(use)!.Indent == statement.Indent
                && source.Calls.FirstOrDefault(c => Alone(c) && c.Arguments[0].Value == use && c.Arguments[0].Last == use) is { } later)
            {
                return (later, use, statement.First + 2, statement.Last);
            }
        }

        return null;
    }

    private static bool Overlaps(PythonFix fix, int first, int last)
    {
        var from = fix.Source.LineOf(fix.Source.Tokens[first].Start);
        var to = fix.Source.LineOf(fix.Source.Tokens[last].End - 1);
        return from <= fix.EndLine && fix.StartLine <= to;
    }

    /// <summary>The value to pass, and how many characters of the literals around the hole go with it.</summary>
    private static (string Value, int Before, int After)? Parameter(Piece hole, string before, string after, string sql)
    {
        if (hole.Format.Length > 0)
        {
            return null;
        }

        var expression = hole.Expression!;
        var open = before.LastIndexOf('\'');
        var inQuotes = sql.Count(c => c == '\'') % 2 == 1;
        if (!inQuotes)
        {
            return IsValuePlace(sql) && !after.TrimStart().StartsWith('(') && !after.StartsWith('.') && (after.Length == 0 || !(char.IsLetterOrDigit(after[0]) || after[0] is '_' or '\''))
                ? (expression, 0, 0) : null;
        }

        var close = after.IndexOf('\'', StringComparison.Ordinal);
        if (open < 0 || close < 0 || (open > 0 && before[open - 1] == '\\') || (close > 0 && after[close - 1] == '\\') || !IsValuePlace(sql[..sql.LastIndexOf('\'')]))
        {
            return null;
        }

        var (left, right) = (before[(open + 1)..], after[..close]);
        if (left.Length + right.Length == 0)
        {
            return (expression, 1, 1);
        }

        // Part of a pattern: the rest of the literal goes into the value.
        if ((left + right).AsSpan().IndexOfAny("\"{}\\\n") >= 0 || expression.Contains('"', StringComparison.Ordinal))
        {
            return null;
        }

        return ($"f\"{left.Replace("%%", "%", StringComparison.Ordinal)}{{{expression}}}{right.Replace("%%", "%", StringComparison.Ordinal)}\"", left.Length + 1, right.Length + 1);
    }

    /// <summary>Whether the SQL so far ends where a value is expected.</summary>
    private static bool IsValuePlace(string sql)
    {
        var text = Spaces().Replace(sql, " ").TrimEnd();
        return Comparison().IsMatch(text) || InValues(text);
    }

    /// <summary>Inside the parentheses of VALUES; a lone hole in IN (…) may stand for a list.</summary>
    private static bool InValues(string text)
    {
        var open = text.LastIndexOf('(');
        return open > 0 && text[^1] is '(' or ',' && ValuesBefore().IsMatch(text[..open]) && !text[open..].Contains(')', StringComparison.Ordinal);
    }

    /// <summary>Doubled braces become single ones, and a percent sign doubles where %s marks the parameters.</summary>
    private static string? Literals(PythonTemplate template, string placeholder, List<TextEdit> edits)
    {
        foreach (var piece in template.Pieces.Where(p => p.Literal is not null))
        {
            for (var i = 0; i < piece.Literal!.Length; i++)
            {
                var at = piece.Start + i;
                if (edits.Exists(e => at >= e.Start && at < e.End))
                {
                    continue;
                }

                var c = piece.Literal[i];
                var twice = i + 1 < piece.Literal.Length && piece.Literal[i + 1] == c;
                if (c is '{' or '}' && template.Doubled == "{}" && twice)
                {
                    edits.Add(new TextEdit(at, at + 1, ""));
                    i++;
                }
                else if (c == '%' && template.Doubled == "%" && twice)
                {
                    if (placeholder == "?")
                    {
                        edits.Add(new TextEdit(at, at + 1, ""));
                    }

                    i++;
                }
                else if (c == '%' && placeholder == "%s")
                {
                    edits.Add(new TextEdit(at, at, "%"));
                }
                else if (c == '?' && placeholder == "?")
                {
                    return "the text has a question mark of its own";
                }
            }
        }

        return null;
    }

    private static string Shown(string expression) => expression.Length > 40 ? expression[..40] + "…" : expression;

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"(=|<|>|<=|>=|<>|!=|\b(LIKE|ILIKE|LIMIT|OFFSET|BETWEEN|BETWEEN \?\s+AND|BETWEEN '?\?'? AND))$", RegexOptions.IgnoreCase)]
    private static partial Regex Comparison();

    [GeneratedRegex(@"\bVALUES ?$", RegexOptions.IgnoreCase)]
    private static partial Regex ValuesBefore();
}
