using SecOps.Processes;

namespace SecOps.Delivery.Build;

/// <summary>The version's way back into the repository: one commit of one file, a tag, a push.</summary>
/// <param name="root">The work tree's top folder.</param>
public sealed class ReleaseCommit(ProcessRunner processes, string root)
{
    /// <summary>Refuses a work tree with changes: the image would hold what no commit holds.</summary>
    /// <exception cref="SecOpsException">It has changes (exit code 2), or git fails (4).</exception>
    public async Task RequireCleanAsync(CancellationToken cancellation)
    {
        var status = await GitAsync(["status", "--porcelain", "--untracked-files=normal"], "looking for changes", cancellation);
        var changed = status.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => !l.EndsWith(" .secops/", StringComparison.Ordinal)).ToList();
        if (changed.Count > 0)
        {
            throw SecOpsException.Usage($"the work tree has changes that no commit holds (first: {Terminal.Clean(changed[0].Trim())}). Commit or stash them before --bump.");
        }
    }

    /// <summary>The commit that the work tree stands at.</summary>
    public async Task<string> HeadAsync(CancellationToken cancellation) => (await GitAsync(["rev-parse", "HEAD"], "reading the commit", cancellation)).Output.Trim();

    /// <summary>Whether the current commit is the release of that version, made on that commit.</summary>
    public async Task<bool> IsReleaseAsync(string version, string parent, CancellationToken cancellation) =>
        (await GitAsync(["log", "-1", "--format=%P %s"], "reading the commit", cancellation)).Output.Trim() == $"{parent} {Message(version)}";

    /// <returns>The commit.</returns>
    public async Task<string> CommitAsync(string file, string version, CancellationToken cancellation)
    {
        await GitAsync(["add", "--", file], "adding the version file", cancellation);
        try
        {
            await GitAsync(["commit", "--quiet", "--message", Message(version), "--", file], "committing the version", cancellation);
        }
        catch
        {
            // A hook refuses, or nobody has told git a name: the old version comes back, and so must the index.
            await processes.RunAsync(Call(["reset", "--quiet", "--", file]), CancellationToken.None);
            throw;
        }

        return await HeadAsync(cancellation);
    }

    /// <summary>Tags the current commit; a tag that stands there already stays.</summary>
    public async Task TagAsync(string version, CancellationToken cancellation)
    {
        var tagged = await processes.RunAsync(Call(["rev-parse", "--quiet", "--verify", $"refs/tags/v{version}^{{commit}}"]), cancellation);
        if (tagged.ExitCode != 0 || tagged.Output.Trim() != await HeadAsync(cancellation))
        {
            await GitAsync(["tag", "--annotate", "--message", Message(version), "v" + version], $"tagging v{version}", cancellation);
        }
    }

    /// <summary>Pushes branch and tag together, so that never one of them is there alone.</summary>
    public async Task PushAsync(string? tag, CancellationToken cancellation)
    {
        var branch = (await GitAsync(["symbolic-ref", "--short", "HEAD"], "reading the branch (a detached HEAD cannot be pushed back)", cancellation)).Output.Trim();
        var remote = (await processes.RunAsync(Call(["config", "--get", $"branch.{branch}.remote"]), cancellation)).Output.Trim();
        string[] references = tag is null ? [$"HEAD:refs/heads/{branch}"] : [$"HEAD:refs/heads/{branch}", $"refs/tags/{tag}"];
        await GitAsync(
            ["push", "--quiet", "--atomic", remote.Length > 0 ? remote : "origin", .. references], $"pushing the version back; the commit{(tag is null ? " stays" : " and the tag stay")} in this repository, to be pushed by hand", cancellation);
    }

    private static string Message(string version) => $"Release {version}";

    private async Task<ProcessResult> GitAsync(IReadOnlyList<string> arguments, string what, CancellationToken cancellation)
    {
        var result = await processes.RunAsync(Call(arguments), cancellation);
        return result.ExitCode == 0 ? result : throw SecOpsException.Tool($"git {arguments[0]} failed in {root} ({what}): {Terminal.Clean(Reason(result))}");
    }

    /// <summary>git ends a refusal with advice; the reason stands before it.</summary>
    private static string Reason(ProcessResult result) =>
        new[] { "! [", "fatal:", "error:" }.Select(start => result.Error.Split('\n').Select(l => l.Trim()).FirstOrDefault(l => l.StartsWith(start, StringComparison.Ordinal))).FirstOrDefault(l => l is not null)
        ?? result.LastLine();

    private ProcessCall Call(IReadOnlyList<string> arguments) => new("git", arguments)
    {
        WorkingDirectory = root,
        Timeout = TimeSpan.FromMinutes(2),
        // Nobody is there to type a password or a passphrase.
        Environment = new Dictionary<string, string?> { ["GIT_TERMINAL_PROMPT"] = "0", ["LC_ALL"] = "C" },
    };
}
