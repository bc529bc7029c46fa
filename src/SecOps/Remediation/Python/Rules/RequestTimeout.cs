namespace SecOps.Remediation.Python.Rules;

/// <summary>B113: a request that may wait for ever.</summary>
internal sealed class RequestTimeout() : PythonRule("B113")
{
    private const string Seconds = "60";

    protected override string? Fix(PythonFix fix)
    {
        bool Requests(Call c) => fix.Qualified(c) is var name && (name.StartsWith("requests.", StringComparison.Ordinal) || name.StartsWith("httpx.", StringComparison.Ordinal));
        if (fix.FindCall(Requests) is not { } call)
        {
            return "no call of requests or httpx stands there";
        }

        if (call.HasSpread)
        {
            return "its arguments can't be seen: a timeout may be among them";
        }

        if (call.Keyword("timeout") is { } given && !fix.Source.Is(given.Value, "None"))
        {
            return "it has a timeout";
        }

        fix.SetKeyword(call, "timeout", Seconds);
        fix.Summary = "Give the request a timeout";
        fix.Risk = $"A server that is silent for longer than {Seconds} seconds raises an error.";
        return null;
    }
}
