using System.Text;

namespace SecOps.Remediation.Python.Rules;

/// <summary>B704, B703, B308: text that becomes HTML unescaped. The markup stays, what is put into it is escaped.</summary>
internal sealed class MarkupEscape() : PythonRule("B308", "B703", "B704")
{
    protected override string? Fix(PythonFix fix)
    {
        var source = fix.Source;
        bool Marks(Call c) => fix.Qualified(c) is "markupsafe.Markup" or "flask.Markup" or "jinja2.Markup" or "django.utils.safestring.mark_safe" or "django.utils.safestring.SafeString" or "django.utils.safestring.SafeText";
        if (fix.FindCall(Marks) is not { } call || call.Arguments.Count != 1 || call.HasSpread)
        {
            return "no Markup or mark_safe of one text stands there";
        }

        var (first, last) = (call.Arguments[0].Value, call.Arguments[0].Last);
        if (PythonTemplate.Read(source, first, last) is not { } template || !template.Holes.Any())
        {
            return "what is marked as safe is no text put together here: whether it is escaped can't be seen";
        }

        var django = fix.Qualified(call).StartsWith("django.", StringComparison.Ordinal);
        var markup = Rewritten(source, template);
        var values = string.Join(", ", template.Holes.Select(h => h.Expression));
        if (django)
        {
            if (fix.ImportFrom("django.utils.html", "format_html") is not { } name)
            {
                return "the name format_html is taken in this file";
            }

            fix.Replace(call.First, call.Open - 1, name);
            fix.Replace(first, last, $"{markup}, {values}");
        }
        else
        {
            fix.Replace(first, last, markup);
            var end = source.Tokens[call.Close].End;
            fix.Edit(end, end, $".format({values})");
        }

        fix.Summary = "Escape what is put into the markup";
        fix.Risk = "A value that is HTML on purpose has to be marked as such where it is made.";
        return null;
    }

    /// <summary>The literals as they are, their braces doubled, with {} where the values go.</summary>
    private static string Rewritten(PythonSource source, PythonTemplate template)
    {
        var edits = new List<TextEdit>(template.Removals);
        foreach (var piece in template.Pieces)
        {
            if (piece.Expression is not null)
            {
                edits.Add(new TextEdit(piece.Start, piece.End, $"{piece.Before}{{{piece.Format}}}{piece.After}"));
            }
            else if (template.Doubled != "{}")
            {
                var literal = new StringBuilder(piece.Literal).Replace("{", "{{").Replace("}", "}}");
                edits.Add(new TextEdit(piece.Start, piece.End, (template.Doubled == "%" ? literal.Replace("%%", "%") : literal).ToString()));
            }
        }

        var (start, end) = (source.Tokens[template.First].Start, source.Tokens[template.Last].End);
        return TextEdit.Apply(source.Text[start..end], edits.Select(e => new TextEdit(e.Start - start, e.End - start, e.Text)));
    }
}
