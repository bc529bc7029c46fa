namespace SecOps.Remediation.Python;

internal enum TokenKind { Name, Number, String, Operator, Newline }

/// <summary>A token of Python source, by its place in the text. Comments, blanks and line ends inside brackets are no tokens.</summary>
internal readonly record struct PythonToken(TokenKind Kind, int Start, int End);

/// <summary>A replacement field of an f-string: <c>{expression!conversion:spec}</c>.</summary>
/// <param name="Start">At the opening brace.</param>
/// <param name="End">After the closing brace.</param>
/// <param name="ExpressionEnd">Where conversion, format or <c>=</c> begin, or the closing brace.</param>
internal readonly record struct Field(int Start, int End, int ExpressionStart, int ExpressionEnd)
{
    /// <summary>An expression and nothing else.</summary>
    public bool IsPlain => ExpressionEnd == End - 1;
}

/// <summary>The text is not Python that can be read.</summary>
internal sealed class PythonSyntaxException(string message, int position) : Exception(message)
{
    public int Position { get; } = position;
}
