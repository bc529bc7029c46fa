using System.Text.RegularExpressions;

namespace SecOps.Delivery.Push;

/// <summary>An image reference taken apart: <c>registry/repository:tag@sha256:…</c>.</summary>
/// <param name="Registry">Host; empty for Docker Hub's short form.</param>
public sealed partial record EcrImage(string Registry, string Repository, string? Tag, string? Digest)
{
    /// <summary>The account that owns the registry, if it is ECR.</summary>
    public string? Account => Host().Match(Registry) is { Success: true } m ? m.Groups[1].Value : null;

    public string? Region => Host().Match(Registry) is { Success: true } m ? m.Groups[2].Value : null;

    public bool IsEcr => Account is not null;

    /// <summary>registry/repository, without tag and digest.</summary>
    public string Name => Registry.Length == 0 ? Repository : Registry + "/" + Repository;

    /// <summary>registry/repository@digest.</summary>
    public string Pinned => $"{Name}@{Digest}";

    public static EcrImage Parse(string reference)
    {
        string? digest = null, tag = null;
        if (reference.IndexOf('@', StringComparison.Ordinal) is var at and >= 0)
        {
            (reference, digest) = (reference[..at], reference[(at + 1)..]);
        }

        if (reference.LastIndexOf(':') is var colon && colon > reference.LastIndexOf('/'))
        {
            (reference, tag) = (reference[..colon], reference[(colon + 1)..]);
        }

        var slash = reference.IndexOf('/', StringComparison.Ordinal);
        var hasHost = slash > 0 && (reference[..slash].Contains('.', StringComparison.Ordinal) || reference[..slash].Contains(':', StringComparison.Ordinal) || reference[..slash] == "localhost");
        return hasHost ? new EcrImage(reference[..slash], reference[(slash + 1)..], tag, digest) : new EcrImage("", reference, tag, digest);
    }

    public static bool IsDigest(string? text) => text is not null && Sha256().IsMatch(text);

    [GeneratedRegex(@"^(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$")]
    private static partial Regex Host();

    [GeneratedRegex("^sha256:[0-9a-f]{64}$")]
    private static partial Regex Sha256();
}
