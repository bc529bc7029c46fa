using SecOps.Processes;

namespace SecOps.Git;

/// <summary>A file that a change adds or alters.</summary>
/// <param name="Path">Relative to the root, with /.</param>
/// <param name="OldPath">Where its earlier version stands: another path after a rename; null when the file is new.</param>
public sealed record ChangedFile(string Path, string? OldPath);

/// <summary>Asks git what a change consists of, and writes versions of files into other folders. The work tree and its index stay as they are.</summary>
public sealed class GitChanges(ProcessRunner processes, string root)
{
    /// <summary>What is staged, against HEAD (or against nothing before the first commit). Deleted files are left out.</summary>
    public Task<IReadOnlyList<ChangedFile>> StagedAsync(CancellationToken cancellation) =>
        DiffAsync(["diff", "--cached"], [], cancellation);

    /// <summary>What the work tree changes against the commit, with files that git does not know yet.</summary>
    public async Task<IReadOnlyList<ChangedFile>> SinceAsync(string commit, CancellationToken cancellation)
    {
        var others = OutputAsync(["ls-files", "-z", "--others", "--exclude-standard"], cancellation);
        var changed = await DiffAsync(["diff"], [commit], cancellation);
        return [.. changed, .. (await others).Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(f => new ChangedFile(f, null))];
    }

    /// <summary>The commit at which HEAD and the reference parted.</summary>
    /// <exception cref="SecOpsException">git knows no such reference (exit code 2).</exception>
    public async Task<string> MergeBaseAsync(string reference, CancellationToken cancellation)
    {
        var result = await RunAsync(["merge-base", "--end-of-options", reference, "HEAD"], null, null, cancellation);
        return result.ExitCode == 0
            ? result.Output.Trim()
            : throw SecOpsException.Usage($"--since {reference}: git finds no common commit of it and HEAD: {result.LastLine()}. In a shallow clone, fetch more history first.");
    }

    /// <summary>Writes staged files below a folder, as they would be checked out.</summary>
    public Task WriteStagedAsync(IEnumerable<string> files, string folder, CancellationToken cancellation) =>
        CheckOutAsync(files, folder, null, cancellation);

    /// <summary>Writes files of a commit below a folder.</summary>
    public async Task WriteCommitAsync(string commit, IEnumerable<string> files, string folder, CancellationToken cancellation)
    {
        // An index of its own: the user's holds what is staged.
        var index = Path.Combine(folder, ".index");
        Directory.CreateDirectory(folder);
        await OutputAsync(["read-tree", commit], cancellation, index);
        await CheckOutAsync(files, folder, index, cancellation);
        File.Delete(index);
    }

    private async Task CheckOutAsync(IEnumerable<string> files, string folder, string? index, CancellationToken cancellation)
    {
        var input = string.Concat(files.Select(f => f + "\0"));
        if (input.Length > 0)
        {
            // Quiet: a file that the index does not hold is none of the change's.
            await RunAsync(["checkout-index", "--force", "--quiet", "-z", "--stdin", "--prefix=" + folder.TrimEnd('/', '\\') + "/"], input, index, cancellation);
        }
    }

    private async Task<IReadOnlyList<ChangedFile>> DiffAsync(IReadOnlyList<string> command, IReadOnlyList<string> commits, CancellationToken cancellation)
    {
        var output = await OutputAsync([.. command, "--name-status", "-z", "--find-renames", "--diff-filter=ACMRT", "--ignore-submodules", .. commits, "--"], cancellation);
        var fields = output.Split('\0');
        var files = new List<ChangedFile>();
        for (var i = 0; i + 1 < fields.Length && fields[i].Length > 0;)
        {
            var status = fields[i++][0];
            var path = fields[i++];
            files.Add(status switch
            {
                'R' => new ChangedFile(fields[i++], path),
                // A copy's findings are new: there are two of them now.
                'C' => new ChangedFile(fields[i++], null),
                'A' => new ChangedFile(path, null),
                _ => new ChangedFile(path, path),
            });
        }

        return files;
    }

    private async Task<string> OutputAsync(IReadOnlyList<string> arguments, CancellationToken cancellation, string? index = null)
    {
        var result = await RunAsync(arguments, null, index, cancellation);
        return result.ExitCode == 0 ? result.Output : throw SecOpsException.Tool($"git {arguments[0]} failed in {root} ({result.ExitCode}): {result.LastLine()}");
    }

    private Task<ProcessResult> RunAsync(IReadOnlyList<string> arguments, string? input, string? index, CancellationToken cancellation)
    {
        var environment = new Dictionary<string, string?> { ["LC_ALL"] = "C", ["GIT_OPTIONAL_LOCKS"] = "0" };
        if (index is not null)
        {
            environment["GIT_INDEX_FILE"] = index;
        }

        return processes.RunAsync(
            new ProcessCall("git", ["-c", "core.quotepath=off", "-c", "core.fsmonitor=false", .. arguments])
            {
                WorkingDirectory = root,
                Input = input,
                Environment = environment,
                MaxCapture = 64 * 1024 * 1024,
            },
            cancellation);
    }
}
