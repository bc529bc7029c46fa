using System.Globalization;
using System.Text;
using SecOps.Configuration;
using SecOps.Delivery.Build;
using SecOps.Docker;
using SecOps.Git;
using SecOps.Processes;
using ImageReference = SecOps.Registry.ImageReference;

namespace SecOps.Commands;

/// <summary>Version, build, smoke run, tests, and only then the commit of the version: a failed build leaves the repository as it was.</summary>
internal sealed class BuildOperation(Workspace workspace, BuildOptions options)
{
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var context = workspace.FullPath(options.Context);
        if (!Directory.Exists(context))
        {
            throw SecOpsException.Usage($"{options.Context} is no folder. Name the folder that holds the Dockerfile.");
        }

        var (git, root) = workspace.RootOf(context);
        var configuration = workspace.Configuration(context);
        var section = configuration.Build;
        var folder = configuration.File is { } named ? Path.GetDirectoryName(Path.GetFullPath(named))! : context;
        var planner = new BuildPlanner(workspace, options, section, context, folder);
        var release = options.Bump is null ? null : new ReleaseCommit(workspace.Processes, git is null ? throw SecOpsException.Usage("--bump needs a git repository, so that a version is never lost.") : root);
        var file = Path.GetFullPath(section.Version.File ?? "VERSION", folder);
        if (release is not null && !options.DryRun && await GoOnAsync(release, section.Version, file, cancellation))
        {
            return ExitCode.Clean;
        }

        var before = section.Version.File is not null || release is not null || File.Exists(file) ? ProjectVersion.Read(file) : null;
        var version = options.Bump is { } part ? before!.Bump(part) : before;
        var reference = Reference(section, version);
        var (revision, labels) = await LabelsAsync(git, section, version, cancellation);
        var plan = planner.Build(reference.Familiar, labels);
        if (release is not null)
        {
            await release.RequireCleanAsync(cancellation);
        }

        if (options.DryRun)
        {
            return DryRun(plan, section, version, release is not null);
        }

        var journal = release is null ? null : new ReleaseJournal(Stage, before!.ToString(), version!.ToString(), await release.HeadAsync(cancellation), ReleaseState.Building).Write(workspace.OpenFolder());
        ImageRecord record;
        string? commit = null;
        var done = false;
        try
        {
            if (release is not null)
            {
                version!.Write(file);
            }

            var image = await BuildAsync(plan, planner, section, cancellation);
            record = new ImageRecord
            {
                Reference = reference.Familiar, Repository = reference.Name, ImageId = image.Id, Platform = plan.Platforms.Count > 1 ? string.Join(',', plan.Platforms) : image.Platform, Version = version?.ToString(), Revision = revision,
                Tags = [reference.Tag!],
            };
            record.Write(workspace.Folder);
            if (release is not null)
            {
                journal = (journal! with { State = ReleaseState.Built }).Write(workspace.Folder);
                commit = await CommitAsync(release, section.Version, file, journal.Version, cancellation);
            }

            done = true;
        }
        finally
        {
            if (!done && release is not null)
            {
                before!.Write(file);
                ReleaseJournal.Delete(workspace.Folder);
            }
        }

        if (release is not null)
        {
            record = await PublishAsync(release, section.Version, journal!, record, commit, cancellation);
        }

