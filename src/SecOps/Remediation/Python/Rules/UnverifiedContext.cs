namespace SecOps.Remediation.Python.Rules;

/// <summary>B323: a TLS context that checks nothing.</summary>
internal sealed class UnverifiedContext() : PythonRule("B323")
{
    protected override string? Fix(PythonFix fix)
    {
        if (fix.FindCall(c => fix.Qualified(c) == "ssl._create_unverified_context") is not { } call)
        {
            return "no call of ssl._create_unverified_context stands there";
        }

        if (call.Arguments.Count > 0 || !call.Name.Contains('.', StringComparison.Ordinal))
        {
            return "its arguments decide what it checks";
        }

        fix.Replace(call.Open - 1, call.Open - 1, "create_default_context");
        fix.Summary = "Check certificates in this context";
        fix.Risk = "A server with a certificate of its own making is refused; load its authority into the context.";
        return null;
    }
}
