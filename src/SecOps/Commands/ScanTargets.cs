using SecOps.Findings;
using SecOps.Git;
using SecOps.Scanners;

namespace SecOps.Commands;

/// <summary>What a scan looks at: the source, a change of it, images, an application; and its earlier version where there is one.</summary>
internal sealed class ScanTargets : IDisposable
{
    private ChangedTree? change;

    public required IReadOnlyList<ScanTarget> Targets { get; init; }

    /// <summary>What of the source was looked at; see <see cref="Coverage.Scope"/>.</summary>
    public IReadOnlyList<string>? Scope { get; private init; }

    /// <summary>The changed files as they were before; null when nothing is compared.</summary>
    public SourceTarget? Earlier { get; private init; }

    /// <summary>A change was asked for: only what it brings counts.</summary>
    public bool IsChange { get; private init; }

    public static async Task<ScanTargets> FindAsync(Workspace workspace, ScanOptions options, GitRepository? git, string root, string path, CancellationToken cancellation)
    {
        List<ScanTarget> others = [.. options.Image.Select(i => new ImageTarget(i)), .. options.Url is { } url ? [new UrlTarget(url)] : Array.Empty<ScanTarget>()];
        if (options.Staged || options.Since is not null)
        {
            return await ChangeAsync(workspace, options, git, root, path, others, cancellation);
        }

        if (others.Count > 0 && !options.PathNamed)
        {
            return new ScanTargets { Targets = others, Scope = [] };
        }

        var files = await SourceFiles.ListAsync(git, root, path, cancellation, links: false);
        var relative = RelativeTo(root, path);
        var scope = relative.Length == 0 ? null : new[] { Directory.Exists(path) ? relative + "/" : relative };
        return new ScanTargets { Targets = [new SourceTarget(options.Path, root, files) { Path = relative }, .. others], Scope = scope };
    }

    public void Dispose() => change?.Dispose();

    /// <summary>With /; empty: the root itself.</summary>
    private static string RelativeTo(string root, string path) => Path.GetRelativePath(root, path).Replace('\\', '/') is var relative && relative == "." ? "" : relative;

    private static bool IsIn(string file, string path) => path.Length == 0 || file == path || file.StartsWith(path + "/", StringComparison.Ordinal);

    private static async Task<ScanTargets> ChangeAsync(Workspace workspace, ScanOptions options, GitRepository? git, string root, string path, List<ScanTarget> others, CancellationToken cancellation)
    {
        var name = options.Staged ? "--staged" : "--since";
        if (git is null)
        {
            throw SecOpsException.Usage($"{name} needs a git repository, and {options.Path} is in none.");
        }

        var changes = new GitChanges(workspace.Processes, root);
        var commit = options.Staged ? null : await changes.MergeBaseAsync(options.Since!, cancellation);
        var files = commit is null ? await changes.StagedAsync(cancellation) : await changes.SinceAsync(commit, cancellation);
        // What secops itself writes is no part of anyone's change.
        files = [.. files.Where(f => !f.Path.StartsWith(".secops/", StringComparison.Ordinal) && (!options.PathNamed || IsIn(f.Path, RelativeTo(root, path))))];
        var shown = options.Staged ? "(staged changes)" : $"(changes since {options.Since})";
        if (files.Count == 0)
        {
            return new ScanTargets { Targets = [new SourceTarget(shown, root, []), .. others], Scope = [], IsChange = true };
        }

        var tree = commit is null
            ? await ChangedTree.StagedAsync(changes, files, cancellation)
            : await ChangedTree.SinceAsync(changes, root, commit, files, cancellation);
        return new ScanTargets
        {
            Targets = [new SourceTarget(shown, tree.Current, tree.Files) { IsApart = true }, .. others],
            IsChange = true,
            Scope = tree.Files,
            Earlier = tree.Earlier.Count == 0 ? null : new SourceTarget(shown, tree.Base, tree.Earlier) { IsApart = true },
            change = tree,
        };
    }
}
