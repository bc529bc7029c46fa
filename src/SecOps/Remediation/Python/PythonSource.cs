using System.Text;

namespace SecOps.Remediation.Python;

/// <summary>A Python file as rules see it: tokens, matched brackets, logical lines, calls and imports. No full grammar: rules look at expressions, not at programs.</summary>
internal sealed class PythonSource
{
    private static readonly HashSet<string> Keywords = new(StringComparer.Ordinal)
    {
        "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except",
        "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try",
        "while", "with", "yield",
    };

    private readonly int[] pairs;
    private readonly List<int> lineStarts = [0];

    /// <exception cref="PythonSyntaxException">It can't be read.</exception>
    public PythonSource(string text)
    {
        Text = text;
        (Tokens, Comments) = PythonTokenizer.Read(text);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.Length || text[i + 1] != '\n')))
            {
                lineStarts.Add(i + 1);
            }
        }

        pairs = Match();
        Statements = ReadStatements();
        Calls = new CallReader(this).Read();
        Imports = new PythonImports(this);
    }

    public string Text { get; }

    public IReadOnlyList<PythonToken> Tokens { get; }

    /// <summary>Where each comment starts.</summary>
    public IReadOnlyList<int> Comments { get; }

    public IReadOnlyList<Statement> Statements { get; }

    public IReadOnlyList<Call> Calls { get; }

    public PythonImports Imports { get; }

    /// <summary>The file's own line end.</summary>
    public string LineEnd => Text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";

    public string TextOf(int token) => Text[Tokens[token].Start..Tokens[token].End];

    /// <summary>The text from one token through another.</summary>
    public string TextOf(int first, int last) => Text[Tokens[first].Start..Tokens[last].End];

    public bool Is(int token, string text) =>
        token >= 0 && token < Tokens.Count && Tokens[token].End - Tokens[token].Start == text.Length
        && string.CompareOrdinal(Text, Tokens[token].Start, text, 0, text.Length) == 0 && Tokens[token].Kind != TokenKind.String;

    public bool IsName(int token) => token >= 0 && token < Tokens.Count && Tokens[token].Kind == TokenKind.Name && !Keywords.Contains(TextOf(token));

    public static bool IsKeyword(string word) => Keywords.Contains(word);

    /// <summary>The bracket that belongs to the one at the token; -1 when it is none.</summary>
    public int Pair(int token) => pairs[token];

    /// <summary>From 1.</summary>
    public int LineOf(int position)
    {
        var index = lineStarts.BinarySearch(position);
        return index >= 0 ? index + 1 : ~index;
    }

    public int LineCount => lineStarts.Count;

    /// <summary>The position of a line's first character.</summary>
    public int StartOfLine(int line) => lineStarts[Math.Clamp(line, 1, lineStarts.Count) - 1];

    /// <summary>From 1, in bytes of UTF-8 as Python counts columns.</summary>
    public int ByteColumn(int position) =>
        Encoding.UTF8.GetByteCount(Text.AsSpan(StartOfLine(LineOf(position))..position)) + 1;

    public Statement? StatementAt(int token)
    {
        int low = 0, high = Statements.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (token < Statements[middle].First)
            {
                high = middle - 1;
            }
            else if (token > Statements[middle].Last)
            {
                low = middle + 1;
            }
            else
            {
                return Statements[middle];
            }
        }

        return null;
    }

    /// <summary>The statement that opens the block which holds this one, when it starts with one of the words; looks further out otherwise.</summary>
    public Statement? Enclosing(Statement inner, params ReadOnlySpan<string> words)
    {
        var indent = Width(inner.Indent);
        for (var i = inner.Index - 1; i >= 0; i--)
        {
            var outer = Statements[i];
            if (Width(outer.Indent) >= indent)
            {
                continue;
            }

            indent = Width(outer.Indent);
            var first = Is(outer.First, "async") ? outer.First + 1 : outer.First;
            foreach (var word in words)
            {
                if (Is(first, word))
                {
                    return outer;
                }
            }
        }

        return null;
    }

    /// <summary>The name of the innermost function or class around the statement; null at the top.</summary>
    public string? EnclosingName(Statement statement, string word) =>
        Enclosing(statement, word) is { } outer ? TextOf(outer.First + (Is(outer.First, "async") ? 2 : 1)) : null;

    /// <summary>The statements of the innermost function around this one, in order; those of the file outside any function.</summary>
    public IReadOnlyList<Statement> Scope(Statement statement)
    {
        if (Enclosing(statement, "def") is not { } function)
        {
            return Statements;
        }

        return [.. Body(function)];
    }

    /// <summary>The statements in the block that this one opens.</summary>
    public IEnumerable<Statement> Body(Statement opener) =>
        Statements.Skip(opener.Index + 1).TakeWhile(s => Width(s.Indent) > Width(opener.Indent));

    /// <summary>Tokens of this name that are no attribute of something else and no keyword argument's name.</summary>
    public IEnumerable<int> Uses(string name, int from = 0, int to = int.MaxValue)
    {
        for (var i = Math.Max(0, from); i < Tokens.Count && i <= to; i++)
        {
            if (Tokens[i].Kind == TokenKind.Name && Is(i, name) && !Is(i - 1, ".") && !IsKeywordArgument(i))
            {
                yield return i;
            }
        }
    }

    /// <summary>Columns of white space; a tab goes to the next multiple of eight, as in Python.</summary>
    public static int Width(string indent)
    {
        var width = 0;
        foreach (var c in indent)
        {
            width = c == '\t' ? (width / 8 + 1) * 8 : width + 1;
        }

        return width;
    }

    private bool IsKeywordArgument(int token) => Is(token + 1, "=") && (Is(token - 1, ",") || Is(token - 1, "(")) && StatementAt(token) is { } s && s.First != token;

    private int[] Match()
    {
        var result = new int[Tokens.Count];
        Array.Fill(result, -1);
        var open = new Stack<int>();
        for (var i = 0; i < Tokens.Count; i++)
        {
            if (Tokens[i].Kind != TokenKind.Operator)
            {
                continue;
            }

            var c = Text[Tokens[i].Start];
            if (c is '(' or '[' or '{')
            {
                open.Push(i);
            }
            else if (c is ')' or ']' or '}')
            {
                var other = open.Pop();
                if (Text[Tokens[other].Start] != (c == ')' ? '(' : c == ']' ? '[' : '{'))
                {
                    throw new PythonSyntaxException("brackets do not match", Tokens[i].Start);
                }

                (result[i], result[other]) = (other, i);
            }
        }

        return result;
    }

    private List<Statement> ReadStatements()
    {
        var statements = new List<Statement>();
        var first = 0;
        for (var i = 0; i < Tokens.Count; i++)
        {
            if (Tokens[i].Kind == TokenKind.Newline)
            {
                var start = Tokens[first].Start;
                var indent = Text[StartOfLine(LineOf(start))..start].TrimStart('\uFEFF');
                statements.Add(new Statement(statements.Count, first, i - 1, indent));
                first = i + 1;
            }
        }

        return statements;
    }
}
