using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace SecOps.Docker;

/// <summary>Where the Docker Engine listens, found as the docker command finds it: DOCKER_HOST, then the context, then the default.</summary>
/// <param name="Address"><c>unix://…</c>, <c>npipe://…</c> or <c>tcp://…</c>.</param>
/// <param name="CertificateFolder">ca.pem, cert.pem and key.pem for TLS; null: none.</param>
/// <param name="VerifyServer">False only where a context says so (<c>SkipTLSVerify</c>).</param>
/// <param name="Source">For messages: what named it.</param>
public sealed record DockerEndpoint(Uri Address, string? CertificateFolder, bool VerifyServer, string Source)
{
    private const string UnixDefault = "unix:///var/run/docker.sock";
    private const string WindowsDefault = "npipe:////./pipe/docker_engine";

    public bool IsTcp => Address.Scheme is "tcp" or "http" or "https";

    /// <summary>The host at which published ports are reached.</summary>
    public string PublishedHost => IsTcp ? Address.Host : "127.0.0.1";

    /// <exception cref="SecOpsException">The named context is absent, or the address is of a kind that is not spoken here.</exception>
    public static DockerEndpoint Find(Func<string, string?> variable)
    {
        if (Set(variable("DOCKER_HOST")) is { } host)
        {
            var tls = Set(variable("DOCKER_TLS_VERIFY")) is not null;
            var folder = Set(variable("DOCKER_CERT_PATH")) ?? (tls ? DockerConfigFile.Folder(variable) : null);
            return Create(host, tls ? folder : null, true, "DOCKER_HOST");
        }

        var config = DockerConfigFile.Folder(variable);
        var context = Set(variable("DOCKER_CONTEXT")) ?? DockerConfigFile.Read(variable).CurrentContext;
        return context is null or "default"
            ? Create(OperatingSystem.IsWindows() ? WindowsDefault : UnixDefault, null, true, "the default")
            : Context(config, context);
    }

    private static DockerEndpoint Context(string config, string name)
    {
        var id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
        var file = Path.Combine(config, "contexts", "meta", id, "meta.json");
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(file));
            var endpoint = json.RootElement.GetProperty("Endpoints").GetProperty("docker");
            var tls = Path.Combine(config, "contexts", "tls", id, "docker");
            var skip = endpoint.TryGetProperty("SkipTLSVerify", out var flag) && flag.ValueKind == JsonValueKind.True;
            return Create(endpoint.GetProperty("Host").GetString() ?? "", Directory.Exists(tls) ? tls : null, !skip, $"context \"{name}\"");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw SecOpsException.Tool($"the Docker context \"{Terminal.Clean(name)}\" cannot be read ({file}). List contexts with \"docker context ls\", or set DOCKER_HOST.", e);
        }
    }

    private static DockerEndpoint Create(string host, string? folder, bool verify, string source)
    {
        if (!host.Contains("://", StringComparison.Ordinal))
        {
            host = "tcp://" + host;
        }

        if (!Uri.TryCreate(host, UriKind.Absolute, out var address) || address.Scheme is not ("unix" or "npipe" or "tcp" or "http" or "https"))
        {
            var why = host.StartsWith("ssh://", StringComparison.Ordinal) ? "SSH is not spoken here; forward the socket with \"ssh -L\" and set DOCKER_HOST to it" : "write unix://, npipe:// or tcp://";
            throw SecOpsException.Tool($"the Docker Engine's address \"{Terminal.Clean(host)}\" ({source}) cannot be used: {why}.");
        }

        return new DockerEndpoint(address, folder, verify, source);
    }

    private static string? Set(string? value) => string.IsNullOrEmpty(value) ? null : value;
}
