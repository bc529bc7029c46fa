using SecOps.Docker;
using SecOps.Registry;

namespace SecOps.Delivery.Push;

/// <summary>What is pushed where.</summary>
/// <param name="Source">As the Engine knows the image.</param>
/// <param name="Destination">Registry, repository and the first tag.</param>
/// <param name="FurtherTags">Other tags of the same digest; <c>latest</c>, if at all, last.</param>
public sealed record PushTarget(string Source, ImageReference Destination, IReadOnlyList<string> FurtherTags)
{
    public bool CreateRepository { get; init; }

    /// <summary>No tag but latest may get another digest.</summary>
    public bool ImmutableTags { get; init; }
}

/// <param name="Manifest">As the registry has it now.</param>
/// <param name="Pushed">False: it was there already and nothing was uploaded.</param>
/// <param name="MovedTags">Further tags still to be set.</param>
public sealed record PushedImage(OciManifest Manifest, bool Pushed, IReadOnlyList<string> MovedTags);

/// <summary>What would be pushed, found out by reading alone.</summary>
/// <param name="Present">The manifest that the registry has under the first tag, when it is this image.</param>
/// <param name="RepositoryMissing">An ECR repository that has to be created first.</param>
/// <param name="TagsToSet">Further tags that are absent or point elsewhere.</param>
public sealed record PushPlan(DockerImage Image, OciManifest? Present, bool RepositoryMissing, IReadOnlyList<string> TagsToSet);
