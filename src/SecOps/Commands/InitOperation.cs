using SecOps.Configuration;
using SecOps.Git;
using SecOps.Scanners;

namespace SecOps.Commands;

/// <summary>Looks at the project's files, then writes what was asked for: all of it, or nothing when something exists already.</summary>
internal sealed class InitOperation(Workspace workspace, InitOptions options)
{
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var folder = workspace.FullPath(options.Path);
        if (!Directory.Exists(folder))
        {
            throw SecOpsException.Usage($"{options.Path} is not a folder. Name the project's folder.");
        }

        var (git, root) = workspace.RootOf(folder);
        var files = await SourceFiles.ListAsync(git, root, folder, cancellation);
        var project = ProjectFacts.Of(folder, root, files);
        var planned = new List<(string File, string Text, bool Executable)> { (Path.Combine(folder, SecOpsConfiguration.FileName), ConfigurationTemplate.Write(project), false) };
        if (options.Workflow)
        {
            planned.Add((Path.Combine(root, ".github", "workflows", "secops.yml"), WorkflowTemplate.Write(project), false));
        }

        if (options.Hook)
        {
            planned.Add((await HookFileAsync(git, folder, cancellation), HookTemplate, true));
        }

        // A configuration that is there already is what somebody wants: the hook or workflow can still be added beside it.
        if (!options.Force && planned.Count > 1 && File.Exists(planned[0].File))
        {
            workspace.Terminal.Say($"{Shown(planned[0].File)} exists and stays (--force overwrites it)");
            planned.RemoveAt(0);
        }

        if (!options.Force && planned.FirstOrDefault(p => File.Exists(p.File)) is { File: { } existing })
        {
            throw SecOpsException.Usage($"{Shown(existing)} exists already. Overwrite it with --force, or look at what would be written with --dry-run.");
        }

        foreach (var (file, text, executable) in planned)
        {
            Write(file, text, executable);
        }

        workspace.Terminal.Say("seen here: " + project.Describe());
        workspace.Terminal.Say(options.DryRun ? "nothing was written (--dry-run)" : "next: secops doctor, then secops scan");
        return ExitCode.Clean;
    }

    private const string HookTemplate = """
        #!/bin/sh
        # Written by "secops init --hook": scans what this commit brings. Skip it once with: git commit --no-verify
        exec secops scan --staged

        """;

    private void Write(string file, string text, bool executable)
    {
        if (options.DryRun)
        {
            workspace.Terminal.Say($"--- {Shown(file)}\n{text}");
            return;
        }

        AtomicFile.WriteText(file, text);
        if (executable && !OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, File.GetUnixFileMode(file) | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }

        workspace.Terminal.Say($"wrote {Shown(file)}");
    }

    private static async Task<string> HookFileAsync(GitRepository? git, string folder, CancellationToken cancellation) =>
        git is null
            ? throw SecOpsException.Usage($"{folder} is not in a git repository, so there is no place for a hook. Run \"git init\" first, or leave out --hook.")
            : Path.Combine(await git.HooksFolderAsync(cancellation), "pre-commit");

    private string Shown(string file) => Path.GetRelativePath(workspace.Directory, file);
}
