using System.Globalization;
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
        var output = Path.GetTempFileName();
        try
        {
            await GitAsync(["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate", "--full-name", "--", folder], cancellation, output);
            var names = await File.ReadAllTextAsync(output, cancellation);
            var files = names.Split('\0', StringSplitOptions.RemoveEmptyEntries);
            Array.Sort(files, StringComparer.Ordinal);
            return files;
        }
        finally
        {
            File.Delete(output);
        }
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

    /// <summary>A text that changes with every change of the work tree against HEAD: names, states, and content hashes of what differs.</summary>
    public async Task<string> ChangesAsync(CancellationToken cancellation)
    {
        var status = await RunAsync(["status", "--porcelain=v2", "-z", "--untracked-files=all"], cancellation);
        var difference = await RunAsync(["diff", "HEAD", "--raw", "-z", "--abbrev=40"], cancellation);
        var files = status.Output.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ').Last())
            .Select(name => new FileInfo(Path.Combine(Root, name))).Where(file => file.Exists)
            .Select(file => string.Create(CultureInfo.InvariantCulture, $"{file.Name}:{file.Length}:{file.LastWriteTimeUtc.Ticks}"));
        return status.Output + difference.Output + string.Join('\0', files);
    }

    /// <summary>Where hooks belong, also in a worktree or with core.hooksPath; full path.</summary>
    public async Task<string> HooksFolderAsync(CancellationToken cancellation)
    {
        var result = await RunAsync(["rev-parse", "--git-path", "hooks"], cancellation);
        return result.ExitCode == 0
            ? Path.GetFullPath(result.Output.Trim(), Root)
            : throw SecOpsException.Tool($"git does not say where hooks belong in {Root}: {result.LastLine()}");
    }

    private async Task GitAsync(IReadOnlyList<string> arguments, CancellationToken cancellation, string? outputFile = null)
    {
        var result = await RunAsync(arguments, cancellation, outputFile);
        if (result.ExitCode != 0)
        {
            throw SecOpsException.Tool($"git {arguments[0]} failed in {Root} ({result.ExitCode.ToString(CultureInfo.InvariantCulture)}): {result.LastLine()}");
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
