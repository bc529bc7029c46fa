using System.Net;
using SecOps.Processes;

namespace SecOps.Registry;

/// <summary>
/// A client of the OCI distribution API (https://github.com/opencontainers/distribution-spec) for what secops does there:
/// manifests, small blobs, and artifacts attached to an image. All content is checked against its digest.
/// </summary>
/// <remarks>Every call may throw <see cref="SecOpsException"/> with exit code 4: the registry is away, refuses, or answers nonsense.</remarks>
public sealed class RegistryClient : IDisposable
{
    /// <summary>The distribution specification lets a registry refuse manifests above 4 MB.</summary>
    private const int MaxManifest = 4 * 1024 * 1024;

    private static readonly string[] ManifestTypes = [MediaTypes.OciIndex, MediaTypes.OciManifest, MediaTypes.DockerList, MediaTypes.DockerManifest];

    private readonly RegistryTransport transport;

    /// <param name="registry">Host with port, or <c>docker.io</c>.</param>
    /// <param name="handler">For tests; null: the network.</param>
    public RegistryClient(string registry, IRegistryCredentials credentials, Redactor redactor, TimeProvider clock, HttpMessageHandler? handler = null) =>
        transport = new RegistryTransport(registry, credentials, redactor, clock, handler);

    public string Registry => transport.Registry;

    /// <param name="reference">A tag or a digest.</param>
    /// <returns>Null when the registry has no such manifest, or no such repository.</returns>
    public async Task<OciManifest?> FindManifestAsync(string repository, string reference, CancellationToken cancellation)
    {
        var what = $"reading the manifest of {repository}{(ImageReference.IsDigest(reference) ? "@" : ":")}{reference}";
        using var response = await transport.SendAsync(
            new RegistryRequest(HttpMethod.Get, $"v2/{repository}/manifests/{reference}") { Accept = ManifestTypes }, Pull(repository), what, cancellation);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        await RequireSuccessAsync(response, what, cancellation);
        var content = await RegistryTransport.BodyAsync(response, MaxManifest, what, cancellation);
        try
        {
            var manifest = OciManifest.Parse(content, response.Content.Headers.ContentType?.MediaType);
            return !ImageReference.IsDigest(reference) || manifest.Digest == reference
                ? manifest
                : throw SecOpsException.Tool($"{Registry} answered with other content than was asked for: {manifest.Digest} ({what}).");
        }
        catch (FormatException e)
        {
            throw SecOpsException.Tool($"{Registry} answered with something that is {e.Message} ({what}).", e);
        }
    }

    /// <summary>The manifest, which must be there.</summary>
    public async Task<OciManifest> GetManifestAsync(string repository, string reference, CancellationToken cancellation) =>
        await FindManifestAsync(repository, reference, cancellation)
        ?? throw SecOpsException.Tool($"{Registry}/{repository} has no manifest {reference}. Push it first, or check the name.");

    /// <summary>Puts a manifest under a tag or its digest.</summary>
    /// <returns>Whether the registry has noted the manifest's subject, so that its referrers API knows it (header OCI-Subject).</returns>
    public async Task<bool> PutManifestAsync(string repository, string reference, string mediaType, byte[] content, CancellationToken cancellation)
    {
        var what = $"writing the manifest {repository}:{reference}";
        using var response = await transport.SendAsync(
            new RegistryRequest(HttpMethod.Put, $"v2/{repository}/manifests/{reference}") { Body = content, ContentType = mediaType }, Push(repository), what, cancellation);
        await RequireSuccessAsync(response, what, cancellation);
        return response.Headers.Contains("OCI-Subject");
    }

    /// <summary>A blob of at most this many bytes.</summary>
    public async Task<byte[]> GetBlobAsync(string repository, string digest, int limit, CancellationToken cancellation)
    {
        var what = $"reading the blob {repository}@{digest}";
        using var response = await transport.SendAsync(new RegistryRequest(HttpMethod.Get, $"v2/{repository}/blobs/{digest}"), Pull(repository), what, cancellation);
        await RequireSuccessAsync(response, what, cancellation);
        var content = await RegistryTransport.BodyAsync(response, limit, what, cancellation);
        return OciManifest.DigestOf(content) == digest ? content : throw SecOpsException.Tool($"{Registry} answered with content of another digest ({what}).");
    }

