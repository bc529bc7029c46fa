using SecOps.Processes;

namespace SecOps.Git;

/// <summary>A file that a change adds or alters.</summary>
/// <param name="Path">Relative to the root, with /.</param>
/// <param name="Earlier">Mode and object id of the earlier version, which after a rename stood elsewhere, as git's index takes them; null when the file is new.</param>
public sealed record ChangedFile(string Path, string? Earlier);

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
        if (result.ExitCode == 0)
        {
            return result.Output.Trim();
        }

        // Exit code 1 says that both are there and have nothing in common.
        var shallow = await RunAsync(["rev-parse", "--is-shallow-repository"], null, null, cancellation);
        throw SecOpsException.Usage(
            shallow.Output.Trim() == "true" ? $"--since {reference}: this clone is shallow, and where {reference} and HEAD parted is not in it. Get the history first: git fetch --unshallow, or fetch-depth: 0 for actions/checkout."
            : result.ExitCode == 1 ? $"--since {reference}: it has no commit in common with HEAD."
            : $"--since {reference}: git knows no such commit, tag or branch here. Write one that \"git log\" takes, e.g. origin/main; a branch of the server has to be fetched first.");
    }

    /// <summary>Writes staged files below a folder, as they would be checked out.</summary>
    public async Task WriteStagedAsync(IEnumerable<string> files, string folder, CancellationToken cancellation)
    {
        // Quiet, and whatever its exit code: a file that the index does not hold is none of the change's.
        await RunAsync(["checkout-index", "--force", "--quiet", "-z", "--stdin", "--prefix=" + Prefix(folder)], string.Concat(files.Select(f => f + "\0")), null, cancellation);
    }

    /// <summary>Writes the earlier versions of changed files below a folder, under their new names.</summary>
    /// <param name="commit">Where they come from.</param>
    /// <param name="others">Further files of that commit, at the root; those that it lacks are left out.</param>
    public async Task WriteEarlierAsync(IEnumerable<ChangedFile> files, string commit, IEnumerable<string> others, string folder, CancellationToken cancellation)
    {
        // An index of its own, of these files alone: the user's holds what is staged, and the commit may hold a hundred thousand.
        var index = Path.Combine(folder, ".index");
        Directory.CreateDirectory(folder);
        var further = await OutputAsync(["ls-tree", "-z", commit, "--", .. others], cancellation);
        var entries = files.Where(f => f.Earlier is not null).Select(f => $"{f.Earlier} 0\t{f.Path}\0");
        await RequireAsync(["update-index", "-z", "--index-info"], string.Concat(entries) + further, index, cancellation);
        await RequireAsync(["checkout-index", "--all", "--force", "--quiet", "--prefix=" + Prefix(folder)], null, index, cancellation);
        File.Delete(index);
    }

    private static string Prefix(string folder) => folder.TrimEnd('/', '\\') + "/";

    private async Task<IReadOnlyList<ChangedFile>> DiffAsync(IReadOnlyList<string> command, IReadOnlyList<string> commits, CancellationToken cancellation)
    {
        var output = await OutputAsync([.. command, "--raw", "-z", "--no-abbrev", "--find-renames", "--diff-filter=ACMRT", "--ignore-submodules", .. commits, "--"], cancellation);
        var fields = output.Split('\0');
        var files = new List<ChangedFile>();
        for (var i = 0; i + 1 < fields.Length && fields[i].Length > 0;)
        {
            // :100644 100644 OLD NEW R87, the path, and after a rename or copy the new path (git-diff, "Raw output format").
            var head = fields[i++].TrimStart(':').Split(' ');
            var path = fields[i++];
            var status = head[4][0];
            if (status is 'R' or 'C')
            {
                path = fields[i++];
            }

            // A link may lead out of the repository; what it leads to is no part of the change.
            if (IsLink(head[1]))
            {
                continue;
            }

            // A copy's findings are new: there are two of them now.
            files.Add(new ChangedFile(path, status is 'A' or 'C' || IsLink(head[0]) ? null : $"{head[0]} {head[2]}"));
        }

        return files;
    }

    private static bool IsLink(string mode) => mode is "120000" or "160000";

    private async Task<string> OutputAsync(IReadOnlyList<string> arguments, CancellationToken cancellation) => (await RequireAsync(arguments, null, null, cancellation)).Output;

    private async Task<ProcessResult> RequireAsync(IReadOnlyList<string> arguments, string? input, string? index, CancellationToken cancellation)
    {
        var result = await RunAsync(arguments, input, index, cancellation);
        return result.ExitCode == 0 ? result : throw SecOpsException.Tool($"git {arguments[0]} failed in {root} ({result.ExitCode}): {GitRepository.Said(result)}");
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
