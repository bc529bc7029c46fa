using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using SecOps.Delivery.Build;
using SecOps.Docker;
using SecOps.Registry;

namespace SecOps.Delivery.Push;

/// <summary>
/// A Docker configuration of one call's own, for tools that take credentials from there alone. It holds no secret: it names
/// a credential helper that repeats what stands in the tool's environment. Gone afterwards.
/// </summary>
internal sealed partial class ScratchDockerConfig : IDisposable
{
    private const string Variable = "SECOPS_REGISTRY_CREDENTIAL";
    private const string Prefix = "secops-docker-";

    private readonly Dictionary<string, string?> environment = new(StringComparer.Ordinal);

    /// <param name="variable">Reads the environment that secops was started in.</param>
    public ScratchDockerConfig(string registry, RegistryCredential? credential, DockerEndpoint endpoint, Func<string, string?> variable)
    {
        Sweep();
        Folder = Directory.CreateTempSubdirectory($"{Prefix}{TrialOwner.Current.Replace('/', '-')}-").FullName;
        var own = DockerConfigFile.Folder(variable);
        // Certificates of private registries and Notary servers.
        if (Directory.Exists(Path.Combine(own, "tls")))
        {
            Copy(Path.Combine(own, "tls"), Path.Combine(Folder, "tls"));
        }

        var hosts = registry == ImageReference.DockerHub ? new[] { "https://index.docker.io/v1/", "index.docker.io", "docker.io" } : [registry];
        File.WriteAllText(Path.Combine(Folder, "config.json"), credential is null ? "{}" : Config(hosts));
        if (credential is not null)
        {
            environment[Variable] = Answer(registry, credential);
            environment["PATH"] = Folder + Path.PathSeparator + variable("PATH");
            WriteHelper();
        }

        environment["DOCKER_CONFIG"] = Folder;
        // The context stands in the configuration that is replaced here.
        environment["DOCKER_HOST"] = endpoint.Address.OriginalString;
        environment["DOCKER_CONTEXT"] = null;
        if (endpoint.CertificateFolder is { } certificates)
        {
            environment["DOCKER_CERT_PATH"] = certificates;
            environment["DOCKER_TLS_VERIFY"] = endpoint.VerifyServer ? "1" : null;
        }
    }

    public string Folder { get; }

    /// <summary>For the tool's call; the credential is in it.</summary>
    public IReadOnlyDictionary<string, string?> Environment => environment;

    public void Dispose() => Delete(Folder);

    /// <summary>What killed runs left; the name tells whose it was.</summary>
    private static void Sweep()
    {
        foreach (var folder in Directory.EnumerateDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            if (Owner().Match(Path.GetFileName(folder)) is { Success: true } m && TrialOwner.IsGone($"{m.Groups[1].Value}/{m.Groups[2].Value}/{m.Groups[3].Value}"))
            {
                Delete(folder);
            }
        }
    }

    private static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody else's, or in use: the next run tries again.
        }
    }

    private static string Config(string[] hosts)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteStartObject("credHelpers");
            foreach (var host in hosts)
            {
                json.WriteString(host, "secops");
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    private static string Answer(string registry, RegistryCredential credential)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("ServerURL", registry);
            json.WriteString("Username", credential.Username);
            json.WriteString("Secret", credential.Secret);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    private void WriteHelper()
    {
        var file = Path.Combine(Folder, "docker-credential-secops");
        if (OperatingSystem.IsWindows())
        {
            // cmd's own echo would take quotes and percent signs for its own.
            File.WriteAllText(file + ".cmd", $"@powershell -NoProfile -Command \"[Console]::Out.Write($env:{Variable})\"\r\n");
            return;
        }

        File.WriteAllText(file, $"#!/bin/sh\n[ \"$1\" = get ] && printf '%s' \"${Variable}\"\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [GeneratedRegex("^" + Prefix + "(.+)-([0-9]+)-([0-9]+)-[^-]+$")]
    private static partial Regex Owner();

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }

        foreach (var folder in Directory.EnumerateDirectories(from))
        {
            Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
        }
    }
}
