using SecOps.Registry;

namespace SecOps.Commands;

/// <summary>Asks registries which digest a tag has, with the credentials of a push.</summary>
internal sealed class BaseImages(Workspace workspace)
{
    /// <summary>A registry that is away must not hold up everything else.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Dictionary<string, string> unreachable = new(StringComparer.Ordinal);

    /// <param name="reference">As a Dockerfile writes it.</param>
    /// <returns><c>sha256:…</c>, of the index where the image is for several platforms.</returns>
    /// <exception cref="SecOpsException">It can't be had; the message says why.</exception>
    public async Task<string> DigestAsync(string reference, CancellationToken cancellation)
    {
        if (workspace.Options.Offline)
        {
            throw SecOpsException.Usage("the registry has to be asked for the digest, which --offline forbids");
        }

        var image = ImageReference.Parse(reference);
        if (unreachable.TryGetValue(image.Registry, out var known))
        {
            throw SecOpsException.Tool(known);
        }

        using var remotes = new PushRemotes(workspace, new PushOptions());
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        try
        {
            var login = remotes.Login(image, remotes.Ecr(image));
            using var registry = remotes.Registry(image, login);
            return (await registry.GetManifestAsync(image.Repository, image.Digest ?? image.Tag ?? "latest", limit.Token)).Digest;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            unreachable[image.Registry] = $"{image.Registry} did not answer within {Patience.TotalSeconds:0} seconds, so the digest is not known";
            throw SecOpsException.Tool(unreachable[image.Registry]);
        }
        catch (SecOpsException e)
        {
            unreachable[image.Registry] = e.Message;
            throw;
        }
    }
}
