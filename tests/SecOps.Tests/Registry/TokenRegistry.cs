using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using SecOps.Testing;

namespace SecOps.Registry;

/// <summary>
/// The real registry behind a token server of the test's, as Docker Hub is built: 401 with a Bearer realm, service and scope; the
/// token server takes a password or an identity token (distribution's "Token Authentication Specification" and its OAuth2 sister).
/// </summary>
internal sealed class TokenRegistry : IDisposable
{
    public const string User = "release";
    public const string Password = "hub-access-token-0f-the-test";
    public const string IdentityToken = "identity-token-0f-the-test";
    private const string Service = "registry of the test";
    private const string Issuer = "token server of the test";

    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly TemporaryFolder folder = new();
    private readonly LoopbackServer tokens;
    private readonly X509Certificate2 certificate;
    private readonly Process registry;

    private TokenRegistry(int port)
    {
        Host = $"127.0.0.1:{port}";
        certificate = new CertificateRequest("CN=" + Issuer, key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        folder.Write("ca.pem", certificate.ExportCertificatePem());
        tokens = new LoopbackServer(Answer);
        var configuration = folder.Write("config.yml", $$"""
            version: 0.1
            log: {level: error}
            storage: {filesystem: {rootdirectory: "{{folder["data"]}}"} }
            http: {addr: "{{Host}}", secret: test}
            auth: {token: {realm: "http://{{tokens.Host}}/token", service: "{{Service}}", issuer: "{{Issuer}}", rootcertbundle: "{{folder["ca.pem"]}}"} }
            """);
        registry = Process.Start(new ProcessStartInfo(Parts.Executable("docker-registry"), ["serve", configuration]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        registry.BeginErrorReadLine();
        registry.BeginOutputReadLine();
    }

    public string Host { get; }

    /// <summary>What tokens were asked for, and by whom.</summary>
    public ConcurrentQueue<(string? User, string Scope)> Asked { get; } = new();

    /// <summary>So many of the next tokens have ended already when they are given.</summary>
    public int Expired { get; set; }

    public static async Task<TokenRegistry> StartAsync()
    {
        int port;
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }

        var started = new TokenRegistry(port);
        using var http = new HttpClient();
        for (var i = 0; i < 200 && !started.registry.HasExited; i++)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri($"http://{started.Host}/v2/"));
                return started;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(50);
            }
        }

        started.Dispose();
        throw new InvalidOperationException("docker-registry does not start");
    }

    public void Dispose()
    {
        if (!registry.HasExited)
        {
            registry.Kill();
            registry.WaitForExit();
        }

        registry.Dispose();
        tokens.Dispose();
        certificate.Dispose();
        key.Dispose();
        folder.Dispose();
    }

    private Answer Answer(HttpListenerRequest request, string body)
    {
        var form = request.HttpMethod == "POST" ? body : request.Url!.Query.TrimStart('?');
        var values = form.Split('&').Select(p => p.Split('=', 2)).ToDictionary(p => p[0], p => Uri.UnescapeDataString(p[^1].Replace('+', ' ')));
        var scope = values.GetValueOrDefault("scope") ?? "";
        var basic = request.Headers["Authorization"] is { } header ? Encoding.UTF8.GetString(Convert.FromBase64String(header["Basic ".Length..])).Split(':', 2) : null;
        var user = basic?[0] ?? (values.GetValueOrDefault("grant_type") == "refresh_token" ? User : null);
        Asked.Enqueue((user, scope));
        if (values.GetValueOrDefault("service") != Service)
        {
            return new Answer(400);
        }

        if (user is not null && (basic?[1] ?? values.GetValueOrDefault("refresh_token")) is not (Password or IdentityToken))
        {
            // Docker Hub's words.
            return new Answer(401, """{"details":"incorrect username or password"}""");
        }

        return new Answer(200, $$"""{"token":"{{Token(user, scope)}}","expires_in":300}""");
    }

    /// <summary>A JSON Web Token that the registry verifies with the certificate; whoever is nobody may only pull.</summary>
    private string Token(string? user, string scope)
    {
        // The registry forgives a minute.
        var (from, until) = Expired-- > 0 ? (-600, -120) : (-10, 300);
        var now = DateTimeOffset.UtcNow;
        var access = new JsonArray();
        foreach (var parts in scope.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(s => s.Split(':')))
        {
            var actions = parts[2].Split(',').Where(a => user is not null || a == "pull").Select(a => (JsonNode)a);
            access.Add(new JsonObject { ["type"] = parts[0], ["name"] = parts[1], ["actions"] = new JsonArray([.. actions]) });
        }

        var head = new JsonObject { ["typ"] = "JWT", ["alg"] = "ES256", ["x5c"] = new JsonArray(Convert.ToBase64String(certificate.RawData)) };
        var claims = new JsonObject
        {
            ["iss"] = Issuer, ["sub"] = user ?? "", ["aud"] = Service, ["jti"] = Guid.NewGuid().ToString(), ["access"] = access,
            ["iat"] = now.AddSeconds(from).ToUnixTimeSeconds(), ["nbf"] = now.AddSeconds(from).ToUnixTimeSeconds(), ["exp"] = now.AddSeconds(until).ToUnixTimeSeconds(),
        };
        var signed = Encode(Encoding.UTF8.GetBytes(head.ToJsonString())) + "." + Encode(Encoding.UTF8.GetBytes(claims.ToJsonString()));
        return signed + "." + Encode(key.SignData(Encoding.UTF8.GetBytes(signed), HashAlgorithmName.SHA256));
    }

    private static string Encode(byte[] bytes) => Base64Url.EncodeToString(bytes);
}
