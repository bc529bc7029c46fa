namespace SecOps.Remediation.Python;

/// <summary>
/// Splits Python source into tokens as the language reference describes them
/// (https://docs.python.org/3/reference/lexical_analysis.html): strings with prefixes and nested f-strings, comments, brackets,
/// joined lines. Nothing is looked for in raw text, where a string or a comment may hide it.
/// </summary>
internal sealed class PythonTokenizer
{
    /// <summary>f-strings inside fields of f-strings; Python itself gives up not much later.</summary>
    private const int DeepestNesting = 20;

    private readonly string text;
    private readonly List<PythonToken> tokens = [];
    private readonly List<int> comments = [];
    private int at;

    private PythonTokenizer(string text) => this.text = text;

    /// <summary>The tokens, and where each comment starts.</summary>
    /// <exception cref="PythonSyntaxException">A string or a bracket does not end.</exception>
    public static (List<PythonToken> Tokens, List<int> Comments) Read(string text)
    {
        var tokenizer = new PythonTokenizer(text);
        tokenizer.Run();
        return (tokenizer.tokens, tokenizer.comments);
    }

    /// <summary>The position after the string literal that starts here (at its prefix or quote); its fields, when it is an f-string, go into the list.</summary>
    public static int SkipString(string text, int start, List<Field>? fields = null) => SkipString(text, start, fields, 0);

