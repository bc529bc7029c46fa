using System.Globalization;
using System.IO.Pipes;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace SecOps.Docker;

/// <summary>HTTP to the Engine over a Unix socket, a named pipe, or TCP with or without TLS; the API's version is agreed on first.</summary>
internal sealed class DockerTransport : IDisposable
{
    /// <summary>What we need is in 1.24; Docker 29 refuses versions before 1.44, so this one is asked for where the Engine knows it.</summary>
    private static readonly Version Preferred = new(1, 44);

    private readonly DockerEndpoint endpoint;
    private readonly HttpClient http;
    private string? prefix;

    public DockerTransport(DockerEndpoint endpoint)
    {
        this.endpoint = endpoint;
        var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(10) };
        if (endpoint.IsTcp)
        {
            Secure(handler.SslOptions);
        }
        else
        {
            handler.ConnectCallback = (_, cancellation) => ConnectAsync(cancellation);
        }

        var scheme = endpoint.CertificateFolder is not null || endpoint.Address.Scheme == "https" ? "https" : "http";
        http = new HttpClient(handler)
        {
            BaseAddress = endpoint.IsTcp ? new Uri($"{scheme}://{endpoint.Address.Authority}/") : new Uri("http://docker/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <returns>The answer, its body not yet read. The caller disposes it.</returns>
    /// <exception cref="SecOpsException">The Engine cannot be reached (exit code 4).</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? body, string? registryAuth, CancellationToken cancellation)
    {
        prefix ??= await AgreeAsync(cancellation);
        using var request = new HttpRequestMessage(method, prefix + path) { Content = body };
        if (registryAuth is not null)
        {
            request.Headers.TryAddWithoutValidation("X-Registry-Auth", registryAuth);
        }

        return await SendAsync(request, cancellation);
    }

    /// <summary>The Engine's <c>message</c>, for an error.</summary>
    public static async Task<string> MessageAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var text = await response.Content.ReadAsStringAsync(cancellation);
        try
        {
            using var json = JsonDocument.Parse(text);
            if (json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("message", out var message))
            {
                text = message.ToString();
            }
        }
        catch (JsonException)
        {
            // A plain text, then.
        }

        return Terminal.Clean(text.Length > 500 ? text[..500] + "…" : text).Trim();
    }

    public void Dispose() => http.Dispose();

    private async Task<string> AgreeAsync(CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        using var request = new HttpRequestMessage(HttpMethod.Get, "_ping");
        try
        {
            using var answer = await SendAsync(request, limit.Token);
            var theirs = answer.Headers.TryGetValues("Api-Version", out var values) && Version.TryParse(values.First(), out var version) ? version : new Version(1, 24);
            var agreed = theirs < Preferred ? theirs : Preferred;
            return string.Create(CultureInfo.InvariantCulture, $"v{agreed.Major}.{agreed.Minor}/");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw SecOpsException.Tool($"the Docker Engine at {endpoint.Address} ({endpoint.Source}) does not answer within 20 s. Is it overloaded or stuck?");
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException or UnauthorizedAccessException)
        {
            throw Unreachable(e);
        }
    }

    private SecOpsException Unreachable(Exception e)
    {
        var at = $"the Docker Engine at {endpoint.Address} ({endpoint.Source})";
        if (endpoint.Address.Scheme == "unix" && !File.Exists(endpoint.Address.LocalPath))
        {
            return SecOpsException.Tool($"{at} is not there: no such socket. Start Docker, or name another Engine with DOCKER_HOST.", e);
        }

        for (var cause = e; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case SocketException { SocketErrorCode: SocketError.AccessDenied } or UnauthorizedAccessException:
                    return SecOpsException.Tool($"{at} refuses this user. Join the group docker, or run as a user who may use the socket.", e);
                case SocketException { SocketErrorCode: SocketError.ConnectionRefused }:
                    return SecOpsException.Tool($"{at} refuses connections: it is not running. Start it, e.g. with \"systemctl start docker\".", e);
                case SocketException or TimeoutException:
                    return SecOpsException.Tool($"{at} cannot be reached: {cause.Message}. Start Docker, or name another Engine with DOCKER_HOST.", e);
                case System.Security.Authentication.AuthenticationException:
                    return SecOpsException.Tool($"{at} and its certificate do not match: {cause.Message} Check DOCKER_CERT_PATH.", e);
                default:
                    break;
            }
        }

        return SecOpsException.Tool($"{at} broke off: {(e.InnerException ?? e).Message}", e);
    }

    private async ValueTask<Stream> ConnectAsync(CancellationToken cancellation)
    {
        if (endpoint.Address.Scheme == "npipe")
        {
            // npipe:////./pipe/docker_engine
            var parts = endpoint.Address.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
            var pipe = new NamedPipeClientStream(".", parts[^1], PipeDirection.InOut, PipeOptions.Asynchronous);
            try
            {
                // All of its instances may be busy for a moment; an Engine that is not there has none.
                await pipe.ConnectAsync(2_000, cancellation);
                return pipe;
            }
            catch
            {
                await pipe.DisposeAsync();
                throw;
            }
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(endpoint.Address.LocalPath), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private void Secure(SslClientAuthenticationOptions tls)
    {
        if (endpoint.CertificateFolder is not { } folder)
        {
            return;
        }

        try
        {
            if (Path.Combine(folder, "cert.pem") is var certificate && File.Exists(certificate))
            {
                using var pem = X509Certificate2.CreateFromPemFile(certificate, Path.Combine(folder, "key.pem"));
                // Windows' TLS takes no key that lives in memory alone.
                tls.ClientCertificates = [X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pfx), null)];
            }

            if (!endpoint.VerifyServer)
            {
#pragma warning disable CA5359 // The user's own context says SkipTLSVerify, as the docker command honours it.
                tls.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
            }
            else if (Path.Combine(folder, "ca.pem") is var authority && File.Exists(authority))
            {
                var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
                policy.CustomTrustStore.ImportFromPemFile(authority);
                tls.CertificateChainPolicy = policy;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            throw SecOpsException.Tool($"the Docker certificates in {folder} cannot be read: {e.Message}", e);
        }
    }
}
