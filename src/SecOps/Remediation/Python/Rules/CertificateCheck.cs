using System.Text.RegularExpressions;

namespace SecOps.Remediation.Python.Rules;

/// <summary>B501: a request that does not check the certificate.</summary>
internal sealed partial class CertificateCheck() : PythonRule("B501")
{
    protected override string? Fix(PythonFix fix)
    {
        if (fix.FindCall(c => c.Keyword("verify") is { } v && v.Value == v.Last && fix.Source.Is(v.Value, "False")) is not { } call)
        {
            return "no call with verify=False stands there";
        }

        if (call.Positional.Any(a => Loopback().IsMatch(fix.Source.TextOf(a.Value, a.Last))))
        {
            return "the server is this machine: give its certificate with verify=\"ca.pem\" instead";
        }

        fix.Remove(call, call.Keyword("verify")!);
        fix.Summary = "Check the server's certificate";
        fix.Risk = "A server with a certificate of its own making is refused; name its authority with verify=\"ca.pem\".";
        return null;
    }

    [GeneratedRegex("^[\"']https://(?:localhost|127\\.|\\[::1\\])")]
    private static partial Regex Loopback();
}
