using System.Text;
using SecOps.Aws;
using SecOps.Configuration;
using SecOps.Delivery.Attest;
using SecOps.Delivery.Build;
using SecOps.Delivery.Push;
using SecOps.Registry;

namespace SecOps.Commands;

/// <summary>Whether an image carries a good verdict of the gate, asked of its registry.</summary>
internal sealed class DeployTrust(Workspace workspace, SecOpsConfiguration configuration, AwsClients aws) : IRegistryCredentials
{
    private readonly DeploySection section = configuration.Deploy;

    public async Task<AttestationCheck> VerifyAsync(EcrImage image, CancellationToken cancellation)
    {
        var requirement = new AttestationRequirement { Keys = [Key()], Policy = PolicyDigest.Of(configuration.Gate), MaxAge = section.MaxAge };
        using var registry = Registry(image);
        return await new AttestationStore(registry, workspace.Clock).VerifyAsync(image.Repository, image.Digest!, requirement, cancellation);
    }

    /// <summary>What the image runs on; null, and said, where its registry does not answer and need not, because no attestation is required.</summary>
    /// <exception cref="SecOpsException">The registry failed (exit code 4).</exception>
    public async Task<ImagePlatforms?> PlatformsAsync(EcrImage image, CancellationToken cancellation)
    {
        using var registry = Registry(image);
        try
        {
            return await ImagePlatforms.ReadAsync(registry, image.Repository, image.Digest!, cancellation);
        }
        catch (SecOpsException e) when (!section.RequireAttestation)
        {
            workspace.Terminal.Progress(e.Message);
            return null;
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

    private RegistryClient Registry(EcrImage image) => new(image.Registry.Length == 0 ? "docker.io" : image.Registry, this, workspace.Redactor, workspace.Clock);

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
