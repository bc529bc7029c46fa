using SecOps.Configuration;
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
        var configuration = Path.Combine(folder, SecOpsConfiguration.FileName);
        var settings = ConfigurationTemplate.Write(project);
        List<PlannedFile> planned = [];
        // A configuration that is there already is what somebody wants: the hook or workflow can still be added beside it.
        if (!options.Force && (options.Workflow || options.Hook) && File.Exists(configuration))
        {
            workspace.Terminal.Say($"{Shown(configuration)} exists and stays (--force overwrites it)");
            settings = await File.ReadAllTextAsync(configuration, cancellation);
        }
        else
        {
            planned.Add(new PlannedFile(configuration, settings));
        }

        if (options.Workflow)
        {
            var name = project.Prefix.Length == 0 ? "secops.yml" : $"secops-{ConfigurationTemplate.ImageName(project.Prefix)}.yml";
            planned.Add(new PlannedFile(Path.Combine(root, ".github", "workflows", name), WorkflowTemplate.Write(project, settings)));
        }

        if (options.Hook && await CommitHook.PlanAsync(git, folder, workspace.Terminal.Say, cancellation) is { } hook)
        {
            planned.Add(hook);
        }

        if (!options.Force && planned.Find(p => p.KeepAs is null && File.Exists(p.File)) is { } existing)
        {
            throw SecOpsException.Usage($"{Shown(existing.File)} exists already. Overwrite it with --force, or look at what would be written with --dry-run.");
        }

        foreach (var file in planned)
        {
            Write(file);
        }

        workspace.Terminal.Say("seen here: " + project.Describe());
        workspace.Terminal.Say(options.DryRun ? "nothing was written (--dry-run)" : "next: secops doctor, then secops scan");
        return ExitCode.Clean;
    }

    private void Write(PlannedFile planned)
    {
        var (file, text) = (planned.File, planned.Text);
        if (options.DryRun)
        {
            workspace.Terminal.Say($"--- {Shown(file)}\n{text}");
            return;
        }

        if (planned.KeepAs is { Length: > 0 } kept)
        {
            if (File.Exists(kept))
            {
                throw SecOpsException.Usage($"{Shown(kept)} exists already, so the hook that is there now cannot be kept beside it. Join the two by hand.");
            }

            File.Move(file, kept);
            workspace.Terminal.Say($"kept {Shown(file)} as {Path.GetFileName(kept)}; it runs first");
        }

        AtomicFile.WriteText(file, text);
        if (planned.Executable && !OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, File.GetUnixFileMode(file) | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }

        workspace.Terminal.Say($"wrote {Shown(file)}");
    }

    private string Shown(string file) => Path.GetRelativePath(workspace.Directory, file);
}
