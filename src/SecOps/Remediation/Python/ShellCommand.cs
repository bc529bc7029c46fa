using System.Text;

namespace SecOps.Remediation.Python;

/// <summary>Turns a command line for a shell into the argument list that runs the same program without one.</summary>
internal static class ShellCommand
{
    /// <summary>Known to the shell alone, or of another meaning there.</summary>
    private static readonly HashSet<string> Builtins = new(StringComparer.Ordinal)
    {
        "alias", "bg", "break", "cd", "command", "continue", "dirs", "eval", "exec", "exit", "export", "fg", "for", "function", "hash", "if", "jobs",
        "popd", "pushd", "read", "readonly", "return", "set", "shift", "source", "time", "times", "trap", "type", "ulimit", "umask", "unalias",
        "unset", "until", "wait", "while", ".", ":", "[", "[[", "!", "{", "}",
    };

    private static readonly HashSet<string> NumberWords = new(StringComparer.Ordinal)
    {
        "n", "i", "j", "num", "number", "count", "size", "length", "limit", "port", "pid", "uid", "gid", "id", "width", "height", "seconds", "timeout", "delay", "level", "index", "page", "mode",
    };

    /// <returns>The list as Python source, or null with the reason.</returns>
    public static (string? List, string? Reason) ToList(PythonSource source, PythonTemplate template)
    {
        var words = new List<List<(string? Text, Piece? Hole)>>();
        List<(string? Text, Piece? Hole)>? word = null;
        var quote = '\0';
        foreach (var piece in template.Pieces)
        {
            if (piece.Expression is not null)
            {
                (word ??= []).Add((null, piece));
                continue;
            }

            var literal = template.Doubled == "%" ? piece.Literal!.Replace("%%", "%", StringComparison.Ordinal)
                : template.Doubled == "{}" && template.Holes.Any() ? piece.Literal!.Replace("{{", "{", StringComparison.Ordinal).Replace("}}", "}", StringComparison.Ordinal)
                : piece.Literal!;
            if (PythonTemplate.Unescape(literal) is not { } text)
            {
                return (null, "the command has escapes that are not understood");
            }

            foreach (var c in text)
            {
                if (quote == '\0' ? "|&;<>()$`\\*?[]#~{}!\n\r".Contains(c, StringComparison.Ordinal) : quote == '"' && "$`\\!".Contains(c, StringComparison.Ordinal))
                {
                    return (null, $"the command uses the shell: it has a {(c is '\n' or '\r' ? "line end" : c.ToString())}");
                }

                if (quote == '\0' && c is ' ' or '\t')
                {
                    Close();
                }
                else if (c == quote)
                {
                    quote = '\0';
                }
                else if (quote == '\0' && c is '"' or '\'')
                {
                    quote = c;
                    (word ??= []).Add(("", null));
                }
                else
                {
                    (word ??= []).Add((c.ToString(), null));
                }
            }
        }

        Close();
        if (quote != '\0')
        {
            return (null, "a quote in the command is never closed");
        }

        if (words.Count == 0 || words[0].Exists(p => p.Hole is not null))
        {
            return (null, "which program it runs is not fixed");
        }

        var program = string.Concat(words[0].Select(p => p.Text));
        if (Builtins.Contains(program) || program.Contains('=', StringComparison.Ordinal))
        {
            return (null, $"\"{program}\" means something to the shell");
        }

        return ("[" + string.Join(", ", words.Select(w => Element(source, w))) + "]", null);

        void Close()
        {
            if (word is not null)
            {
                words.Add(word);
                word = null;
            }
        }
    }

    private static string Element(PythonSource source, List<(string? Text, Piece? Hole)> word)
    {
        var parts = word.Where(p => p.Hole is not null || p.Text!.Length > 0).ToList();
        if (parts is [{ Hole: { } hole }])
        {
            return Whole(source, hole);
        }

        var text = new StringBuilder();
        var holes = parts.Exists(p => p.Hole is not null);
        foreach (var (literal, part) in parts)
        {
            text.Append(part is not null ? Field(part) : holes ? literal!.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal) : literal);
        }

        return (holes ? "f" : "") + Quoted(text.ToString(), holes);
    }

    /// <summary>Nested quotes of the same kind are only understood by Python 3.12 and later.</summary>
    private static string Quoted(string text, bool holes) =>
        holes && text.Contains('"', StringComparison.Ordinal)
            ? "'" + text.Replace("'", "\"", StringComparison.Ordinal) + "'"
            : "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";

    private static string Field(Piece hole)
    {
        var expression = Unquoted(hole.Expression!) ?? hole.Expression!;
        return "{" + expression.Replace('"', '\'') + hole.Format + "}";
    }

    /// <summary>An argument of its own: as it is when it is a text for all that can be seen, otherwise made one.</summary>
    private static string Whole(PythonSource source, Piece hole)
    {
        var expression = hole.Expression!;
        if (Unquoted(expression) is { } quoted)
        {
            return quoted;
        }

        if (hole.Format.Length > 0)
        {
            return $"f\"{Field(hole)}\"";
        }

        var simple = expression.All(c => char.IsLetterOrDigit(c) || c == '_');
        var last = expression.Split('_')[^1].ToLowerInvariant();
        var annotated = source.Tokens.Select((_, i) => i).Any(i => source.Is(i, expression) && source.Is(i + 1, ":") && source.IsName(i + 2) && !source.Is(i + 2, "str"));
        return simple && !NumberWords.Contains(last) && !annotated ? expression : $"str({expression})";
    }

    /// <summary><c>shlex.quote(x)</c> is for shells; a list takes x.</summary>
    private static string? Unquoted(string expression)
    {
        foreach (var call in new[] { "shlex.quote(", "pipes.quote(", "quote(" })
        {
            if (expression.StartsWith(call, StringComparison.Ordinal) && expression.EndsWith(')') && !expression[call.Length..^1].Contains(')', StringComparison.Ordinal))
            {
                return expression[call.Length..^1];
            }
        }

        return null;
    }
}
