namespace SecOps.Remediation.Python.Rules;

/// <summary>B507: an SSH client that trusts whoever answers.</summary>
internal sealed class HostKeys() : PythonRule("B507")
{
    protected override string? Fix(PythonFix fix)
    {
        var source = fix.Source;
        if (fix.FindCall(c => c.Function == "set_missing_host_key_policy") is not { } call || call.Arguments.Count != 1)
        {
            return "no call of set_missing_host_key_policy stands there";
        }

        var policy = call.Arguments[0];
        var name = source.TextOf(policy.Value, policy.Last);
        var written = name.EndsWith("()", StringComparison.Ordinal) ? name[..^2] : name;
        var last = written[(written.LastIndexOf('.') + 1)..];
        if (last is not ("AutoAddPolicy" or "WarningPolicy") || source.StatementAt(call.First) is not { } statement || statement.First != call.First || statement.Last != call.Close)
        {
            return "the policy is none that is known, or stands inside another expression";
        }

        var reject = written.Contains('.', StringComparison.Ordinal) ? written[..^last.Length] + "RejectPolicy" : fix.ImportFrom("paramiko", "RejectPolicy");
        if (reject is null)
        {
            return "the name RejectPolicy is taken in this file";
        }

        var client = call.Name[..call.Name.LastIndexOf('.')];
        if (!source.Scope(statement).Any(s => source.Calls.Any(c => c.First >= s.First && c.Close <= s.Last && c.Name == client + ".load_system_host_keys")))
        {
            var at = source.Tokens[statement.First].Start;
            fix.Edit(at, at, $"{client}.load_system_host_keys(){source.LineEnd}{statement.Indent}");
        }

        fix.Replace(policy.Value, policy.Last, reject + (name.EndsWith("()", StringComparison.Ordinal) ? "()" : ""));
        fix.Summary = "Refuse SSH hosts whose key is not known";
        fix.Risk = "The host's key has to stand in known_hosts of the account that runs this.";
        return null;
    }
}
