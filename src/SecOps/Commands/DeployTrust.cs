using System.Text;
using System.Text.Json;
using SecOps.Aws;
using SecOps.Configuration;
using SecOps.Delivery;
using SecOps.Registry;

namespace SecOps.Commands;

/// <summary>Whether an image carries a good verdict of the gate, asked of its registry.</summary>
internal sealed class DeployTrust(Workspace workspace, SecOpsConfiguration configuration, AwsClients aws) : IRegistryCredentials
{
    private readonly DeploySection section = configuration.Deploy;

    /// <summary>The digests that the last good verdict is about: the image's own, and each platform's of an index.</summary>
    public HashSet<string> Subjects { get; } = [];

    public async Task<AttestationCheck> VerifyAsync(EcrImage image, CancellationToken cancellation)
    {
        using var registry = new RegistryClient(image.Registry.Length == 0 ? "docker.io" : image.Registry, this, workspace.Redactor, workspace.Clock);
        var requirement = new AttestationRequirement { Keys = [Key()], Policy = PolicyDigest.Of(configuration.Gate), MaxAge = section.MaxAge };
        var check = await new AttestationStore(registry, workspace.Clock).VerifyAsync(image.Repository, image.Digest!, requirement, cancellation);
        if (check.IsGood)
        {
            Subjects.UnionWith(check.Summary!.Subjects);
        }

        return check;
    }

    /// <summary>The digests of an index's platforms, from ECR; a running task may show one of them.</summary>
    public async Task<IEnumerable<string>> PlatformsAsync(EcrImage image, CancellationToken cancellation)
    {
        if (!image.IsEcr)
        {
            return [];
        }

        try
        {
            var answer = await aws.Ecr.BatchGetImageAsync(
                new() { RegistryId = image.Account, RepositoryName = image.Repository, ImageIds = [new() { ImageDigest = image.Digest }], AcceptedMediaTypes = ["application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"] },
                cancellation);
            using var manifest = JsonDocument.Parse(answer.Images.FirstOrDefault()?.ImageManifest ?? "{}");
            return manifest.RootElement.TryGetProperty("manifests", out var platforms) && platforms.ValueKind == JsonValueKind.Array
                ? [.. platforms.EnumerateArray().Select(p => p.TryGetProperty("digest", out var digest) ? digest.GetString() : null).OfType<string>()]
                : [];
        }
        catch (Exception e) when (e is JsonException or AwsException { IsCredentials: false })
        {
            return [];
        }
    }

    public async Task<RegistryCredential?> FindAsync(string registry, bool renew, CancellationToken cancellation)
    {
        if (workspace.Variable("SECOPS_REGISTRY_USERNAME") is { Length: > 0 } user && workspace.Variable("SECOPS_REGISTRY_PASSWORD") is { Length: > 0 } password)
        {
            return new RegistryCredential(user, password, "SECOPS_REGISTRY_PASSWORD");
        }

        if (new EcrImage(registry, "", null, null).Account is not { } account)
        {
            return null;
        }

        var answer = await aws.Ecr.GetAuthorizationTokenAsync(new() { RegistryIds = [account] }, cancellation);
        var parts = Encoding.UTF8.GetString(Convert.FromBase64String(answer.AuthorizationData.FirstOrDefault()?.AuthorizationToken ?? "")).Split(':', 2);
        if (parts.Length != 2)
        {
            throw SecOpsException.Tool("ecr:GetAuthorizationToken answered without a user and password.");
        }

        workspace.Redactor.Add(parts[1]);
        return new RegistryCredential(parts[0], parts[1], "AWS");
    }

    private AttestationKey Key()
    {
        var source = section.PublicKey
            ?? new[] { "SECOPS_ATTEST_PUBLIC_KEY", "SECOPS_ATTEST_KEY" }.Where(n => workspace.Variable(n) is { Length: > 0 }).Select(n => "env:" + n).FirstOrDefault()
            ?? throw SecOpsException.Incomplete("the image's attestation must be verified, and no key is known. Name one as deploy.publicKey, or set SECOPS_ATTEST_PUBLIC_KEY; deploy.requireAttestation: false deploys without.");
        try
        {
            var text = source.StartsWith("env:", StringComparison.Ordinal)
                ? workspace.Variable(source[4..]) ?? throw SecOpsException.Usage($"deploy.publicKey names the environment variable {source[4..]}, which is not set.")
                : File.ReadAllText(workspace.FullPath(source));
            return AttestationKey.Import(text, workspace.Variable("SECOPS_ATTEST_PASSPHRASE"), source);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SecOpsException.Usage($"the attestation key {source} cannot be read: {e.Message}");
        }
    }
}
