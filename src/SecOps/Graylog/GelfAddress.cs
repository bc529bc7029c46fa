namespace SecOps.Graylog;

/// <summary>Where GELF is taken: <c>udp://host:12201</c>, <c>tcp://…</c>, <c>tls://…</c> (TCP in TLS), <c>http://host:12201/gelf</c>, <c>https://…</c>.</summary>
public sealed record GelfAddress(string Scheme, string Host, int Port, Uri Uri)
{
    private const int DefaultPort = 12201;

    /// <exception cref="SecOpsException">It is none of them (exit code 2).</exception>
    public static GelfAddress Parse(string text)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "udp" or "tcp" or "tls" or "http" or "https" && uri.Host.Length > 0 && uri.UserInfo.Length == 0)
        {
            var http = uri.Scheme is "http" or "https";
            // The input's own path; people leave it out.
            var address = http && uri.AbsolutePath == "/" ? new Uri(uri, "/gelf") : uri;
            return new GelfAddress(uri.Scheme, uri.DnsSafeHost, http || uri.Port > 0 ? uri.Port : DefaultPort, address);
        }

        throw SecOpsException.Usage($"report.graylog.url is {text}; write udp://host:12201, tcp://host:12201, tls://host:12201, http://host:12201/gelf or https://host/gelf.");
    }
}
