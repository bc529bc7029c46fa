using System.Globalization;
using System.Text.Json;
using SecOps.Registry;

namespace SecOps.Remediation.Snapshots;

/// <summary>The code that an image holds, unpacked: what lies in its working directory.</summary>
/// <param name="Digest">Of the manifest whose layers these are.</param>
/// <param name="Root">Full path of the unpacked working directory.</param>
/// <param name="Files">Relative to it, with /, sorted.</param>
public sealed record ImageSnapshot(string Reference, string Digest, string Root, IReadOnlyList<string> Files)
{
    private const int MaxConfig = 4 * 1024 * 1024;
    private const string Platform = "linux/amd64";

    /// <param name="folder">An empty folder for layers and files; full path.</param>
    /// <exception cref="SecOpsException">The image can't be had, or a layer is hostile (exit code 4).</exception>
    public static async Task<ImageSnapshot> TakeAsync(RegistryClient registry, ImageReference image, string folder, CancellationToken cancellation)
    {
        var manifest = await registry.GetManifestAsync(image.Repository, image.Digest ?? image.Tag ?? "latest", cancellation);
        if (manifest.IsIndex)
        {
            var images = manifest.Manifests.Where(m => !m.IsAttestationManifest).ToList();
            var chosen = images.Find(m => m.Platform == Platform) ?? images.FirstOrDefault()
                ?? throw SecOpsException.Tool($"{image} is an index without any image.");
            manifest = await registry.GetManifestAsync(image.Repository, chosen.Digest, cancellation);
        }

        if (manifest.Config is not { } config || manifest.Layers.Count == 0)
        {
            throw SecOpsException.Tool($"{image} is no container image: it has no layers.");
        }

        var work = WorkingDirectory(await registry.GetBlobAsync(image.Repository, config.Digest, MaxConfig, cancellation), image);
        var root = Directory.CreateDirectory(Path.Combine(folder, "files")).FullName;
        var extraction = new LayerExtraction(root, work);
        foreach (var layer in manifest.Layers)
        {
            if (layer.Size > LayerExtraction.MaxTotal)
            {
                throw SecOpsException.Tool(string.Create(CultureInfo.InvariantCulture, $"a layer of {image} has {layer.Size} bytes; more than {LayerExtraction.MaxTotal >> 30} GiB is not read."));
            }

            await using var file = new FileStream(Path.Combine(folder, "layer"), FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
            await registry.DownloadBlobAsync(image.Repository, layer, file, cancellation);
            file.Position = 0;
            await extraction.AddAsync(file, cancellation);
        }

        var code = Directory.CreateDirectory(Path.Combine(root, work)).FullName;
        List<string> files = [.. Directory.EnumerateFiles(code, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(code, f).Replace('\\', '/')).Order(StringComparer.Ordinal)];
        return new ImageSnapshot(image.ToString(), manifest.Digest, code, files);
    }

    /// <summary>
    /// Files of a tree that are in the image with other content. Which folder of the tree was copied into the image is told by where most
    /// files have their like.
    /// </summary>
    /// <param name="files">Relative to the root, with /.</param>
    /// <exception cref="SecOpsException">Nothing of the tree is in the image (exit code 2).</exception>
    public IReadOnlySet<string> Differing(string root, IReadOnlyCollection<string> files)
    {
        var inImage = Files.ToHashSet(StringComparer.Ordinal);
        var folders = files.SelectMany(Parents).Distinct().ToList();
        var best = folders.Select(f => (Folder: f, Like: files.Count(p => Below(p, f) is { } inner && inImage.Contains(inner)))).OrderByDescending(f => f.Like).ThenBy(f => f.Folder.Length).FirstOrDefault();
        if (best.Like == 0)
        {
            throw SecOpsException.Usage($"no file of this project is in the working directory of {Reference}. Is it another project's image?");
        }

        return files.Where(p => Below(p, best.Folder) is { } inner && inImage.Contains(inner) && !Same(Path.Combine(root, p), Path.Combine(Root, inner))).ToHashSet(StringComparer.Ordinal);
    }

    private static bool Same(string a, string b)
    {
        var (first, second) = (new FileInfo(a), new FileInfo(b));
        return first.Exists && second.Exists && first.LinkTarget is null && first.Length == second.Length && File.ReadAllBytes(a).AsSpan().SequenceEqual(File.ReadAllBytes(b));
    }

    private static string? Below(string path, string folder) =>
        folder.Length == 0 ? path : path.StartsWith(folder + "/", StringComparison.Ordinal) ? path[(folder.Length + 1)..] : null;

    private static IEnumerable<string> Parents(string path)
    {
        for (var at = path.LastIndexOf('/'); at > 0; at = path.LastIndexOf('/', at - 1))
        {
            yield return path[..at];
        }

        yield return "";
    }

    /// <summary>Without the leading slash; empty for the root (https://github.com/opencontainers/image-spec/blob/main/config.md).</summary>
    private static string WorkingDirectory(byte[] config, ImageReference image)
    {
        try
        {
            using var json = JsonDocument.Parse(config);
            var text = json.RootElement.TryGetProperty("config", out var inner) && inner.ValueKind == JsonValueKind.Object && inner.TryGetProperty("WorkingDir", out var folder) ? folder.GetString() ?? "" : "";
            var parts = text.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p != ".").ToList();
            return parts.Contains("..") ? throw SecOpsException.Tool($"the configuration of {image} names a working directory that climbs out.") : string.Join('/', parts);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw SecOpsException.Tool($"the configuration of {image} can't be read: {e.Message}", e);
        }
    }
}
