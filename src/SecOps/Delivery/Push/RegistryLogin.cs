using SecOps.Aws;
using SecOps.Docker;
using SecOps.Processes;
using SecOps.Registry;

namespace SecOps.Delivery.Push;

/// <summary>
/// The credential for a registry: what secops was given, else ECR's token from the AWS credentials, else what
/// <c>docker login</c> keeps. Asked for when a registry wants one, held in memory, never written.
/// </summary>
/// <param name="given">User and password from the configuration or <c>SECOPS_REGISTRY_USERNAME</c> and <c>SECOPS_REGISTRY_PASSWORD</c>; null: none.</param>
/// <param name="ecr">Null: the registry is not ECR.</param>
public sealed class RegistryLogin(RegistryCredential? given, EcrRegistry? ecr, Func<string, string?> variable, ProcessRunner processes, Redactor redactor) : IRegistryCredentials
{
    private RegistryCredential? found;
    private bool asked;

    public async Task<RegistryCredential?> FindAsync(string registry, bool renew, CancellationToken cancellation)
    {
        if (!asked || (renew && ecr is not null))
        {
            found = given ?? await AskAsync(registry, cancellation);
            asked = true;
            if (found is not null)
            {
                redactor.Add(found.Secret);
            }
        }

        return found;
    }

    /// <summary>The value of the Engine's <c>X-Registry-Auth</c>; a secret.</summary>
    public async Task<string> EngineHeaderAsync(string registry, bool renew, CancellationToken cancellation)
    {
        var credential = await FindAsync(registry, renew, cancellation);
        var server = registry == ImageReference.DockerHub ? "https://index.docker.io/v1/" : registry;
        var header = DockerClient.RegistryAuth(credential?.Username, credential?.Secret, credential?.IsIdentityToken ?? false, server);
        if (credential is not null)
        {
            redactor.Add(header);
        }

        return header;
    }

    private async Task<RegistryCredential?> AskAsync(string registry, CancellationToken cancellation)
    {
        try
        {
            if (ecr is not null)
            {
                return await ecr.FindAsync(registry, renew: false, cancellation);
            }

            return await DockerConfigFile.Read(variable).FindAsync(registry, processes, cancellation) is { } kept
                ? new RegistryCredential(kept.User, kept.Secret, kept.Source)
                : null;
        }
        catch (AwsException e)
        {
            throw SecOpsException.Tool($"no credential for {registry}: {e.Message}", e);
        }
        catch (ToolNotFoundException e)
        {
            throw SecOpsException.Tool($"no credential for {registry}: {e.Message} Docker's config.json names it.", e);
        }
    }
}
