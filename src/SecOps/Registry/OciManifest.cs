using System.Security.Cryptography;
using System.Text.Json;

namespace SecOps.Registry;

/// <summary>Media types of the OCI image specification and of Docker's older one.</summary>
public static class MediaTypes
{
    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    public const string OciIndex = "application/vnd.oci.image.index.v1+json";
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
    public const string DockerList = "application/vnd.docker.distribution.manifest.list.v2+json";
    public const string OciEmpty = "application/vnd.oci.empty.v1+json";

    public static bool IsIndex(string? type) => type is OciIndex or DockerList;
}

/// <summary>A reference to content, by digest.</summary>
public sealed record OciDescriptor(string MediaType, string Digest, long Size)
{
    public string? ArtifactType { get; init; }

    /// <summary><c>linux/amd64</c>, <c>linux/arm64/v8</c>; null where none is given.</summary>
    public string? Platform { get; init; }

    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    /// <summary>BuildKit's provenance and SBOM stand in an index like a platform, marked by this annotation.</summary>
    public bool IsAttestationManifest => Annotations.GetValueOrDefault("vnd.docker.reference.type") == "attestation-manifest";
}

/// <summary>A manifest or an index as the registry holds it: the exact bytes, and what we read from them.</summary>
public sealed record OciManifest
{
    public required string MediaType { get; init; }

    /// <summary>Of <see cref="Content"/>, computed here.</summary>
    public required string Digest { get; init; }

    public required byte[] Content { get; init; }

    public string? ArtifactType { get; init; }

    /// <summary>Null in an index.</summary>
    public OciDescriptor? Config { get; init; }

    public IReadOnlyList<OciDescriptor> Layers { get; init; } = [];

    /// <summary>An index's entries.</summary>
    public IReadOnlyList<OciDescriptor> Manifests { get; init; } = [];

    public OciDescriptor? Subject { get; init; }

    public bool IsIndex => MediaTypes.IsIndex(MediaType);

    /// <summary>As the content of a descriptor.</summary>
    public OciDescriptor Descriptor => new(MediaType, Digest, Content.Length);

    public static string DigestOf(ReadOnlySpan<byte> content) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));

    /// <exception cref="FormatException">Not a manifest.</exception>
    public static OciManifest Parse(byte[] content, string? contentType)
    {
        try
        {
            using var json = JsonDocument.Parse(content, new JsonDocumentOptions { MaxDepth = 32 });
            var root = json.RootElement;
            var type = Text(root, "mediaType") ?? contentType ?? MediaTypes.OciManifest;
            return new OciManifest
            {
                MediaType = type,
                Digest = DigestOf(content),
                Content = content,
                ArtifactType = Text(root, "artifactType"),
                Config = root.TryGetProperty("config", out var config) ? ReadDescriptor(config) : null,
                Layers = List(root, "layers"),
                Manifests = List(root, "manifests"),
                Subject = root.TryGetProperty("subject", out var subject) && subject.ValueKind == JsonValueKind.Object ? ReadDescriptor(subject) : null,
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new FormatException("not a manifest: " + e.Message, e);
        }
    }

    private static List<OciDescriptor> List(JsonElement root, string name) =>
        root.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray().Select(ReadDescriptor)] : [];

    private static OciDescriptor ReadDescriptor(JsonElement e)
    {
        var annotations = new Dictionary<string, string>(StringComparer.Ordinal);
        if (e.TryGetProperty("annotations", out var found) && found.ValueKind == JsonValueKind.Object)
        {
            foreach (var a in found.EnumerateObject().Where(a => a.Value.ValueKind == JsonValueKind.String))
            {
                annotations[a.Name] = a.Value.GetString()!;
            }
        }

        var digest = Text(e, "digest") ?? "";
        if (!ImageReference.IsDigest(digest))
        {
            throw new FormatException("a descriptor lacks its sha256 digest");
        }

        return new OciDescriptor(Text(e, "mediaType") ?? "", digest, e.TryGetProperty("size", out var size) && size.TryGetInt64(out var bytes) ? bytes : 0)
        {
            ArtifactType = Text(e, "artifactType"),
            Platform = e.TryGetProperty("platform", out var p) && p.ValueKind == JsonValueKind.Object
                ? string.Join('/', new[] { Text(p, "os"), Text(p, "architecture"), Text(p, "variant") }.Where(t => !string.IsNullOrEmpty(t)))
                : null,
            Annotations = annotations,
        };
    }

    private static string? Text(JsonElement e, string name) =>
        e.ValueKind == JsonValueKind.Object && e.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
