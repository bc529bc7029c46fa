using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SecOps.Processes;

namespace SecOps.Git;

/// <summary>Asks git about a work tree. Everything here only reads.</summary>
public sealed class GitRepository
{
    private readonly ProcessRunner processes;

    private GitRepository(ProcessRunner processes, string root) => (this.processes, Root) = (processes, root);

    /// <summary>The work tree's top folder, full path.</summary>
    public string Root { get; }

    /// <summary>The repository that holds the folder; null outside git, or without git.</summary>
    public static GitRepository? Find(ProcessRunner processes, string folder)
    {
        // Looking for .git costs nothing; starting git does. A worktree and a submodule have a file of that name.
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
        {
            if (Path.Exists(Path.Combine(at.FullName, ".git")))
            {
                return new GitRepository(processes, at.FullName);
            }
        }

        return null;
    }

    /// <summary>Files below the folder that git tracks or would track: ignored ones stay out. Relative to <see cref="Root"/>, with /, sorted.</summary>
    /// <exception cref="SecOpsException">git failed.</exception>
    public async Task<IReadOnlyList<string>> ListFilesAsync(string folder, CancellationToken cancellation)
    {
        var files = await NamesAsync(["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate", "--full-name", "--", folder], cancellation);
        Array.Sort(files, StringComparer.Ordinal);
        return files;
    }

    /// <summary>The full hash of HEAD, and the branch's name; nulls where there is none.</summary>
    public async Task<(string? Commit, string? Branch)> HeadAsync(CancellationToken cancellation)
    {
        try
        {
            var result = await RunAsync(["log", "-1", "--format=%H%n%D", "--decorate=full"], cancellation);
            if (result.ExitCode != 0)
            {
                return (null, null);
            }

            var lines = result.Output.Split('\n');
            const string Head = "HEAD -> refs/heads/";
            var branch = lines.ElementAtOrDefault(1)?.Split(", ").FirstOrDefault(n => n.StartsWith(Head, StringComparison.Ordinal));
            return (lines[0].Trim(), branch?[Head.Length..].Trim());
        }
        catch (ToolNotFoundException)
        {
            return (null, null);
        }
    }

    /// <summary>
    /// What the work tree holds, as a text that is another one after every change: the commit, and name and content of each file that
    /// differs from it. The version file, and commits that change it alone, do not count: a build makes those itself.
    /// </summary>
    /// <param name="versionFile">Relative to <see cref="Root"/>, with /.</param>
    public async Task<string> StateAsync(string versionFile, CancellationToken cancellation)
    {
        // 50 releases in a row without a change in between are more than there will be.
        var log = await RunAsync(["log", "-50", "--format=%x01%H", "--name-only"], cancellation);
        var commits = log.ExitCode != 0 ? [] : log.Output.Split('\u0001', StringSplitOptions.RemoveEmptyEntries)
            .Select(c => c.Split('\n', StringSplitOptions.RemoveEmptyEntries)).Where(lines => lines.Length > 0).ToList();
        var commit = commits.Find(lines => lines.Skip(1).ToList() is not [var only] || only != versionFile)?[0] ?? commits.LastOrDefault()?[0];
        var changed = commit is null ? [] : await NamesAsync(["diff", "--name-only", "-z", "--ignore-submodules=dirty", "HEAD"], cancellation);
        var others = await NamesAsync(["ls-files", "-z", "--others", "--exclude-standard", .. commit is null ? new[] { "--cached" } : []], cancellation);
        var text = new StringBuilder(commit);
        foreach (var name in changed.Concat(others).Where(n => n != versionFile).Distinct().Order(StringComparer.Ordinal))
        {
            text.Append('\0').Append(name).Append('\0').Append(Content(Path.Combine(Root, name)));
        }

        return text.ToString();
    }

    /// <summary>Whether the work tree holds something that HEAD does not, untracked files too.</summary>
    public async Task<bool> HasChangesAsync(CancellationToken cancellation) =>
        (await RunAsync(["status", "--porcelain", "--untracked-files=normal"], cancellation)).Output.Length > 0;

    /// <summary>A file's content in short; a large one by what the file system says about it.</summary>
    private static string Content(string path)
    {
        const int Large = 16 * 1024 * 1024;
        var file = new FileInfo(path);
        try
        {
            return file.LinkTarget is { } target ? target
                : !file.Exists ? "none"
                : file.Length > Large ? string.Create(CultureInfo.InvariantCulture, $"{file.Length}:{file.LastWriteTimeUtc.Ticks}")
                : Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "unreadable";
        }
    }

    private async Task<string[]> NamesAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        var output = Path.GetTempFileName();
        try
        {
            await GitAsync(arguments, cancellation, output);
            return (await File.ReadAllTextAsync(output, cancellation)).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        }
        finally
        {
            File.Delete(output);
        }
    }

    /// <summary>Where hooks belong, also in a worktree or with core.hooksPath; full path.</summary>
    public async Task<string> HooksFolderAsync(CancellationToken cancellation)
    {
        var result = await RunAsync(["rev-parse", "--git-path", "hooks"], cancellation);
        return result.ExitCode == 0
            ? Path.GetFullPath(result.Output.Trim(), Root)
            : throw SecOpsException.Tool($"git does not say where hooks belong in {Root}: {Said(result)}");
    }

    /// <summary>Whether a folder belongs to git's own of this repository: a linked work tree's hooks stand with the main one.</summary>
    public async Task<bool> IsGitFolderAsync(string folder, CancellationToken cancellation)
    {
        var result = await RunAsync(["rev-parse", "--git-common-dir"], cancellation);
        return result.ExitCode == 0 && !Path.GetRelativePath(Path.GetFullPath(result.Output.Trim(), Root), folder).StartsWith("..", StringComparison.Ordinal);
    }

    /// <summary>What git says went wrong, and the advice that it ends with: the last line alone is often only that.</summary>
    internal static string Said(ProcessResult result)
    {
        var last = result.LastLine();
        var cause = result.Error.Split('\n').Select(l => l.Trim()).FirstOrDefault(l => l.StartsWith("fatal: ", StringComparison.Ordinal) || l.StartsWith("error: ", StringComparison.Ordinal));
        return cause is null || cause == last ? last : $"{cause}; {last}";
    }

    private async Task GitAsync(IReadOnlyList<string> arguments, CancellationToken cancellation, string? outputFile = null)
    {
        var result = await RunAsync(arguments, cancellation, outputFile);
        if (result.ExitCode != 0)
        {
            throw SecOpsException.Tool($"git {arguments[0]} failed in {Root} ({result.ExitCode.ToString(CultureInfo.InvariantCulture)}): {Said(result)}");
        }
    }

    private Task<ProcessResult> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellation, string? outputFile = null) =>
        processes.RunAsync(
            new ProcessCall("git", ["-c", "core.quotepath=off", "-c", "core.fsmonitor=false", .. arguments])
            {
                WorkingDirectory = Root,
                OutputFile = outputFile,
                Environment = new Dictionary<string, string?> { ["GIT_OPTIONAL_LOCKS"] = "0", ["LC_ALL"] = "C" },
            },
            cancellation);
}
