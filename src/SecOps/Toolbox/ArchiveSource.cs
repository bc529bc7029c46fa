using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace SecOps.Toolbox;

/// <summary>Downloads a release archive, checks its SHA-256, and unpacks it.</summary>
/// <param name="mirror">
/// An address or a folder that has the archives under their own file names; null: each archive's own address. An address may hold
/// <c>USER:PASSWORD@</c>, which is sent to that host alone and never shown.
/// </param>
internal sealed class ArchiveSource(string? mirror, Action<string> progress)
{
    private readonly string? shownMirror = Shown(mirror);

    private const long LargestDownload = 1L << 30;
    private const long LargestContent = 4L << 30;
    private const int MostEntries = 20_000;

    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);
    private static readonly Lazy<HttpClient> Http = new(() => new HttpClient { Timeout = Timeout.InfiniteTimeSpan });

    /// <summary>Fills the folder with the archive's content, the executable below <c>bin</c>.</summary>
    /// <exception cref="SourceUnavailableException">The archive cannot be had.</exception>
    /// <exception cref="SecOpsException">The archive is not the pinned one, or not one that can be unpacked safely.</exception>
    public async Task FetchAsync(LockedArchive wanted, string folder, CancellationToken cancellation)
    {
        var name = wanted.Url[(wanted.Url.LastIndexOf('/') + 1)..];
        var file = Path.Combine(folder, ".download");
        try
        {
            var hash = await DownloadAsync(wanted.Url, name, file, cancellation);
            if (!hash.Equals(wanted.Sha256, StringComparison.OrdinalIgnoreCase))
            {
                throw SecOpsException.Tool($"{Where(wanted.Url, name)} is not the pinned file, so nothing was installed: its SHA-256 is {hash}, and {wanted.Sha256} is expected. Do not use it; tell whoever serves it.");
            }

            Unpack(file, name, folder, cancellation);
        }
        finally
        {
            File.Delete(file);
        }

        PlaceExecutable(folder, wanted.Executable, name);
    }

    private async Task<string> DownloadAsync(string url, string name, string file, CancellationToken cancellation)
    {
        var where = Where(url, name);
        try
        {
            await using var to = new FileStream(file, FileMode.CreateNew, FileAccess.Write);
            if (!where.Contains("://", StringComparison.Ordinal))
            {
                await using var from = File.OpenRead(where);
                return await CopyAsync(from, from.Length, to, name, cancellation);
            }

            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(Silence);
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(where));
            if (mirror is not null && new Uri(mirror).UserInfo is { Length: > 0 } user)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(user))));
            }

            using var response = await Http.Value.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            if (!response.IsSuccessStatusCode)
            {
                throw new SourceUnavailableException($"{where} answers {(int)response.StatusCode} {response.ReasonPhrase}");
            }

            await using var body = await response.Content.ReadAsStreamAsync(patience.Token);
            return await CopyAsync(body, response.Content.Headers.ContentLength, to, name, cancellation);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new SourceUnavailableException($"{where} was silent for {Durations.Show(Silence)}");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or UnauthorizedAccessException or UriFormatException)
        {
            // A connection that is given up in the middle may end with an error of its own.
            cancellation.ThrowIfCancellationRequested();
            throw new SourceUnavailableException($"{where}: {e.Message}");
        }
    }

    /// <returns>The SHA-256 of what was copied, in lower-case hexadecimal.</returns>
    private async Task<string> CopyAsync(Stream from, long? length, Stream to, string name, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[128 * 1024];
        var (copied, told) = (0L, Environment.TickCount64);
        progress($"downloading {name}{(length is { } bytes ? $", {Megabytes(bytes)} MB" : "")}");
        while (true)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(Silence);
            var read = await from.ReadAsync(buffer, patience.Token);
            if (read == 0)
            {
                return Convert.ToHexStringLower(hash.GetHashAndReset());
            }

            copied += read;
            if (copied > LargestDownload)
            {
                throw SecOpsException.Tool($"{name} is larger than {Megabytes(LargestDownload)} MB, so it was not downloaded.");
            }

            hash.AppendData(buffer, 0, read);
            await to.WriteAsync(buffer.AsMemory(0, read), cancellation);
            if (Environment.TickCount64 - told > 5_000)
            {
                told = Environment.TickCount64;
                progress($"{name}: {Megabytes(copied)} MB");
            }
        }
    }

    private static void Unpack(string file, string name, string folder, CancellationToken cancellation)
    {
        var (entries, size) = (0, 0L);
        try
        {
            if (name.EndsWith(".zip", StringComparison.Ordinal))
            {
                using var zip = ZipFile.OpenRead(file);
                foreach (var entry in zip.Entries)
                {
                    // The upper half holds the Unix mode; a symbolic link is no regular file.
                    if ((entry.ExternalAttributes >> 16 & 0xF000) is not (0 or 0x8000 or 0x4000))
                    {
                        throw Hostile(name, entry.FullName, "is neither a file nor a folder");
                    }

                    if (!entry.FullName.EndsWith('/'))
                    {
                        using var content = entry.Open();
                        Write(content, entry.FullName);
                    }
                }

                return;
            }

            using var packed = new GZipStream(File.OpenRead(file), CompressionMode.Decompress);
            using var tar = new TarReader(packed);
            while (tar.GetNextEntry() is { } entry)
            {
                if (entry.EntryType is TarEntryType.Directory or TarEntryType.GlobalExtendedAttributes)
                {
                    continue;
                }

                if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile))
                {
                    throw Hostile(name, entry.Name, "is neither a file nor a folder");
                }

                Write(entry.DataStream ?? Stream.Null, entry.Name);
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw SecOpsException.Tool($"{name} is not an archive that can be read, so nothing was installed: {e.Message}", e);
        }

        void Write(Stream content, string path)
        {
            var to = Target(name, path, folder);
            if (++entries > MostEntries)
            {
                throw Hostile(name, path, $"is beyond the {MostEntries} entries that are accepted");
            }

            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            using var output = File.Exists(to) ? throw Hostile(name, path, "stands in it twice") : new FileStream(to, FileMode.CreateNew, FileAccess.Write);
            var buffer = new byte[128 * 1024];
            for (int read; (read = content.Read(buffer)) > 0;)
            {
                cancellation.ThrowIfCancellationRequested();
                if ((size += read) > LargestContent)
                {
                    throw Hostile(name, path, $"makes it larger than {Megabytes(LargestContent)} MB");
                }

                output.Write(buffer, 0, read);
            }
        }
    }

    /// <summary>Where an entry goes: below the folder, whatever it says.</summary>
    private static string Target(string name, string path, string folder)
    {
        var parts = path.Split('/', '\\').Where(p => p is not ("" or ".")).ToList();
        if (parts.Count == 0 || parts.Contains("..") || path[0] is '/' or '\\' || path.Contains(':', StringComparison.Ordinal) || path.Contains('\0', StringComparison.Ordinal))
        {
            throw Hostile(name, path, "leads out of the folder");
        }

        return parts is [".download" or InstalledManifest.FileName, ..] ? throw Hostile(name, path, "has a name that is in use") : Path.Combine([folder, .. parts]);
    }

    private static void PlaceExecutable(string folder, string executable, string name)
    {
        var from = Path.Combine([folder, .. executable.Split('/')]);
        if (!File.Exists(from))
        {
            throw SecOpsException.Tool($"{name} has no {executable} in it, so nothing was installed.");
        }

        var to = Path.Combine(folder, "bin", Path.GetFileName(from));
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        if (from != to)
        {
            File.Move(from, to);
        }

        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(to, File.GetUnixFileMode(to) | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }
    }

    private string Where(string url, string name) =>
        shownMirror is null ? url
        : shownMirror.Contains("://", StringComparison.Ordinal) ? shownMirror.TrimEnd('/') + "/" + name
        : Path.Combine(shownMirror, name);

    /// <summary>A mirror without its password.</summary>
    public static string? Shown(string? mirror) =>
        mirror is not null && mirror.Contains("://", StringComparison.Ordinal) && Uri.TryCreate(mirror, UriKind.Absolute, out var address)
            ? address.GetComponents(UriComponents.AbsoluteUri & ~UriComponents.UserInfo, UriFormat.UriEscaped)
            : mirror;

    private static SecOpsException Hostile(string archive, string entry, string what) =>
        SecOpsException.Tool($"{archive} was refused and nothing was installed: its entry \"{Terminal.Clean(entry)}\" {what}.");

    private static string Megabytes(long bytes) => (bytes / 1e6).ToString("0.#", CultureInfo.InvariantCulture);
}
