namespace SecOps.Remediation.Python.Rules;

/// <summary>B201: Werkzeug's debugger runs code for whoever reaches it.</summary>
internal sealed class FlaskDebug() : PythonRule("B201")
{
    protected override string? Fix(PythonFix fix)
    {
        if (fix.FindCall(c => c.Function == "run" && c.Keyword("debug") is { } d && d.Value == d.Last && fix.Source.Is(d.Value, "True")) is not { } call)
        {
            return "no call with debug=True stands there";
        }

        if (fix.Qualified(call).StartsWith("asyncio.", StringComparison.Ordinal))
        {
            return "this is asyncio's debug mode, which lets nobody in";
        }

        fix.SetKeyword(call, "debug", "False");
        fix.Summary = "Turn Flask's debug mode off";
        return null;
    }
}
