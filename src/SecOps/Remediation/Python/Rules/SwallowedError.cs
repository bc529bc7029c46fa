namespace SecOps.Remediation.Python.Rules;

/// <summary>B110, B112: an error that nobody hears of is logged; the program goes on as before.</summary>
internal sealed class SwallowedError() : PythonRule("B110", "B112")
{
    protected override string? Fix(PythonFix fix)
    {
        var source = fix.Source;
        var word = fix.RuleId == "B110" ? "pass" : "continue";
        var handlers = source.Statements.Where(s => source.Is(s.First, "except") && fix.Covers(s.First, s.Last)).ToList();
        if (handlers is not [var handler])
        {
            return "no except stands there";
        }

        var oneLine = source.Is(handler.Last, word) && source.Is(handler.Last - 1, ":");
        var body = oneLine ? [handler] : source.Body(handler).ToList();
        if (body is not [var only] || !source.Is(only.Last, word) || (!oneLine && only.First != only.Last) || (oneLine && word == "continue"))
        {
            return $"the handler is not {word} alone, on a line of its own";
        }

        var function = source.EnclosingName(handler, "def");
        if (function is "__del__" or "emit" or "__exit__" or "close" or "handleError")
        {
            return $"in {function} a failure has nobody to tell";
        }

        if (Logger(fix) is not { } logger)
        {
            return "the name logging is taken in this file";
        }

        var what = function is null ? "an error was ignored" : $"{function}: an error was ignored";
        var line = $"{logger}.warning(\"{what}\", exc_info=True)";
        if (word == "pass")
        {
            fix.Replace(only.Last, only.Last, line);
        }
        else
        {
            var at = source.Tokens[only.First].Start;
            fix.Edit(at, at, line + source.LineEnd + only.Indent);
        }

        fix.Summary = "Log the error that was swallowed";
        fix.Risk = "Where the error is expected and frequent the log grows: catch what is expected by its name instead.";
        return null;
    }

    /// <summary>The file's own logger, where it has one.</summary>
    private static string? Logger(PythonFix fix)
    {
        var source = fix.Source;
        var own = source.Calls.FirstOrDefault(c => fix.Qualified(c) is "logging.getLogger" or "structlog.get_logger" && source.StatementAt(c.First) is { Indent.Length: 0 } s && source.Is(s.First + 1, "=") && s.First + 2 == c.First);
        if (own is not null)
        {
            return source.TextOf(source.StatementAt(own.First)!.First);
        }

        return fix.Import("logging") is { } module ? $"{module}.getLogger(__name__)" : null;
    }
}