    /// <summary>Writes a blob of any size, such as a layer, into a stream.</summary>
    /// <param name="blob">At most its size is read; other content than its digest says is an error, and what was written is then worth nothing.</param>
    public async Task DownloadBlobAsync(string repository, OciDescriptor blob, Stream target, CancellationToken cancellation)
    {
        var what = $"reading the blob {repository}@{blob.Digest}";
        using var response = await transport.SendAsync(new RegistryRequest(HttpMethod.Get, $"v2/{repository}/blobs/{blob.Digest}"), Pull(repository), what, cancellation);
        await RequireSuccessAsync(response, what, cancellation);
        using var hash = System.Security.Cryptography.IncrementalHash.CreateHash(System.Security.Cryptography.HashAlgorithmName.SHA256);
        var buffer = new byte[128 * 1024];
        long total = 0;
        try
        {
            await using var content = await response.Content.ReadAsStreamAsync(cancellation);
            for (int read; (read = await content.ReadAsync(buffer, cancellation)) > 0 && (total += read) <= blob.Size;)
            {
                hash.AppendData(buffer, 0, read);
                await target.WriteAsync(buffer.AsMemory(0, read), cancellation);
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw SecOpsException.Tool($"{Registry} broke off after {total / 1024} of {blob.Size / 1024} KB ({what}). Try again.", e);
        }

        if (total != blob.Size || "sha256:" + Convert.ToHexStringLower(hash.GetHashAndReset()) != blob.Digest)
        {
            throw SecOpsException.Tool($"{Registry} answered with other content than the digest says ({what}).");
        }
    }

    /// <summary>Uploads a small blob in one piece, unless it is there.</summary>
    /// <returns>Its digest.</returns>
    public async Task<string> PutBlobAsync(string repository, byte[] content, CancellationToken cancellation)
    {
        var digest = OciManifest.DigestOf(content);
        var what = $"uploading a blob to {repository}";
        using (var found = await transport.SendAsync(new RegistryRequest(HttpMethod.Head, $"v2/{repository}/blobs/{digest}"), Push(repository), what, cancellation))
        {
            if (found.IsSuccessStatusCode)
            {
                return digest;
            }
        }

        using var begun = await transport.SendAsync(new RegistryRequest(HttpMethod.Post, $"v2/{repository}/blobs/uploads/") { Body = [] }, Push(repository), what, cancellation);
        await RequireSuccessAsync(begun, what, cancellation);
        var location = begun.Headers.Location?.ToString() ?? throw SecOpsException.Tool($"{Registry} does not say where to upload to ({what}).");
        var upload = location + (location.Contains('?', StringComparison.Ordinal) ? '&' : '?') + "digest=" + digest;
        using var done = await transport.SendAsync(new RegistryRequest(HttpMethod.Put, upload) { Body = content }, Push(repository), what, cancellation);
        await RequireSuccessAsync(done, what, cancellation);
        return digest;
    }

    /// <summary>What is attached to a manifest, by the referrers API, or where that answers 404 by the fallback tag.</summary>
    /// <param name="artifactType">Null: all.</param>
    public async Task<IReadOnlyList<OciDescriptor>> ReferrersAsync(string repository, string digest, string? artifactType, CancellationToken cancellation)
    {
        var index = await ReferrersApiAsync(repository, digest, cancellation) ?? await FindManifestAsync(repository, FallbackTag(digest), cancellation);
        // A registry may ignore the filter in the request, so it is applied here.
        return [.. (index?.Manifests ?? []).Where(m => artifactType is null || m.ArtifactType == artifactType)];
    }

    /// <summary>Attaches a blob to a manifest as an OCI referrer.</summary>
    /// <returns>The digest of the attached manifest.</returns>
    public async Task<string> AttachAsync(
        string repository, OciDescriptor subject, string artifactType, byte[] blob, IReadOnlyDictionary<string, string> annotations, CancellationToken cancellation)
    {
        await PutBlobAsync(repository, OciJson.Empty, cancellation);
        var layer = new OciDescriptor(artifactType, await PutBlobAsync(repository, blob, cancellation), blob.Length);
        var manifest = OciJson.Artifact(artifactType, layer, subject with { Platform = null, Annotations = new Dictionary<string, string>() }, annotations);
        var digest = OciManifest.DigestOf(manifest);
        var noted = await PutManifestAsync(repository, digest, MediaTypes.OciManifest, manifest, cancellation);
        if (!noted && await ReferrersApiAsync(repository, subject.Digest, cancellation) is null)
        {
            var entry = new OciDescriptor(MediaTypes.OciManifest, digest, manifest.Length) { ArtifactType = artifactType, Annotations = annotations };
            await AddToFallbackAsync(repository, subject.Digest, entry, cancellation);
        }

        return digest;
    }

    public void Dispose() => transport.Dispose();

    private static string FallbackTag(string digest) => digest.Replace(':', '-');

    private static string Pull(string repository) => $"repository:{repository}:pull";

    private static string Push(string repository) => $"repository:{repository}:pull,push";

    /// <summary>Read, add, write: two writers at once would lose one entry, so what was written is read back.</summary>
    private async Task AddToFallbackAsync(string repository, string subject, OciDescriptor entry, CancellationToken cancellation)
    {
        var tag = FallbackTag(subject);
        for (var attempt = 0; attempt < 5; attempt++)
        {
            var known = (await FindManifestAsync(repository, tag, cancellation))?.Manifests ?? [];
            if (known.Any(m => m.Digest == entry.Digest))
            {
                return;
            }

            await PutManifestAsync(repository, tag, MediaTypes.OciIndex, OciJson.Index([.. known, entry]), cancellation);
        }

        throw SecOpsException.Tool($"{Registry}/{repository}:{tag} is being changed by somebody else all the time. Try again.");
    }

    private async Task<OciManifest?> ReferrersApiAsync(string repository, string digest, CancellationToken cancellation)
    {
        var what = $"listing what is attached to {repository}@{digest}";
        using var response = await transport.SendAsync(
            new RegistryRequest(HttpMethod.Get, $"v2/{repository}/referrers/{digest}") { Accept = [MediaTypes.OciIndex] }, Pull(repository), what, cancellation);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        await RequireSuccessAsync(response, what, cancellation);
        try
        {
            return OciManifest.Parse(await RegistryTransport.BodyAsync(response, MaxManifest, what, cancellation), MediaTypes.OciIndex);
        }
        catch (FormatException)
        {
            // Some gateways answer unknown paths with a page and 200: no API there.
            return null;
        }
    }

    private async Task RequireSuccessAsync(HttpResponseMessage response, string what, CancellationToken cancellation)
    {
        if (!response.IsSuccessStatusCode)
        {
            throw await transport.FailureAsync(response, what, cancellation);
        }
    }
}
