using System.Security.Cryptography;
using System.Text.Json;

namespace SecOps.Toolbox;

/// <summary>
/// What an installation consists of: <c>installed.json</c> in its folder, written last, so a folder without it is no installation.
/// </summary>
/// <param name="Source">Where it is from, for people.</param>
/// <param name="Files">Path below the folder, with slashes, to the SHA-256 of the content, or to <c>link:TARGET</c>.</param>
public sealed record InstalledManifest(string Tool, string Version, string Source, DateTimeOffset InstalledAt, SortedDictionary<string, string> Files)
{
    public const string FileName = "installed.json";

    /// <summary>Hashes everything in the folder.</summary>
    public static InstalledManifest Of(string folder, string tool, string version, string source, DateTimeOffset now) =>
        new(tool, version, source, now, Hash(folder));

    /// <exception cref="SecOpsException">It cannot be read.</exception>
    public static InstalledManifest Read(string folder)
    {
        var file = Path.Combine(folder, FileName);
        try
        {
            using var stream = File.OpenRead(file);
            return JsonSerializer.Deserialize(stream, ToolboxJson.Default.InstalledManifest) is { Files: not null, Version: not null, Source: not null } manifest
                ? manifest
                : throw SecOpsException.Tool($"{file} is not complete; install the tool again with --force.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw SecOpsException.Tool($"{file} cannot be read: {e.Message} Install the tool again with --force.", e);
        }
    }

    public void Write(string folder) =>
        AtomicFile.Write(Path.Combine(folder, FileName), stream => JsonSerializer.Serialize(stream, this, ToolboxJson.Default.InstalledManifest));

    /// <summary>What differs from the time of installing, one sentence each; none when all is as it was.</summary>
    public IReadOnlyList<string> Differences(string folder)
    {
        var now = Hash(folder);
        return
        [
            .. Files.Where(f => !now.ContainsKey(f.Key)).Select(f => $"{f.Key} is missing"),
            .. Files.Where(f => now.TryGetValue(f.Key, out var hash) && hash != f.Value).Select(f => $"{f.Key} has changed"),
            .. now.Keys.Where(f => !Files.ContainsKey(f)).Select(f => $"{f} was added"),
        ];
    }

    private static SortedDictionary<string, string> Hash(string folder)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var pending = new Stack<DirectoryInfo>([new DirectoryInfo(folder)]);
        while (pending.TryPop(out var at))
        {
            foreach (var entry in at.EnumerateFileSystemInfos())
            {
                var name = Path.GetRelativePath(folder, entry.FullName).Replace('\\', '/');
                if (entry.LinkTarget is { } target)
                {
                    files[name] = "link:" + target;
                }
                else if (entry is DirectoryInfo below)
                {
                    pending.Push(below);
                }
                else if (name != FileName)
                {
                    using var stream = File.OpenRead(entry.FullName);
                    files[name] = Convert.ToHexStringLower(SHA256.HashData(stream));
                }
            }
        }

        return files;
    }
}
