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
    /// <returns>Relative to the root, with /, sorted.</returns>
    public static async Task<IReadOnlyList<string>> ListAsync(GitRepository? git, string root, string path, CancellationToken cancellation)
    {
        if (File.Exists(path))
        {
            return [Relative(root, path)];
        }

        return git is null ? Walk(root, path) : await git.ListFilesAsync(path, cancellation);
    }

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
