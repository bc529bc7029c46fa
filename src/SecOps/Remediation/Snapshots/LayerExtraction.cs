using System.Formats.Tar;
using System.IO.Compression;

namespace SecOps.Remediation.Snapshots;

/// <summary>
/// Unpacks the layers of an image, one above the other (https://github.com/opencontainers/image-spec/blob/main/layer.md), into an
/// empty folder. A layer comes from a stranger: what climbs out, is a device, or is too large is refused.
/// </summary>
/// <param name="folder">Only what lies below this path of the image is written, e.g. <c>app</c>; empty: all. Everything is checked.</param>
public sealed class LayerExtraction(string target, string folder = "")
{
    /// <summary>Names and attributes of one entry; an archive that wants more wants to fill the memory.</summary>
    private const long MaxHeader = 4L << 20;

    public const long MaxTotal = 4L << 30;
    public const int MaxEntries = 500_000;
    private const string Whiteout = ".wh.";
    private const string Opaque = ".wh..wh..opq";

    private long total;
    private int entries;

    /// <summary>Full paths would hide where files end up; so all are relative to this, an existing folder.</summary>
    private readonly string root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(target));

    /// <param name="layer">A tar archive, plain or gzipped.</param>
    /// <exception cref="SecOpsException">The archive is hostile, too large or broken (exit code 4).</exception>
    public async Task AddAsync(Stream layer, CancellationToken cancellation)
    {
        try
        {
            await using var plain = new BoundedStream(await OpenAsync(layer, cancellation), () => Refused($"it unpacks to more than {MaxTotal >> 30} GiB, or to entries without end"));
            await using var tar = new TarReader(plain, leaveOpen: true);
            plain.Left = MaxHeader;
            while (await tar.GetNextEntryAsync(copyData: false, cancellation) is { } entry)
            {
                // Its content, read now or skipped later, and then the next entry's header.
                plain.Left = Math.Min(entry.Length, MaxTotal) + MaxHeader;
                if (++entries > MaxEntries)
                {
                    throw Refused($"it has more than {MaxEntries} entries");
                }

                await AddAsync(entry, cancellation);
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw SecOpsException.Tool($"the layer is no tar archive that can be read: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A file where another entry needs a folder, or the disk is full.
            throw SecOpsException.Tool($"the layer can't be unpacked: {e.Message}", e);
        }
    }

    private async Task AddAsync(TarEntry entry, CancellationToken cancellation)
    {
        var path = Safe(entry.Name);
        if (path is null || !IsWanted(path))
        {
            if ((total += Math.Max(0, entry.Length)) > MaxTotal)
            {
                throw Refused($"it unpacks to more than {MaxTotal >> 30} GiB");
            }

            if (path is not null && entry.EntryType is TarEntryType.CharacterDevice or TarEntryType.BlockDevice or TarEntryType.Fifo)
            {
                throw Refused($"{Terminal.Clean(entry.Name)} is a device or of a kind that no image needs ({entry.EntryType})");
            }

            return;
        }

        var name = Path.GetFileName(path);
        if (name == Opaque)
        {
            Clear(Path.GetDirectoryName(path)!);
            return;
        }

        if (name.StartsWith(Whiteout, StringComparison.Ordinal))
        {
            Delete(Path.Combine(Path.GetDirectoryName(path)!, name[Whiteout.Length..]));
            return;
        }

        switch (entry.EntryType)
        {
            case TarEntryType.Directory:
                if (File.Exists(path) || new FileInfo(path).LinkTarget is not null)
                {
                    Delete(path);
                }

                Directory.CreateDirectory(path);
                break;
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                if ((total += entry.Length) > MaxTotal)
                {
                    throw Refused($"it unpacks to more than {MaxTotal >> 30} GiB");
                }

                Delete(path);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                await using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write))
                {
                    if (entry.DataStream is { } data)
                    {
                        await data.CopyToAsync(file, cancellation);
                    }
                }

                break;
            case TarEntryType.HardLink:
                var source = Safe(entry.LinkName) ?? throw Refused($"{Terminal.Clean(entry.Name)} is a link to nothing");
                if (!IsWanted(source))
                {
                    // Its content lies outside of what is wanted.
                    Delete(path);
                    break;
                }

                if (!File.Exists(source) || new FileInfo(source).LinkTarget is not null)
                {
                    throw Refused($"{Terminal.Clean(entry.Name)} is a link to a file that is not there");
                }

                if ((total += new FileInfo(source).Length) > MaxTotal)
                {
                    throw Refused($"it unpacks to more than {MaxTotal >> 30} GiB");
                }

                Delete(path);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.Copy(source, path);
                break;
            case TarEntryType.SymbolicLink:
                // No link is ever made: source code needs none, and none can then lead out. An absolute one is usual in images.
                Delete(path);
                break;
            case TarEntryType.GlobalExtendedAttributes or TarEntryType.ExtendedAttributes:
                break;
            default:
                throw Refused($"{Terminal.Clean(entry.Name)} is a device or of a kind that no image needs ({entry.EntryType})");
        }
    }

    /// <summary>The full path below the folder; null for the folder itself.</summary>
    private string? Safe(string name)
    {
        var relative = name.Replace('\\', '/');
        while (relative.StartsWith("./", StringComparison.Ordinal))
        {
            relative = relative[2..];
        }

        relative = relative.TrimEnd('/');
        if (relative is "" or ".")
        {
            return null;
        }

        if (relative.StartsWith('/') || relative.Contains('\0', StringComparison.Ordinal) || relative.Split('/').Any(p => p is ".." or "") || (OperatingSystem.IsWindows() && relative.Contains(':', StringComparison.Ordinal)))
        {
            throw Refused($"{Terminal.Clean(name)} climbs out of the archive");
        }

        return Path.Combine(root, relative);
    }

    /// <summary>Below the folder, or a whiteout of something that holds it.</summary>
    private bool IsWanted(string path)
    {
        if (folder.Length == 0)
        {
            return true;
        }

        var relative = Path.GetRelativePath(root, path).Replace('\\', '/');
        var name = Path.GetFileName(path);
        var meant = name == Opaque ? relative[..^(Opaque.Length)].TrimEnd('/') : name.StartsWith(Whiteout, StringComparison.Ordinal) ? relative[..^name.Length] + name[Whiteout.Length..] : null;
        return relative == folder || relative.StartsWith(folder + "/", StringComparison.Ordinal) || (meant is not null && (meant.Length == 0 || meant == folder || folder.StartsWith(meant + "/", StringComparison.Ordinal)));
    }

    private static void Delete(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
        else if (File.Exists(path))
        {
            File.Delete(path);
        }
    }

    private static void Clear(string folder)
    {
        if (Directory.Exists(folder))
        {
            foreach (var entry in Directory.EnumerateFileSystemEntries(folder).ToList())
            {
                Delete(entry);
            }
        }
    }

    private static async Task<Stream> OpenAsync(Stream layer, CancellationToken cancellation)
    {
        var start = new byte[4];
        var read = await layer.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellation);
        var whole = new PrefixStream(start.AsMemory(0, read), layer);
        if (start is [0x28, 0xB5, 0x2F, 0xFD])
        {
            throw SecOpsException.Tool("the layer is compressed with zstd, which can't be read here. Build the image with gzip: docker buildx build --output type=registry,compression=gzip.");
        }

        return start is [0x1F, 0x8B, ..] ? new GZipStream(whole, CompressionMode.Decompress) : whole;
    }

    private static SecOpsException Refused(string what) => SecOpsException.Tool($"the layer was refused: {what}. Nothing of it is used.");
}
