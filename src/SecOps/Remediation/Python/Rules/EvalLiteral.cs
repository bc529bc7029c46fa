namespace SecOps.Remediation.Python.Rules;

/// <summary>B307: eval of what may come from elsewhere.</summary>
internal sealed class EvalLiteral() : PythonRule("B307")
{
    private static readonly string[] Computing = ["formula", "expression", "expr", "calc", "calculate", "calculator", "compute", "equation", "math", "condition", "predicate", "code", "script", "rule"];

    protected override string? Fix(PythonFix fix)
    {
        if (fix.FindCall(c => c.Name == "eval") is not { } call)
        {
            return "no call of eval stands there";
        }

        if (call.HasSpread || call.Arguments.Count != 1)
        {
            return "it evaluates with names of its own, so the text is more than a literal";
        }

        if (fix.Source.Tokens[call.Arguments[0].Value].Kind == TokenKind.String)
        {
            return "it evaluates an expression that is put together here";
        }

        var words = fix.Surroundings(call.First).Split([' ', '_'], StringSplitOptions.RemoveEmptyEntries);
        if (words.FirstOrDefault(w => Computing.Contains(w)) is { } word)
        {
            return $"the text seems to be an expression to compute (\"{word}\"), which literal_eval refuses";
        }

        if (fix.Import("ast") is not { } module)
        {
            return "the name ast is taken in this file";
        }

        fix.Replace(call.First, call.First, module + ".literal_eval");
        fix.Summary = "Read literals alone, not code";
        fix.Risk = "A text with names, calls or operators raises ValueError.";
        return null;
    }
}