    private void Run()
    {
        var depth = 0;
        at = text.StartsWith('\uFEFF') ? 1 : 0;
        while (at < text.Length)
        {
            var c = text[at];
            if (c is '\n' or '\r')
            {
                var start = at;
                at += c == '\r' && at + 1 < text.Length && text[at + 1] == '\n' ? 2 : 1;
                if (depth == 0 && tokens.Count > 0 && tokens[^1].Kind != TokenKind.Newline)
                {
                    tokens.Add(new PythonToken(TokenKind.Newline, start, at));
                }
            }
            else if (c is ' ' or '\t' or '\f')
            {
                at++;
            }
            else if (c == '\\' && at + 1 < text.Length && text[at + 1] is '\n' or '\r')
            {
                at += text[at + 1] == '\r' && at + 2 < text.Length && text[at + 2] == '\n' ? 3 : 2;
            }
            else if (c == '#')
            {
                comments.Add(at);
                var end = text.AsSpan(at).IndexOfAny('\n', '\r');
                at = end < 0 ? text.Length : at + end;
            }
            else if (StringStart(text, at))
            {
                Add(TokenKind.String, SkipString(text, at));
            }
            else if (char.IsLetter(c) || c == '_' || c > 127)
            {
                Add(TokenKind.Name, SkipName(text, at));
            }
            else if (char.IsAsciiDigit(c) || (c == '.' && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1])))
            {
                Add(TokenKind.Number, SkipNumber());
            }
            else
            {
                depth += c is '(' or '[' or '{' ? 1 : c is ')' or ']' or '}' ? -1 : 0;
                if (depth < 0)
                {
                    throw new PythonSyntaxException("a bracket closes that was never opened", at);
                }

                Add(TokenKind.Operator, at + OperatorLength(text.AsSpan(at)));
            }
        }

        if (depth != 0)
        {
            throw new PythonSyntaxException("a bracket is never closed", at);
        }

        if (tokens.Count > 0 && tokens[^1].Kind != TokenKind.Newline)
        {
            tokens.Add(new PythonToken(TokenKind.Newline, text.Length, text.Length));
        }
    }

    private void Add(TokenKind kind, int end)
    {
        tokens.Add(new PythonToken(kind, at, end));
        at = end;
    }

    private static bool StringStart(string text, int start)
    {
        var quote = start + PrefixLength(text, start);
        return quote < text.Length && text[quote] is '"' or '\'';
    }

    /// <summary>How many letters stand before the quote; 0 when what starts here is no string prefix.</summary>
    private static int PrefixLength(string text, int start)
    {
        var end = start;
        while (end < text.Length && end - start < 3 && char.ToLowerInvariant(text[end]) is 'r' or 'b' or 'u' or 'f' or 't')
        {
            end++;
        }

        return end < text.Length && text[end] is '"' or '\'' && end - start <= 2 ? end - start : 0;
    }

    private static int SkipName(string text, int start)
    {
        var end = start;
        while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] == '_' || text[end] > 127))
        {
            end++;
        }

        return end;
    }

    private int SkipNumber()
    {
        var end = at;
        while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] is '_' or '.'
            || (text[end] is '+' or '-' && text[end - 1] is 'e' or 'E' && !IsHexadecimal(end))))
        {
            end++;
        }

        return end;
    }

    private bool IsHexadecimal(int end) => end - at > 1 && text[at] == '0' && text[at + 1] is 'x' or 'X';

    private static int OperatorLength(ReadOnlySpan<char> rest)
    {
        ReadOnlySpan<string> longer = ["**=", "//=", ">>=", "<<=", "...", "**", "//", ">>", "<<", "<=", ">=", "==", "!=", "->", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "@=", ":="];
        foreach (var op in longer)
        {
            if (rest.StartsWith(op, StringComparison.Ordinal))
            {
                return op.Length;
            }
        }

        return 1;
    }

    private static int SkipString(string text, int start, List<Field>? fields, int nesting)
    {
        var quote = start + PrefixLength(text, start);
        var prefix = text.AsSpan(start, quote - start);
        var raw = prefix.IndexOfAny('r', 'R') >= 0;
        var formatted = prefix.IndexOfAny("fFtT") >= 0;
        var mark = text[quote];
        var triple = quote + 2 < text.Length && text[quote + 1] == mark && text[quote + 2] == mark;
        var i = quote + (triple ? 3 : 1);
        while (i < text.Length)
        {
            var c = text[i];
            if (c == '\\' && (!formatted || raw || i + 1 >= text.Length || text[i + 1] is not ('{' or '}')))
            {
                // \N{NAME} is no field; in raw strings a backslash still keeps the quote.
                i = !raw && formatted && i + 2 < text.Length && text[i + 1] == 'N' && text[i + 2] == '{' ? Math.Max(i + 3, text.IndexOf('}', i) + 1) : i + 2;
            }
            else if (c == mark && (!triple || string.CompareOrdinal(text, i, new string(mark, 3), 0, 3) == 0))
            {
                return i + (triple ? 3 : 1);
            }
            else if (c is '\n' or '\r' && !triple)
            {
                break;
            }
            else if (formatted && c == '{')
            {
                i = i + 1 < text.Length && text[i + 1] == '{' ? i + 2 : SkipField(text, i, fields, nesting + 1);
            }
            else
            {
                i++;
            }
        }

        throw new PythonSyntaxException("a string is never closed", start);
    }

    /// <summary>From the opening brace to after the closing one.</summary>
    private static int SkipField(string text, int start, List<Field>? fields, int nesting)
    {
        if (nesting > DeepestNesting)
        {
            throw new PythonSyntaxException("f-strings are nested too deeply", start);
        }

        var depth = 0;
        var expressionEnd = -1;
        var i = start + 1;
        while (i < text.Length)
        {
            var c = text[i];
            if (expressionEnd < 0 && StringStart(text, i))
            {
                i = SkipString(text, i, null, nesting + 1);
                continue;
            }

            if (expressionEnd < 0 && (char.IsLetterOrDigit(c) || c == '_'))
            {
                // As a whole, so that its end is not taken for a string's prefix.
                i = SkipName(text, i);
                continue;
            }

            if (expressionEnd >= 0 && c == '{')
            {
                i = SkipField(text, i, null, nesting + 1);
                continue;
            }

            if (depth == 0 && c == '}')
            {
                var end = expressionEnd < 0 ? i : expressionEnd;
                fields?.Add(new Field(start, i + 1, start + 1, end));
                return i + 1;
            }

            if (expressionEnd < 0)
            {
                depth += c is '(' or '[' or '{' ? 1 : c is ')' or ']' or '}' ? -1 : 0;
                var next = i + 1 < text.Length ? text[i + 1] : '\0';
                if (depth == 0 && (c == ':' || (c == '!' && next != '=') || (c == '=' && next is '}' or '!' or ':')))
                {
                    expressionEnd = i;
                }
                else if (c is '=' or '!' or '<' or '>' && next == '=')
                {
                    i++;
                }
            }

            i++;
        }

        throw new PythonSyntaxException("a field of an f-string is never closed", start);
    }
}
