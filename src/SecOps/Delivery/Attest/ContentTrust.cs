using System.Text.Json;
using SecOps.Delivery.Push;
using SecOps.Docker;
using SecOps.Processes;
using SecOps.Registry;

namespace SecOps.Delivery.Attest;

/// <summary>How Docker Content Trust signs here. Null members: Docker's own defaults.</summary>
/// <param name="Key">The signer's private key as PEM; null: what lies in Docker's trust folder.</param>
public sealed record ContentTrustSettings(string? Server, string? Signer, string? Key, string? Passphrase, string? RootPassphrase)
{
    /// <summary>A record prints its members; these are secrets.</summary>
    public override string ToString() => $"Docker Content Trust at {Server ?? "the default server"}";
}

/// <summary>Docker Content Trust: signs a tag's digest in a Notary server, by the docker command.</summary>
public sealed class ContentTrust(ContentTrustSettings settings, RegistryCredential? credential, DockerEndpoint endpoint, Func<string, string?> variable, ProcessRunner processes)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <param name="image">With its tag; the Engine has it, and the registry has it already.</param>
    /// <exception cref="SecOpsException">docker is missing, the server or a key refuses, or another digest was signed (exit code 4).</exception>
    public async Task SignAsync(ImageReference image, string digest, CancellationToken cancellation)
    {
        using var scratch = new ScratchDockerConfig(image.Registry, credential, endpoint, variable);
        var own = Path.Combine(DockerConfigFile.Folder(variable), "trust");
        if (settings.Key is null)
        {
            Directory.CreateDirectory(own);
            Directory.CreateSymbolicLink(Path.Combine(scratch.Folder, "trust"), own);
        }
        else
        {
            await LoadAsync(scratch, settings.Key, cancellation);
        }

        var result = await RunAsync(scratch, ["trust", "sign", image.Familiar], cancellation);
        if (result.ExitCode != 0)
        {
            throw SecOpsException.Tool($"Docker Content Trust could not sign {image.Familiar}: {Terminal.Clean(result.LastLine())}. Check push.dct in secops.yml: server, key, passphrases; the signer must be known to the repository (\"docker trust signer add\").");
        }

        var signed = await FindAsync(scratch, image, cancellation);
        if (signed?.Digest != digest)
        {
            throw SecOpsException.Tool($"Docker Content Trust now holds {signed?.Digest ?? "nothing"} for {image.Familiar}, not {digest}: somebody else pushed or signed this tag. Push again.");
        }
    }

    /// <summary>The digest that is signed for the tag, and who signed; null when none is.</summary>
    public async Task<(string Digest, IReadOnlyList<string> Signers)?> FindAsync(ImageReference image, CancellationToken cancellation)
    {
        using var scratch = new ScratchDockerConfig(image.Registry, credential, endpoint, variable);
        return await FindAsync(scratch, image, cancellation);
    }

    private async Task<(string Digest, IReadOnlyList<string> Signers)?> FindAsync(ScratchDockerConfig scratch, ImageReference image, CancellationToken cancellation)
    {
        var result = await RunAsync(scratch, ["trust", "inspect", image.Familiar], cancellation);
        if (result.ExitCode != 0)
        {
            return result.Error.Contains("No signatures", StringComparison.OrdinalIgnoreCase) ? null
                : throw SecOpsException.Tool($"the signatures of {image.Familiar} cannot be read: {Terminal.Clean(result.LastLine())}");
        }

        try
        {
            using var json = JsonDocument.Parse(result.Output);
            foreach (var tag in json.RootElement.EnumerateArray().SelectMany(e => e.GetProperty("SignedTags").EnumerateArray()))
            {
                if (tag.GetProperty("SignedTag").GetString() == image.Tag)
                {
                    return ("sha256:" + tag.GetProperty("Digest").GetString(), [.. tag.GetProperty("Signers").EnumerateArray().Select(s => s.ToString())]);
                }
            }

            return null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw SecOpsException.Tool($"docker trust inspect answered something unknown for {image.Familiar}.", e);
        }
    }

    private async Task LoadAsync(ScratchDockerConfig scratch, string pem, CancellationToken cancellation)
    {
        // docker reads keys from files alone, and keeps its copy encrypted. Where a pipe is a file, the key never lies on a disk.
        var file = OperatingSystem.IsWindows() ? Path.Combine(scratch.Folder, "signer.pem") : "/dev/stdin";
        var named = ContentTrustKey.WithId(pem, settings.Passphrase, settings.Signer ?? "signer");
        if (OperatingSystem.IsWindows())
        {
            await File.WriteAllTextAsync(file, named, cancellation);
        }

        var result = await RunAsync(scratch, ["trust", "key", "load", file, "--name", settings.Signer ?? "signer"], cancellation, OperatingSystem.IsWindows() ? null : named);
        if (result.ExitCode != 0)
        {
            throw SecOpsException.Tool($"Docker Content Trust does not take the signer's key: {Terminal.Clean(result.LastLine())}. Check push.dct.key and push.dct.passphrase.");
        }
    }

    private async Task<ProcessResult> RunAsync(ScratchDockerConfig scratch, IReadOnlyList<string> arguments, CancellationToken cancellation, string? input = null)
    {
        var environment = new Dictionary<string, string?>(scratch.Environment, StringComparer.Ordinal);
        Set("DOCKER_CONTENT_TRUST_SERVER", settings.Server);
        Set("DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE", settings.Passphrase);
        Set("DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE", settings.RootPassphrase);
        var result = await processes.RunAsync(new ProcessCall("docker", arguments) { Input = input, Environment = environment, Timeout = Limit }, cancellation);
        return result.TimedOut ? throw SecOpsException.Tool($"docker {arguments[0]} {arguments[1]} did not end within {Durations.Show(Limit)}.") : result;

        void Set(string name, string? value)
        {
            if (value is not null)
            {
                environment[name] = value;
            }
        }
    }
}
