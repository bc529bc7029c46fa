using SecOps.Findings;

namespace SecOps.Scanners.Trivy;

/// <summary>What a Trivy report is about: an image, a folder, a bill of materials, or a resource of a cluster.</summary>
internal sealed class TrivyArtifact
{
    private string? digest;

    public string? Name { get; set; }

    public string? Type { get; set; }

    /// <summary>Not null: the report of a cluster.</summary>
    public string? Cluster { get; set; }

    public string? Namespace { get; set; }

    public string? Kind { get; set; }

    /// <summary>namespace/kind/name of a cluster's resource.</summary>
    public string? ClusterResource => Cluster is null || Kind is null ? null : $"{Namespace}/{Kind}/{Name}".TrimStart('/');

    /// <summary>Images are named by their reference; other artifacts are places where the paths say more.</summary>
    public Image? Image => Name is not null && Cluster is null && Type is "container_image" or "image" ? new Image(Name, digest) : null;

    public void Read(ReportNode metadata)
    {
        var repoDigest = metadata["RepoDigests"].Texts.FirstOrDefault();
        var at = repoDigest?.LastIndexOf('@') ?? -1;
        digest = at >= 0 ? repoDigest![(at + 1)..] : null;
    }
}
