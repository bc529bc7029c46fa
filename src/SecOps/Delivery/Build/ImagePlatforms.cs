using System.Text.Json;
using SecOps.Delivery.Deploy;
using SecOps.Delivery.Diagnose;
using SecOps.Registry;

namespace SecOps.Delivery.Build;

/// <summary>What an image runs on, read from its manifest: an index names its platforms, a single image's configuration its own.</summary>
/// <param name="Digests">What a running task may show: the image's own digest, and in an index each platform's.</param>
/// <param name="Platforms">Such as <c>linux/amd64</c>; empty: the image does not say.</param>
public sealed record ImagePlatforms(IReadOnlyList<string> Digests, IReadOnlyList<string> Platforms)
{
    private const int MaxConfig = 4 * 1024 * 1024;

    /// <returns>Null when the registry has no such image.</returns>
    /// <exception cref="SecOpsException">The registry failed (exit code 4).</exception>
    public static async Task<ImagePlatforms?> ReadAsync(RegistryClient registry, string repository, string digest, CancellationToken cancellation)
    {
        switch (await registry.FindManifestAsync(repository, digest, cancellation))
        {
            case null:
                return null;
            case { IsIndex: true } index:
                var entries = index.Manifests.Where(m => !m.IsAttestationManifest).ToList();
                return new ImagePlatforms([digest, .. entries.Select(e => e.Digest)], [.. entries.Select(e => e.Platform).OfType<string>().Distinct()]);
            case { Config: { } config }:
                return new ImagePlatforms([digest], Of(await registry.GetBlobAsync(repository, config.Digest, MaxConfig, cancellation)));
            default:
                return new ImagePlatforms([digest], []);
        }
    }

    /// <summary>Whether tasks of this definition can run the image; a wrong one ends in "exec format error" or CannotPullContainerError.</summary>
    public DiagnoseCheck Check(TaskDefinitionView task, string image)
    {
        var cpu = task.Architecture switch { "X86_64" => "amd64", "ARM64" => "arm64", _ => null };
        var wanted = $"{(task.OperatingSystem.StartsWith("WINDOWS", StringComparison.Ordinal) ? "windows" : "linux")}/{cpu}";
        return cpu is null || Platforms.Count == 0
            ? DiagnoseCheck.Unknown("image.architecture", image, cpu is null ? "neither the task definition nor Fargate says which architecture its tasks have." : "the image does not say for which architecture it was built.")
            : Platforms.Any(p => p == wanted || p.StartsWith(wanted + "/", StringComparison.Ordinal))
            ? DiagnoseCheck.Ok("image.architecture", image, $"built for {string.Join(", ", Platforms)}, tasks run on {wanted}.")
            : DiagnoseCheck.Failed("image.architecture", image, $"the image is built for {string.Join(", ", Platforms)}, while {task.Family} runs its tasks on {wanted}: they can't start.", $"Build it with --platform {wanted}, or correct runtimePlatform in the task definition.");
    }

    private static string[] Of(byte[] config)
    {
        try
        {
            using var json = JsonDocument.Parse(config, new JsonDocumentOptions { MaxDepth = 64 });
            string? Text(string name) => json.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
            return Text("architecture") is { Length: > 0 } architecture ? [$"{Text("os") ?? "linux"}/{architecture}"] : [];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return [];
        }
    }
}
