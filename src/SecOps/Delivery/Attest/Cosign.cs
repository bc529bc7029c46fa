using SecOps.Delivery.Push;
using SecOps.Docker;
using SecOps.Processes;
using SecOps.Registry;

namespace SecOps.Delivery.Attest;

/// <param name="Key">As cosign writes it (<c>env://NAME</c>, a file, a KMS address); null: keyless.</param>
/// <param name="Variables">The secrets that cosign reads from its environment, by name.</param>
public sealed record CosignSettings(string? Key, string? PublicKey, bool TransparencyLog, IReadOnlyDictionary<string, string?> Variables)
{
    public override string ToString() => $"cosign, key {Key ?? "none"}";
}

/// <summary>Signs and verifies with the cosign tool, versions 2 and 3.</summary>
public sealed class Cosign(CosignSettings settings, RegistryCredential? credential, DockerEndpoint endpoint, Func<string, string?> variable, ProcessRunner processes)
{
    private const string Derived = "SECOPS_COSIGN_PUBLIC_KEY";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <exception cref="SecOpsException">cosign refuses or fails (exit code 4).</exception>
    /// <exception cref="ToolNotFoundException">cosign is not installed.</exception>
    public async Task SignAsync(ImageReference image, string digest, CancellationToken cancellation)
    {
        using var scratch = Scratch(image);
        List<string> arguments = ["sign", "--yes"];
        if (settings.Key is { } key)
        {
            arguments.AddRange(["--key", key]);
            if (!settings.TransparencyLog)
            {
                // Version 3 takes the public services' addresses from a signing configuration, unless told not to.
                var help = await RunAsync(scratch, ["sign", "--help"], cancellation);
                arguments.Add("--tlog-upload=false");
                arguments.AddRange((help.Output + help.Error).Contains("--use-signing-config", StringComparison.Ordinal) ? ["--use-signing-config=false"] : []);
            }
        }

        arguments.Add($"{image.Name}@{digest}");
        var result = await RunAsync(scratch, arguments, cancellation);
        if (result.ExitCode != 0)
        {
            throw SecOpsException.Tool($"cosign could not sign {image.Name}@{digest}: {Terminal.Clean(result.LastLine())}. Check push.cosign in secops.yml.");
        }
    }

    /// <returns>Null when the signature is good, else cosign's words.</returns>
    public async Task<string?> VerifyAsync(ImageReference image, string digest, CancellationToken cancellation)
    {
        using var scratch = Scratch(image);
        List<string> arguments = ["verify"];
        string? derived = null;
        if (settings.PublicKey is { } key)
        {
            arguments.AddRange(["--key", key]);
        }
        else if (settings.Key is not null && (derived = await PublicKeyAsync(scratch, cancellation)) is not null)
        {
            arguments.AddRange(["--key", "env://" + Derived]);
        }

        if (!settings.TransparencyLog)
        {
            arguments.Add("--insecure-ignore-tlog");
        }

        arguments.Add($"{image.Name}@{digest}");
        var result = await RunAsync(scratch, arguments, cancellation, derived);
        return result.ExitCode == 0 ? null : Terminal.Clean(result.LastLine());
    }

    /// <summary>The public half of the configured private key, as PEM.</summary>
    private async Task<string?> PublicKeyAsync(ScratchDockerConfig scratch, CancellationToken cancellation)
    {
        var result = await RunAsync(scratch, ["public-key", "--key", settings.Key!], cancellation);
        return result.ExitCode == 0 && result.Output.Contains("PUBLIC KEY", StringComparison.Ordinal) ? result.Output : null;
    }

    private ScratchDockerConfig Scratch(ImageReference image) => new(image.Registry, credential, endpoint, variable);

    private async Task<ProcessResult> RunAsync(ScratchDockerConfig scratch, List<string> arguments, CancellationToken cancellation, string? publicKey = null)
    {
        var environment = new Dictionary<string, string?>(settings.Variables, StringComparer.Ordinal) { [Derived] = publicKey };
        // Without a credential of ours cosign finds its own in the user's configuration.
        if (credential is not null)
        {
            foreach (var (name, value) in scratch.Environment)
            {
                environment[name] = value;
            }
        }

        var result = await processes.RunAsync(new ProcessCall("cosign", arguments) { Environment = environment, Timeout = Limit }, cancellation);
        return result.TimedOut ? throw SecOpsException.Tool($"cosign {arguments[0]} did not end within {Durations.Show(Limit)}.") : result;
    }
}
