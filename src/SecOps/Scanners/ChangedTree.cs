using SecOps.Git;

namespace SecOps.Scanners;

/// <summary>
/// A change laid out for scanning: the changed files in one temporary folder, and their earlier versions, under their new names, in
/// another. What both show is not new.
/// </summary>
public sealed class ChangedTree : IDisposable
{
    /// <summary>At the root, scanners look for these; they are laid out too, but are not themselves scanned.</summary>
    private static readonly string[] ConfigurationFiles = ["pyproject.toml", ".bandit", "bandit.yaml", "bandit.yml", ".trivyignore", ".trivyignore.yaml", "trivy.yaml", ".gitleaks.toml", ".gitleaksignore"];

    private readonly string folder = Directory.CreateTempSubdirectory("secops-").FullName;

    private ChangedTree(IReadOnlyList<ChangedFile> files)
    {
        Files = [.. files.Select(f => f.Path).Order(StringComparer.Ordinal)];
        Earlier = [.. files.Where(f => f.Earlier is not null).Select(f => f.Path).Order(StringComparer.Ordinal)];
    }

    /// <summary>The changed files, sorted.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>Those that existed before.</summary>
    public IReadOnlyList<string> Earlier { get; }

    public string Current => Path.Combine(folder, "current");

    public string Base => Path.Combine(folder, "base");

    /// <summary>The staged content, not the work tree's.</summary>
    public static async Task<ChangedTree> StagedAsync(GitChanges git, IReadOnlyList<ChangedFile> files, CancellationToken cancellation)
    {
        var tree = new ChangedTree(files);
        await Task.WhenAll(
            git.WriteStagedAsync([.. tree.Files, .. ConfigurationFiles], tree.Current, cancellation),
            tree.WriteBaseAsync(git, "HEAD", files, cancellation));
        return tree;
    }

    /// <summary>The work tree's content of what changed since a commit.</summary>
    public static async Task<ChangedTree> SinceAsync(GitChanges git, string root, string commit, IReadOnlyList<ChangedFile> files, CancellationToken cancellation)
    {
        var tree = new ChangedTree(files);
        var earlier = tree.WriteBaseAsync(git, commit, files, cancellation);
        foreach (var file in tree.Files.Concat(ConfigurationFiles))
        {
            var source = new FileInfo(Path.Combine(root, file));
            // A link may lead out of the repository; what it leads to is no part of the change.
            if (source is { Exists: true, LinkTarget: null })
            {
                var copy = Path.Combine(tree.Current, file);
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                source.CopyTo(copy, overwrite: true);
            }
        }

        await earlier;
        return tree;
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private async Task WriteBaseAsync(GitChanges git, string commit, IReadOnlyList<ChangedFile> files, CancellationToken cancellation)
    {
        if (Earlier.Count > 0)
        {
            await git.WriteEarlierAsync(files, commit, ConfigurationFiles, Base, cancellation);
        }
    }
}
