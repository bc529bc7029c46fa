using SecOps.Git;

namespace SecOps.Scanners;

/// <summary>Plans which files of a folder are scanned: what git tracks or would track, else every file but those of tools.</summary>
public static class SourceFiles
{
    private static readonly HashSet<string> ToolFolders = new(StringComparer.Ordinal)
    {
        ".git", ".hg", ".svn", ".secops", "__pycache__", "node_modules", ".tox", ".nox", ".venv", ".mypy_cache", ".pytest_cache", ".terraform",
    };

    /// <param name="path">A folder or one file; full path.</param>
    /// <param name="links">False: without symbolic links. What they point to is scanned where it stands, or is not the project's.</param>
    /// <returns>Relative to the root, with /, sorted. What git tracks and the work tree lacks is not there.</returns>
    public static async Task<IReadOnlyList<string>> ListAsync(GitRepository? git, string root, string path, CancellationToken cancellation, bool links = true)
    {
        if (File.Exists(path))
        {
            return [Relative(root, path)];
        }

        var files = git is null ? Walk(root, path) : await git.ListFilesAsync(path, cancellation);
        return [.. files.AsParallel().AsOrdered().Where(f => IsThere(Path.Combine(root, f), links))];
    }

    private static bool IsThere(string file, bool links) =>
        new FileInfo(file).Attributes is var attributes && attributes != (FileAttributes)(-1) && (links || !attributes.HasFlag(FileAttributes.ReparsePoint));

    private static List<string> Walk(string root, string folder)
    {
        var files = new List<string>();
        var folders = new Stack<string>([folder]);
        while (folders.TryPop(out var at))
        {
            foreach (var entry in new DirectoryInfo(at).EnumerateFileSystemInfos())
            {
                if (entry is FileInfo)
                {
                    files.Add(Relative(root, entry.FullName));
                }
                else if (entry.LinkTarget is null && !ToolFolders.Contains(entry.Name) && !File.Exists(Path.Combine(entry.FullName, "pyvenv.cfg")))
                {
                    folders.Push(entry.FullName);
                }
            }
        }

        files.Sort(StringComparer.Ordinal);
        return files;
    }

    private static string Relative(string root, string path) => Path.GetRelativePath(root, path).Replace('\\', '/');
}
