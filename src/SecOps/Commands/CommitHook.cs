using SecOps.Git;

namespace SecOps.Commands;

/// <summary>One file that <c>secops init</c> writes.</summary>
/// <param name="KeepAs">Where a file that stands there already goes first; null: it must not be there.</param>
internal sealed record PlannedFile(string File, string Text, bool Executable = false, string? KeepAs = null);

/// <summary>
/// The pre-commit hook, in the place where this repository's hooks are. A hook that is there already is kept and runs first. What
/// other managers of hooks generate is theirs: they are given a line instead.
/// </summary>
internal static class CommitHook
{
    private const string Command = "secops scan --staged";

    /// <returns>The file to write; null when nothing is left to do, which has then been said.</returns>
    /// <exception cref="SecOpsException">There is no place for a hook (exit code 2).</exception>
    public static async Task<PlannedFile?> PlanAsync(GitRepository? git, string folder, Action<string> say, CancellationToken cancellation)
    {
        if (git is null)
        {
            throw SecOpsException.Usage($"{folder} is not in a git repository, so there is no place for a hook. Run \"git init\" first, or leave out --hook.");
        }

        if (new[] { ".pre-commit-config.yaml", ".pre-commit-config.yml" }.FirstOrDefault(f => File.Exists(Path.Combine(git.Root, f))) is { } framework)
        {
            say($"{framework} is there, so pre-commit keeps this repository's hooks. Add to it, under repos:\n  - repo: local\n    hooks:\n      - {{id: secops, name: {Command}, entry: {Command}, language: system, pass_filenames: false}}");
            return null;
        }

        var hooks = await git.HooksFolderAsync(cancellation);
        var own = Path.GetRelativePath(git.Root, hooks);
        if (own.Replace('\\', '/') is ".husky" or ".husky/_")
        {
            return Husky(Path.Combine(git.Root, ".husky", "pre-commit"), say);
        }

        if ((own.StartsWith("..", StringComparison.Ordinal) || Path.IsPathRooted(own)) && !await git.IsGitFolderAsync(hooks, cancellation))
        {
            throw SecOpsException.Usage($"git's core.hooksPath names {hooks}, outside of this repository: a hook there runs in every repository. Add \"{Command}\" there yourself, or give this repository its own folder: git config core.hooksPath .githooks");
        }

        var file = Path.Combine(hooks, "pre-commit");
        if (!File.Exists(file))
        {
            return new PlannedFile(file, Text(null), Executable: true);
        }

        if (File.ReadAllText(file).Contains(Command, StringComparison.Ordinal))
        {
            say($"{Path.GetRelativePath(folder, file)} runs \"{Command}\" already");
            return null;
        }

        const string Earlier = "pre-commit.before-secops";
        return new PlannedFile(file, Text(Earlier), Executable: true, KeepAs: Path.Combine(hooks, Earlier));
    }

    /// <summary>husky runs the lines of its file; what it generates beside it is written anew by each install.</summary>
    private static PlannedFile? Husky(string file, Action<string> say)
    {
        var before = File.Exists(file) ? File.ReadAllText(file) : "";
        if (before.Contains(Command, StringComparison.Ordinal))
        {
            say($".husky/pre-commit runs \"{Command}\" already");
            return null;
        }

        return new PlannedFile(file, before + (before.Length == 0 || before.EndsWith('\n') ? "" : "\n") + Command + "\n", Executable: true, KeepAs: before.Length == 0 ? null : "");
    }

    /// <param name="earlier">A hook beside this one that runs first.</param>
    private static string Text(string? earlier) => $"""
        #!/bin/sh
        # Written by "secops init --hook": scans what this commit brings. Skip it once with: git commit --no-verify
        {(earlier is null ? "" : $"# The hook that was here before.\n\"$(dirname \"$0\")/{earlier}\" \"$@\" || exit $?\n")}exec {Command}

        """;
}
