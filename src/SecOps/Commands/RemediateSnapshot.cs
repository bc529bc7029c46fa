using System.Buffers;
using System.Text.Json;
using SecOps.Aws;
using SecOps.Configuration;
using SecOps.Git;
using SecOps.Registry;
using SecOps.Remediation.Snapshots;

namespace SecOps.Commands;

/// <summary>The code as it was before: an archive beside the results, and in S3 where a bucket is configured.</summary>
/// <param name="Uri">Where it is kept; null when nobody asked for it.</param>
/// <param name="Drifted">Files that are otherwise in the image.</param>
internal sealed record RemediateSnapshot(string? Uri, IReadOnlySet<string> Drifted)
{
    public static readonly RemediateSnapshot None = new(null, new HashSet<string>());

    private const string Name = "snapshot.tar.gz";

    /// <param name="files">Of the scratch tree, relative to its root.</param>
    public static async Task<RemediateSnapshot> TakeAsync(
        Workspace workspace, RemediateOptions options, RemediateSection settings, ScratchRepository scratch, IReadOnlyCollection<string> files, string scope, string? commit, CancellationToken cancellation)
    {
        if (options.SnapshotImage is null && !options.Snapshot && settings.SnapshotBucket is null)
        {
            return None;
        }

        var image = options.SnapshotImage is null ? null : await ImageAsync(workspace, options.SnapshotImage, scratch.Beside("image"), cancellation);
        var drifted = image?.Differing(scratch.Root, [.. files.Where(f => scope.Length == 0 || f.StartsWith(scope + "/", StringComparison.Ordinal))]) ?? None.Drifted;
        foreach (var path in drifted.Order(StringComparer.Ordinal))
        {
            workspace.Terminal.Progress($"{path} is not the same in the image, and is left alone");
        }

        var file = Path.Combine(workspace.OpenFolder(), Name);
        var digest = "";
        var written = file + ".new";
        await using (var archive = File.Create(written))
        {
            digest = image is null
                ? await SourceSnapshot.WriteAsync(scratch.Root, files, archive, cancellation)
                : await SourceSnapshot.WriteAsync(image.Root, image.Files, archive, cancellation);
        }

        File.Move(written, file, overwrite: true);
        var uri = await UploadAsync(workspace, settings, file, image?.Digest.Replace(':', '-') ?? commit ?? "worktree", digest, cancellation) ?? new System.Uri(file).AbsoluteUri;
        AtomicFile.Write(Path.Combine(workspace.Folder, "snapshot.json"), stream => stream.Write(Record(uri, digest, commit, image)));
        workspace.Terminal.Progress($"the code as it was: {uri}");
        return new RemediateSnapshot(uri, drifted);
    }

    private static async Task<ImageSnapshot> ImageAsync(Workspace workspace, string reference, string folder, CancellationToken cancellation)
    {
        if (workspace.Options.Offline)
        {
            throw SecOpsException.Usage("--snapshot-image needs the network, which --offline forbids.");
        }

        var image = ImageReference.Parse(reference);
        using var remotes = new PushRemotes(workspace, new PushOptions());
        using var registry = remotes.Registry(image, remotes.Login(image, remotes.Ecr(image)));
        return await ImageSnapshot.TakeAsync(registry, image, folder, cancellation);
    }

    /// <summary>Null without a bucket.</summary>
    private static async Task<string?> UploadAsync(Workspace workspace, RemediateSection settings, string file, string origin, string digest, CancellationToken cancellation)
    {
        if (settings.SnapshotBucket is not { } bucket || workspace.Options.Offline)
        {
            return null;
        }

        using var aws = new AwsClients(new AwsSettings { Region = AwsSettings.ResolveRegion(settings.Region, workspace.Variable), Variable = workspace.Variable });
        await using var content = File.OpenRead(file);
        return await aws.S3.PutAsync(bucket, $"secops/{origin}/{digest}.tar.gz", content, "application/gzip", kmsKeyId: null, cancellation);
    }

    private static byte[] Record(string uri, string digest, string? commit, ImageSnapshot? image)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("uri"u8, uri);
            json.WriteString("sha256"u8, digest);
            json.WriteString("commit"u8, commit);
            if (image is not null)
            {
                json.WriteStartObject("image"u8);
                json.WriteString("reference"u8, image.Reference);
                json.WriteString("digest"u8, image.Digest);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return [.. buffer.WrittenSpan, (byte)'\n'];
    }
}
