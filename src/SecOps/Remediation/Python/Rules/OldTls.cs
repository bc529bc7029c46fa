namespace SecOps.Remediation.Python.Rules;

/// <summary>B502: a protocol version that is broken. B504: none named in ssl.wrap_socket, which also checks no certificate.</summary>
internal sealed class OldTls() : PythonRule("B502", "B504")
{
    protected override string? Fix(PythonFix fix)
    {
        if (fix.FindCall(c => fix.Qualified(c) == "ssl.wrap_socket") is { } wrap)
        {
            return WrapSocket(fix, wrap);
        }

        if (fix.RuleId == "B504" || fix.FindCall(c => Version(c) is not null) is not { } call)
        {
            return "no call that names a protocol version stands there";
        }

        var version = Version(call)!;
        var written = fix.Source.TextOf(version.Value, version.Last);
        var name = written[(written.LastIndexOf('.') + 1)..];
        var replacement = name.StartsWith("PROTOCOL_", StringComparison.Ordinal) ? "PROTOCOL_TLS_CLIENT" : name.EndsWith("_METHOD", StringComparison.Ordinal) ? "TLS_METHOD" : null;
        if (replacement is null || !written.Contains('.', StringComparison.Ordinal))
        {
            return $"{written} is no version that can be replaced here";
        }

        if (fix.Surroundings(call.First).Contains("server", StringComparison.Ordinal))
        {
            return "it seems to be a server's side, which needs another protocol constant and a certificate";
        }

        fix.Replace(version.Last, version.Last, replacement);
        fix.Summary = "Negotiate a current TLS version";
        fix.Risk = "A peer that only speaks the old version is no longer reached.";
        return null;
    }

    private static Argument? Version(Call call) => call.Keyword("ssl_version") ?? call.Keyword("method");

    /// <summary>A context checks the host's name, so the host has to be known: from the connect call on the same socket.</summary>
    private static string? WrapSocket(PythonFix fix, Call wrap)
    {
        var source = fix.Source;
        var others = wrap.Arguments.Skip(1).Where(a => a.Name != "ssl_version").ToList();
        if (wrap.Positional.Count != 1 || others.Count > 0 || wrap.HasSpread || wrap.Positional[0].Value != wrap.Positional[0].Last)
        {
            return "its arguments need a context of their own";
        }

        var socket = source.TextOf(wrap.Positional[0].Value);
        var scope = source.Scope(source.StatementAt(wrap.First)!);
        var hosts = source.Calls.Where(c => c.First >= scope[0].First && c.Close <= scope[^1].Last).Select(c => Host(source, c, socket, wrap)).OfType<string>().Distinct().ToList();
        if (hosts.Count != 1)
        {
            return "which host it talks to can't be seen, and the certificate is checked against its name";
        }

        foreach (var version in wrap.Arguments.Where(a => a.Name == "ssl_version"))
        {
            fix.Remove(wrap, version);
        }

        var module = fix.Import("ssl");
        if (module is null)
        {
            return "the name ssl is taken in this file";
        }

        fix.Replace(wrap.First, wrap.Open - 1, $"{module}.create_default_context().wrap_socket");
        var end = source.Tokens[wrap.Positional[0].Last].End;
        fix.Edit(end, end, $", server_hostname={hosts[0]}");
        fix.Summary = "Talk TLS with a context that checks the server";
        fix.Risk = "A server with an old version or a certificate of its own making is refused.";
        return null;
    }

    /// <summary><c>SOCKET.connect((HOST, …))</c>, on the wrapped socket or on what wrapping it gave, or <c>SOCKET = socket.create_connection((HOST, …))</c>.</summary>
    private static string? Host(PythonSource source, Call call, string socket, Call wrap)
    {
        var wrapped = source.StatementAt(wrap.First) is { } s && source.Is(s.First + 1, "=") ? source.TextOf(s.First) : socket;
        var created = call.Function == "create_connection" && source.StatementAt(call.First) is { } a && source.Is(a.First, socket) && source.Is(a.First + 1, "=");
        if (!(created || call.Name == socket + ".connect" || call.Name == wrapped + ".connect") || call.Positional.Count == 0)
        {
            return null;
        }

        var address = call.Positional[0];
        return source.Is(address.Value, "(") && source.Is(address.Value + 2, ",") ? source.TextOf(address.Value + 1) : null;
    }
}
