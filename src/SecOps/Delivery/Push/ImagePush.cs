using System.Text.RegularExpressions;
using SecOps.Aws;
using SecOps.Docker;
using SecOps.Registry;

namespace SecOps.Delivery.Push;

/// <summary>Pushes an image through the Docker Engine: looks first, uploads what is missing, ends with a digest.</summary>
/// <param name="ecr">Null: another registry.</param>
public sealed partial class ImagePush(DockerClient docker, RegistryClient registry, RegistryLogin login, EcrRegistry? ecr)
{
    /// <summary>Reads what is there and refuses what must not be overwritten. Changes nothing.</summary>
    /// <exception cref="SecOpsException">No such image, no such repository, or an immutable tag that has another digest (exit code 4).</exception>
    public async Task<PushPlan> PlanAsync(PushTarget target, CancellationToken cancellation)
    {
        var image = await docker.FindImageAsync(target.Source, cancellation)
            ?? throw SecOpsException.Tool($"the Docker Engine has no image {target.Source}. Build it with \"secops build --tag {target.Source}\", or check the name with \"docker images\".");
        var at = target.Destination;
        bool? immutable = false;
        if (ecr is not null)
        {
            immutable = await AskEcrAsync(() => ecr.FindMutabilityAsync(at.Repository, cancellation));
            if (immutable is null)
            {
                return target.CreateRepository
                    ? new PushPlan(image, null, RepositoryMissing: true, target.FurtherTags)
                    : throw SecOpsException.Tool($"ECR has no repository {at.Repository} in {at.Registry}. Create it, or push with --create-repository.");
            }
        }

        var present = await CurrentAsync(at.Repository, at.Tag!, cancellation);
        var same = present is not null && IsSame(image, present, at);
        if (present is not null && !same && (immutable is true || (target.ImmutableTags && at.Tag != "latest")))
        {
            throw Immutable(at, at.Tag!, present.Digest);
        }

        var tags = new List<string>();
        foreach (var tag in target.FurtherTags)
        {
            var other = await CurrentAsync(at.Repository, tag, cancellation);
            if (other is not null && (same ? other.Digest == present!.Digest : IsSame(image, other, at)))
            {
                continue;
            }

            if (other is not null && (immutable is true || (target.ImmutableTags && tag != "latest")))
            {
                throw Immutable(at, tag, other.Digest);
            }

            tags.Add(tag);
        }

        return new PushPlan(image, same ? present : null, RepositoryMissing: false, tags);
    }

    /// <summary>Does what the plan lacks; the further tags come later, with <see cref="TagAsync"/>, when all signatures are there.</summary>
    public async Task<PushedImage> RunAsync(PushTarget target, PushPlan plan, Action<DockerProgress> progress, CancellationToken cancellation)
    {
        if (plan.Present is { } present)
        {
            return new PushedImage(present, false, plan.TagsToSet);
        }

        var at = target.Destination;
        if (plan.RepositoryMissing)
        {
            await AskEcrAsync(() => ecr!.CreateAsync(at.Repository, cancellation));
        }

        if (target.Source != at.Familiar)
        {
            await docker.TagAsync(plan.Image.Id, at.FamiliarName, at.Tag!, cancellation);
        }

        var digest = await UploadAsync(at, progress, cancellation);
        // From here on no tag is trusted: somebody else may move it at any moment.
        var manifest = digest is null
            ? await registry.GetManifestAsync(at.Repository, at.Tag!, cancellation)
            : await registry.GetManifestAsync(at.Repository, digest, cancellation);
        return IsSame(plan.Image, manifest, at) || digest is not null
            ? new PushedImage(manifest, true, plan.TagsToSet)
            : throw SecOpsException.Tool($"{at} is another image than the one that was pushed: somebody else pushed this tag at the same time. Push again.");
    }

    /// <summary>Gives the very same manifest a further tag; nothing is uploaded.</summary>
    public Task<bool> TagAsync(PushTarget target, OciManifest manifest, string tag, CancellationToken cancellation) =>
        registry.PutManifestAsync(target.Destination.Repository, tag, manifest.MediaType, manifest.Content, cancellation);

