using SecOps.Findings;

namespace SecOps.Reports;

/// <summary>Line hashes of findings, each file read once.</summary>
internal sealed class LineHashes(string? root)
{
    private const long LargestFile = 10 * 1024 * 1024;

    private readonly Dictionary<string, IReadOnlyList<string>> files = new(StringComparer.Ordinal);

    /// <summary>Null when the file is not at hand, or has no such line.</summary>
    public string? Of(Finding f)
    {
        if (root is null || f.Location.Path is not { } path)
        {
            return null;
        }

        if (!files.TryGetValue(path, out var hashes))
        {
            files[path] = hashes = Read(path);
        }

        var line = (f.Location.StartLine ?? 1) - 1;
        return line >= 0 && line < hashes.Count ? hashes[line] : null;
    }

    private IReadOnlyList<string> Read(string path)
    {
        try
        {
            // A path comes from a report: nothing outside the repository is read.
            var full = Path.GetFullPath(path, root!);
            var file = new FileInfo(full);
            return full.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal) && file.Exists && file.LinkTarget is null && file.Length <= LargestFile
                ? LineHash.Of(File.ReadAllText(full)) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return [];
        }
    }
}
