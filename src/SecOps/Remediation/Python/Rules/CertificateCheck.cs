namespace SecOps.Remediation.Python.Rules;

/// <summary>B501: a request that does not check the certificate.</summary>
internal sealed class CertificateCheck() : PythonRule("B501")
{
    protected override string? Fix(PythonFix fix)
    {
        if (fix.FindCall(c => c.Keyword("verify") is { } v && v.Value == v.Last && fix.Source.Is(v.Value, "False")) is not { } call)
        {
            return "no call with verify=False stands there";
        }

        fix.Remove(call, call.Keyword("verify")!);
        fix.Summary = "Check the server's certificate";
        fix.Risk = "A server with a certificate of its own making is refused; name its authority with verify=\"ca.pem\".";
        return null;
    }
}
