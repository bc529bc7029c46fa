using System.Net;
using System.Net.Http.Headers;

namespace SecOps.Registry;

/// <summary>
/// HTTP to one registry: TLS except on loopback, authentication on demand, bounded bodies, patience with 429 and 5xx, and
/// redirects (to a blob store, mostly) that never carry the registry's credentials to another host.
/// </summary>
internal sealed class RegistryTransport : IDisposable
{
    private const int Attempts = 4;
    private const int MaxRedirects = 5;
    private const int MaxErrorBody = 16 * 1024;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);

    private readonly HttpClient http;
    private readonly RegistryAuthorization authorization;
    private readonly string host;
    private readonly bool loopback;
    private readonly TimeProvider clock;
    private Uri? home;

    public RegistryTransport(string registry, IRegistryCredentials credentials, Processes.Redactor redactor, TimeProvider clock, HttpMessageHandler? handler)
    {
        Registry = registry;
        host = registry == ImageReference.DockerHub ? "registry-1.docker.io" : registry;
        loopback = ImageReference.IsLoopbackHost(registry);
        this.clock = clock;
        http = new HttpClient(handler ?? new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            UseProxy = !loopback,
        })
        {
            Timeout = TimeSpan.FromSeconds(100),
        };
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("secops", "1"));
        authorization = new RegistryAuthorization(http, registry, credentials, redactor);
    }

    public string Registry { get; }

    /// <param name="scope">What a token must allow, e.g. <c>repository:team/app:pull,push</c>.</param>
    /// <param name="what">For messages: what was tried, e.g. <c>reading the manifest of team/app:1</c>.</param>
    /// <returns>Any answer but 401, 429 and 5xx, which are dealt with here. The caller disposes it.</returns>
    public async Task<HttpResponseMessage> SendAsync(RegistryRequest request, string scope, string what, CancellationToken cancellation)
    {
        var uri = new Uri(await HomeAsync(cancellation), request.Path);
        for (var attempt = 1; ; attempt++)
        {
            HttpResponseMessage? response = null;
            try
            {
                response = await SendOnceAsync(request, uri, scope, cancellation);
                if (response.StatusCode == HttpStatusCode.Unauthorized)
                {
                    throw await RefusedAsync(response, what, cancellation);
                }

                if (response.StatusCode != HttpStatusCode.TooManyRequests && (int)response.StatusCode < 500)
                {
                    return response;
                }

                // Docker Hub's limits last for hours: whoever is told to come back then learns it now.
                if (attempt == Attempts || Asked(response) > LongestWait)
                {
                    throw await FailureAsync(response, what, cancellation);
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException || (e is TaskCanceledException && !cancellation.IsCancellationRequested))
            {
                if (attempt == Attempts)
                {
                    throw SecOpsException.Tool($"{Registry} does not answer ({what}): {Reason(e)}. Check the name, the network and the proxy.", e);
                }
            }

            var wait = (response is null ? null : Asked(response)) ?? TimeSpan.FromMilliseconds(250 * (1 << attempt));
            response?.Dispose();
            await Task.Delay(wait, clock, cancellation);
        }
    }

    /// <summary>The answer's body, at most this many bytes.</summary>
    public static async Task<byte[]> BodyAsync(HttpResponseMessage response, int limit, string what, CancellationToken cancellation)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
        using var body = new MemoryStream();
        var buffer = new byte[32 * 1024];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellation)) > 0)
        {
            if (body.Length + read > limit)
            {
                throw SecOpsException.Tool($"the answer is larger than {limit / 1024} KB ({what}); it is not read further.");
            }

            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }

    /// <summary>The error that an answer stands for, with the registry's own words.</summary>
    public async Task<SecOpsException> FailureAsync(HttpResponseMessage response, string what, CancellationToken cancellation)
    {
        var words = RegistryError.Read(await TryBodyAsync(response, cancellation));
        var advice = response.StatusCode switch
        {
            HttpStatusCode.Forbidden => " The credential is known but may not do this: grant it, or use another one.",
            HttpStatusCode.NotFound => " Check the repository's name; some registries need it created first.",
            HttpStatusCode.TooManyRequests => $" The registry limits the rate; try again {(Asked(response) is { } wait && wait > TimeSpan.Zero ? "in " + Durations.Show(wait) : "later")}{(authorization.Used is null ? ", or with a credential" : "")}.",
            >= HttpStatusCode.InternalServerError => " The registry's own trouble; try again later.",
            _ => "",
        };
        return SecOpsException.Tool($"{Registry} answered {(int)response.StatusCode}{words} ({what}).{advice}");
    }

    public void Dispose() => http.Dispose();

    private async Task<SecOpsException> RefusedAsync(HttpResponseMessage response, string what, CancellationToken cancellation)
    {
        var words = RegistryError.Read(await TryBodyAsync(response, cancellation));
        return SecOpsException.Tool(authorization.Used is { } used
            ? $"{Registry} refused the credential of {used} with 401{words} ({what}). Renew it."
            : $"{Registry} wants a credential (401{words}, {what}) and none was found. Set SECOPS_REGISTRY_USERNAME and SECOPS_REGISTRY_PASSWORD, or name push.username and push.password in secops.yml.");
    }

    private static async Task<byte[]> TryBodyAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        try
        {
            return await BodyAsync(response, MaxErrorBody, "an error", cancellation);
        }
        catch (Exception e) when (e is SecOpsException or IOException or HttpRequestException)
        {
            return [];
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(RegistryRequest request, Uri uri, string scope, CancellationToken cancellation)
    {
        var response = await FollowAsync(request, uri, await authorization.HeaderAsync(scope, cancellation), cancellation);
        if (response.StatusCode != HttpStatusCode.Unauthorized)
        {
            return response;
        }

        var header = await authorization.AnswerAsync(response.Headers.WwwAuthenticate, scope, cancellation);
        if (header is null)
        {
            return response;
        }

        response.Dispose();
        response = await FollowAsync(request, uri, header, cancellation);
        if (response.StatusCode == HttpStatusCode.Unauthorized && await authorization.RenewAsync(response.Headers.WwwAuthenticate, scope, cancellation) is { } renewed)
        {
            response.Dispose();
            response = await FollowAsync(request, uri, renewed, cancellation);
        }

        return response;
    }

    private async Task<HttpResponseMessage> FollowAsync(RegistryRequest request, Uri uri, AuthenticationHeaderValue? header, CancellationToken cancellation)
    {
        RequireTls(uri);
        var at = uri;
        for (var hop = 0; ; hop++)
        {
            using var message = request.Build(at);
            // Also an upload's location may name another host.
            if (at.Authority == home!.Authority && at.Scheme == home.Scheme)
            {
                message.Headers.Authorization = header;
            }

            var response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellation);
            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not { } location || request.Method == HttpMethod.Post)
            {
                return response;
            }

            response.Dispose();
            at = new Uri(at, location);
            RequireTls(at);
            if (hop == MaxRedirects)
            {
                throw SecOpsException.Tool($"{Registry} redirects in circles ({Shown(at)}); it is not followed.");
            }
        }
    }

    private void RequireTls(Uri uri)
    {
        if (uri.Scheme != Uri.UriSchemeHttps && !(loopback && uri.IsLoopback && uri.Scheme == Uri.UriSchemeHttp))
        {
            throw SecOpsException.Tool($"{Registry} names an address without TLS ({Shown(uri)}); it is not followed.");
        }
    }

    private static string Shown(Uri uri) => Terminal.Clean(uri.GetLeftPart(UriPartial.Path));

    /// <summary>TLS everywhere; on loopback plain HTTP unless the server there says that it wants TLS.</summary>
    private async Task<Uri> HomeAsync(CancellationToken cancellation)
    {
        if (home is not null)
        {
            return home;
        }

        if (loopback)
        {
            var plain = new Uri($"http://{host}/");
            try
            {
                using var answer = await http.GetAsync(new Uri(plain, "v2/"), HttpCompletionOption.ResponseHeadersRead, cancellation);
                return home = answer.StatusCode == HttpStatusCode.BadRequest ? new Uri($"https://{host}/") : plain;
            }
            catch (HttpRequestException)
            {
                return home = plain;
            }
        }

        return home = new Uri($"https://{host}/");
    }

    private TimeSpan? Asked(HttpResponseMessage response) =>
        response.Headers.RetryAfter is not { } after ? null
        : after.Delta ?? (after.Date - clock.GetUtcNow() is { } until && until > TimeSpan.Zero ? until : TimeSpan.Zero);

    private static string Reason(Exception e) => Terminal.Clean((e.InnerException ?? e).Message);
}