    private async Task<string?> UploadAsync(ImageReference at, Action<DockerProgress> progress, CancellationToken cancellation)
    {
        var arriving = false;
        void Follow(DockerProgress p)
        {
            arriving |= p.Current > 0 || p.Status == "Pushed";
            progress(p);
        }

        for (var renew = false; ; renew = true)
        {
            try
            {
                return await docker.PushAsync(at.FamiliarName, at.Tag!, await login.EngineHeaderAsync(at.Registry, renew, cancellation), Follow, cancellation);
            }
            catch (SecOpsException e) when (!renew && (arriving ? IsRefusal(e.Message) : e.Message.Contains("token has expired", StringComparison.OrdinalIgnoreCase)))
            {
                // It was let in before: a layer took longer than the token lives. A new one, and what arrived is not sent again.
            }
            catch (SecOpsException e) when (IsRefusal(e.Message))
            {
                throw await RefusedAsync(at, e, cancellation);
            }
            catch (SecOpsException e) when (e.Message.StartsWith("the push failed", StringComparison.Ordinal) || e.Message.Contains("broke off", StringComparison.Ordinal))
            {
                var advice = e.Message.Contains("toomanyrequests", StringComparison.Ordinal) ? "The registry limits the rate: push again later." : "Push again; layers that arrived are not sent twice.";
                throw SecOpsException.Tool($"{e.Message.TrimEnd('.')}. {advice}", e);
            }
        }
    }

    private async Task<SecOpsException> RefusedAsync(ImageReference at, SecOpsException e, CancellationToken cancellation)
    {
        var credential = await login.FindAsync(at.Registry, renew: false, cancellation);
        return SecOpsException.Tool(e.Message.TrimEnd('.') + (credential is null
            ? ". No credential was found: set SECOPS_REGISTRY_USERNAME and SECOPS_REGISTRY_PASSWORD, or name push.username and push.password in secops.yml."
            : $". The credential was that of {credential}: renew it, or grant it pushing to {at.Repository}."), e);
    }

    /// <summary>Told from the registry's words, which stand after what was tried: a repository's name may hold any of them.</summary>
    private static bool IsRefusal(string message) => Refusal().IsMatch(message, Math.Max(0, message.IndexOf("): ", StringComparison.Ordinal)));

    private async Task<OciManifest?> CurrentAsync(string repository, string tag, CancellationToken cancellation)
    {
        // ECR's own answer first: it tells a missing tag from a registry in trouble, and needs no data plane.
        if (ecr is not null && await AskEcrAsync(() => ecr.FindDigestAsync(repository, tag, cancellation)) is { } digest)
        {
            return await registry.FindManifestAsync(repository, digest, cancellation)
                ?? new OciManifest { MediaType = MediaTypes.OciManifest, Digest = digest, Content = [] };
        }

        return await registry.FindManifestAsync(repository, tag, cancellation);
    }

    private static async Task<T> AskEcrAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (AwsException e)
        {
            throw SecOpsException.Tool(e.Message, e);
        }
    }

    /// <summary>The classic store names an image by its configuration, containerd's by its manifest; a pulled one is known by its digest in the repository.</summary>
    private static bool IsSame(DockerImage image, OciManifest manifest, ImageReference at) =>
        manifest.Config?.Digest == image.Id || manifest.Digest == image.Id || image.RepositoryDigests.Contains($"{at.FamiliarName}@{manifest.Digest}");

    [GeneratedRegex("unauthorized|denied|forbidden|authentication required|no basic auth|authorization token has expired", RegexOptions.IgnoreCase)]
    private static partial Regex Refusal();

    private static SecOpsException Immutable(ImageReference at, string tag, string digest) => SecOpsException.Tool(
        $"{at.Name}:{tag} exists with another digest ({digest}) and its tags do not move. Push under a new version (\"secops build --bump patch\").");
}