        Tell(record);
        return ExitCode.Clean;
    }

    private string Stage => workspace.Variable(ProcessCall.StageVariable) ?? "";

    /// <summary>Looks at what an earlier build with --bump has left. True: nothing is left to do.</summary>
    private async Task<bool> GoOnAsync(ReleaseCommit release, VersionSection section, string file, CancellationToken cancellation)
    {
        if (ReleaseJournal.Read(workspace.Folder) is not { } journal || !File.Exists(file))
        {
            return false;
        }

        AtomicFile.RemoveLeftovers(Path.GetDirectoryName(file)!, Path.GetFileName(file));
        if (File.ReadAllText(file).Trim() != journal.Version)
        {
            return false;
        }

        var head = await release.HeadAsync(cancellation);
        if (journal.State == ReleaseState.Building)
        {
            // Killed before there was an image: as if it had not begun.
            if (head == journal.Base && ProjectVersion.Parse(journal.Before) is { } before)
            {
                before.Write(file);
                workspace.Terminal.Progress($"version {journal.Version}: an interrupted build is begun anew");
            }

            return false;
        }

        if (ImageRecord.Read(workspace.Folder) is not { } record || record.Version != journal.Version)
        {
            return false;
        }

        if (journal.State == ReleaseState.Finished)
        {
            // The run was killed before it could note that this stage is done.
            var again = Stage.Length > 0 && journal.Stage == Stage;
            if (again)
            {
                workspace.Terminal.Progress($"version {journal.Version}: built by this run already");
                Tell(record);
            }

            return again;
        }

        var released = head != journal.Base && await release.IsReleaseAsync(journal.Version, journal.Base, cancellation);
        if (head != journal.Base && !released)
        {
            return false;
        }

        workspace.Terminal.Progress($"version {journal.Version}: an interrupted build is gone on with");
        var commit = released ? head : await CommitAsync(release, section, file, journal.Version, cancellation);
        Tell(await PublishAsync(release, section, journal, record, commit, cancellation));
        return true;
    }

    private async Task<DockerImage> BuildAsync(BuildPlan plan, BuildPlanner planner, BuildSection section, CancellationToken cancellation)
    {
        // The Engine is asked first: its absence has a better message here than from the docker command.
        using var docker = new DockerClient(DockerEndpoint.Find(workspace.Variable));
        await docker.FindImageAsync(plan.Tag, cancellation);
        var trial = new ImageTrial(docker, workspace.Clock, line => workspace.Terminal.Say($"{plan.Tag}: {line}"));
        await trial.SweepAsync(cancellation);
        var build = new ImageBuild(workspace.Processes);
        var started = workspace.Clock.GetTimestamp();
        workspace.Log.Information("build of {Tag} from {Context}", plan.Tag, plan.Context);
        await build.RunAsync(plan, line => workspace.Terminal.Progress(line), cancellation);
        var image = await docker.FindImageAsync(plan.Tag, cancellation)
            ?? throw SecOpsException.Tool($"{plan.Tag} was built, but the Docker Engine does not have it. Is the current buildx builder one that cannot load images? Try \"docker buildx use default\".");
        workspace.Terminal.Say($"{plan.Tag}: built in {Durations.Show(workspace.Clock.GetElapsedTime(started))}, {image.Size / 1_000_000} MB, {image.Platform}");
        if (options.NoTest || !(section.Smoke.IsWanted || section.Test.IsWanted))
        {
            return image;
        }

        var testImage = "secops-tests:" + Guid.NewGuid().ToString("N")[..12];
        var testBuild = planner.TestBuild(testImage);
        try
        {
            if (testBuild is not null)
            {
                await build.RunAsync(testBuild, line => workspace.Terminal.Progress(line), cancellation);
            }

            await trial.RunAsync(planner.Trial(image, plan.Tag, testBuild is null ? null : testImage), cancellation);
        }
        finally
        {
            if (testBuild is not null)
            {
                using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
                await docker.RemoveImageAsync(testImage, limit.Token);
            }
        }

        return image;
    }

    /// <returns>The version's commit; null where the configuration wants none.</returns>
    private async Task<string?> CommitAsync(ReleaseCommit release, VersionSection section, string file, string version, CancellationToken cancellation)
    {
        if (!section.Commit && !section.Tag && !section.Push)
        {
            workspace.Terminal.Say($"version {version} stands in {Path.GetRelativePath(workspace.Directory, file)}; commit it");
            return null;
        }

        var commit = await release.CommitAsync(file, version, cancellation);
        workspace.Terminal.Say($"version {version}: committed as {commit[..12]}");
        return commit;
    }

    private async Task<ImageRecord> PublishAsync(ReleaseCommit release, VersionSection section, ReleaseJournal journal, ImageRecord record, string? commit, CancellationToken cancellation)
    {
        if (section.Tag)
        {
            await release.TagAsync(journal.Version, cancellation);
            workspace.Terminal.Say($"version {journal.Version}: tagged v{journal.Version}");
        }

        if (section.Push)
        {
            await release.PushAsync(section.Tag ? "v" + journal.Version : null, cancellation);
            workspace.Terminal.Say($"version {journal.Version}: pushed back");
        }

        record = record with { ReleaseRevision = commit };
        record.Write(workspace.Folder);
        (journal with { State = ReleaseState.Finished }).Write(workspace.Folder);
        return record;
    }

    private ImageReference Reference(BuildSection section, ProjectVersion? version)
    {
        var name = options.Tag ?? section.Image ?? throw SecOpsException.Usage("name the image with --tag, e.g. --tag registry.example.com/team/app, or with build.image in secops.yml.");
        var reference = ImageReference.Parse(name);
        return reference.Digest is null
            ? reference with { Tag = reference.Tag ?? version?.Tag ?? "latest" }
            : throw SecOpsException.Usage($"{name}: a build cannot choose its digest; leave it out.");
    }

    /// <summary>The annotations of the OCI image specification, as labels.</summary>
    private async Task<(string? Revision, Dictionary<string, string> Labels)> LabelsAsync(GitRepository? git, BuildSection section, ProjectVersion? version, CancellationToken cancellation)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        var facts = git is null ? null : await SourceFacts.ReadAsync(workspace.Processes, git.Root, cancellation);
        // The commit's time, not the clock's: the same commit then gives the same image, and pushing it again uploads nothing.
        var created = workspace.Variable("SOURCE_DATE_EPOCH") is { } epoch && long.TryParse(epoch, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and < 253_402_300_800
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : facts?.CommittedAt;
        Add("org.opencontainers.image.created", created?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        Add("org.opencontainers.image.revision", facts?.Commit);
        Add("org.opencontainers.image.source", facts?.Source);
        Add("org.opencontainers.image.version", version?.ToString());
        foreach (var (name, value) in section.Labels)
        {
            labels[name] = value;
        }

        return (facts?.Commit, labels);

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                labels[name] = value;
            }
        }
    }

    private int DryRun(BuildPlan plan, BuildSection section, ProjectVersion? version, bool bump)
    {
        var terminal = workspace.Terminal;
        terminal.Say($"would build {plan.Tag} from {plan.Context}{(plan.Platforms.Count > 0 ? " for " + string.Join(", ", plan.Platforms) : "")}");
        if (bump)
        {
            terminal.Say($"would write version {version}{(section.Version.Commit || section.Version.Tag || section.Version.Push ? ", commit it" : "")}{(section.Version.Tag ? ", tag it" : "")}{(section.Version.Push ? ", push both" : "")}");
        }

        foreach (var (name, value) in plan.Labels)
        {
            terminal.Say($"  label {name}={Terminal.Clean(value)}");
        }

        if (!options.NoTest && section.Smoke.IsWanted)
        {
            terminal.Say(section.Smoke.ExitCode is { } code ? $"would run it and want exit code {code}" : $"would run it and want {section.Smoke.Path} to answer");
        }

        if (!options.NoTest && section.Test.IsWanted)
        {
            terminal.Say("would run the integration tests in a second container");
        }

        return ExitCode.Clean;
    }

    private void Tell(ImageRecord record)
    {
        if (workspace.Terminal.Json)
        {
            using var bytes = new MemoryStream();
            record.Write(bytes);
            workspace.Terminal.Result(Encoding.UTF8.GetString(bytes.ToArray()));
        }
        else
        {
            workspace.Terminal.Result(record.Reference + "\n");
        }
    }
}
