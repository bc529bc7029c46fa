using System.Runtime.InteropServices;
using SecOps.Processes;

namespace SecOps.Toolbox;

/// <summary>How to install.</summary>
public sealed record InstallSettings
{
    /// <summary>Use no network: only what a mirror folder has.</summary>
    public bool Offline { get; init; }

    /// <summary>Also when the pinned version is there already.</summary>
    public bool Force { get; init; }

    /// <summary>Where release archives are had instead: an address, or a folder, which serves Python packages too. Null: where the lock file says.</summary>
    public string? Mirror { get; init; }

    /// <summary>The PATH variable's value, to find Python.</summary>
    public string? SearchPath { get; init; }
}

/// <summary>What was done for one tool.</summary>
/// <param name="Status">installed, or alreadyInstalled.</param>
/// <param name="Source">Where it is from, for people.</param>
/// <param name="Path">The executable.</param>
public sealed record InstallResult(string Name, string Version, string Status, string Source, string Path);

/// <summary>Installs pinned tools into the tool folder: whole or not at all, one process at a time, each file recorded.</summary>
/// <param name="cache">The user's cache folder.</param>
public sealed class ToolInstaller(ProcessRunner processes, ToolFolder tools, string cache, InstallSettings settings, TimeProvider clock, Action<string> progress)
{
    /// <summary>The sources that the lock file names for this tool and this machine, in the order in which they are tried.</summary>
    public IReadOnlyList<string> Sources(LockedTool tool) => [.. Attempts(tool).Select(a => a.Source)];

    /// <summary>What makes installing needless: the pinned version, or a newer one that Debian had.</summary>
    /// <returns>Null when there is none, or when it is to be installed again.</returns>
    public (string Version, string Folder)? Present(LockedTool tool)
    {
        var present = settings.Force ? default : tools.Installed(tool.Name).FirstOrDefault(i => Version.TryParse(i.Version, out var version) && version >= Version.Parse(tool.Version));
        return present.Folder is null ? null : present;
    }

    /// <param name="specification">How to ask it for its version, and which versions are good.</param>
    /// <exception cref="SecOpsException">It cannot be had, or it is not what was pinned. Nothing is left behind.</exception>
    public async Task<InstallResult> InstallAsync(LockedTool tool, ToolSpecification specification, CancellationToken cancellation)
    {
        var home = Path.Combine(tools.Root, tool.Name);
        using var turn = await FileLock.TakeAsync(Path.Combine(home, ".lock"), () => progress($"{tool.Name}: waiting for another installation of it"), cancellation);
        if (Present(tool) is { } present)
        {
            var (version, there) = present;
            return new InstallResult(tool.Name, version, "alreadyInstalled", InstalledManifest.Read(there).Source, ToolFolder.ExecutableIn(there, tool.Executable));
        }

        try
        {
            RemoveRemains(home);
            var reasons = new List<string>();
            foreach (var attempt in Attempts(tool))
            {
                progress($"{tool.Name}: trying {attempt.Source}");
                try
                {
                    return await TryAsync(tool, specification, attempt, home, cancellation);
                }
                catch (SourceUnavailableException e)
                {
                    // A connection that is cancelled may also end as a broken one.
                    cancellation.ThrowIfCancellationRequested();
                    reasons.Add($"{attempt.Source}: {e.Message}");
                }
            }

            throw SecOpsException.Tool($"{tool.Name} could not be installed. {(reasons.Count == 0 ? NoSource(tool) : string.Join("; ", reasons.Select(r => r.TrimEnd('.'))) + ". Where the network is closed, name a mirror with SECOPS_TOOLS_MIRROR (pip's and apt's own settings hold for their sources)")}.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SecOpsException.Tool($"{tool.Name} could not be installed in {home}: {e.Message}", e);
        }
    }

    private async Task<InstallResult> TryAsync(LockedTool tool, ToolSpecification specification, Attempt attempt, string home, CancellationToken cancellation)
    {
        var temporary = Path.Combine(home, ".install-" + Guid.NewGuid().ToString("N"));
        try
        {
            Directory.CreateDirectory(temporary);
            await attempt.FetchAsync(temporary, cancellation);
            var version = await AskAsync(specification, ToolFolder.ExecutableIn(temporary, tool.Executable), cancellation);
            var final = tools.FolderOf(tool.Name, version);
            if (attempt.KnowsItsPath)
            {
                PythonSource.Relocate(temporary, final);
            }

            InstalledManifest.Of(temporary, tool.Name, version, attempt.Source, clock.GetUtcNow()).Write(temporary);
            cancellation.ThrowIfCancellationRequested();
            if (Directory.Exists(final))
            {
                Directory.Move(final, Path.Combine(home, ".old-" + Guid.NewGuid().ToString("N")));
            }

            Directory.Move(temporary, final);
            return new InstallResult(tool.Name, version, "installed", attempt.Source, ToolFolder.ExecutableIn(final, tool.Executable));
        }
        finally
        {
            RemoveRemains(home);
        }
    }

    /// <summary>It has to run here, not only to be there: a newer suite's program may have outgrown this machine's interpreter.</summary>
    private async Task<string> AskAsync(ToolSpecification specification, string executable, CancellationToken cancellation)
    {
        ProcessResult result;
        try
        {
            result = await processes.RunAsync(new ProcessCall(executable, specification.VersionArguments) { Timeout = TimeSpan.FromMinutes(1) }, cancellation);
        }
        catch (ToolNotFoundException)
        {
            throw new SourceUnavailableException($"what it gave has no {Path.GetFileName(executable)} that runs on this machine");
        }

        var match = specification.VersionPattern.Match(result.Output + "\n" + result.Error);
        if (result.ExitCode != 0 || !match.Success)
        {
            throw new SourceUnavailableException($"what it gave does not run here: {result.LastLine()}");
        }

        var version = match.Groups[1].Value;
        return ToolVersion.IsTooOld(specification, version)
            ? throw new SourceUnavailableException($"it has {version}, and {specification.OldestGood} or newer is needed")
            : version;
    }

    private IEnumerable<Attempt> Attempts(LockedTool tool)
    {
        if (tool.Archives?.GetValueOrDefault(Platform) is { } archive && (!settings.Offline || MirrorIsFolder))
        {
            var source = new ArchiveSource(settings.Mirror, Say(tool));
            yield return new Attempt(ArchiveSource.Shown(settings.Mirror) ?? new Uri(archive.Url).Host, (folder, stop) => source.FetchAsync(archive, folder, stop));
        }

        var wheels = MirrorIsFolder ? settings.Mirror : null;
        if (tool.Python is { } python && (wheels is not null || !settings.Offline))
        {
            var source = new PythonSource(processes, settings.SearchPath, wheels, Say(tool));
            yield return new Attempt(wheels ?? "PyPI", (folder, stop) => source.FetchAsync(python, folder, stop), KnowsItsPath: true);
        }

        if (tool.Debian is { } debian && !settings.Offline && DebianSource.Unfit() is null)
        {
            var source = new DebianSource(processes, cache, Say(tool));
            foreach (var suite in debian.Suites)
            {
                yield return new Attempt($"Debian {suite}", (folder, stop) => source.FetchAsync(debian, tool.Executable, suite, folder, stop));
            }
        }
    }

    private static string Platform { get; } =
        $"{(OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux")}-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}";

    private bool MirrorIsFolder => settings.Mirror is { } mirror && !mirror.Contains("://", StringComparison.Ordinal);

    private Action<string> Say(LockedTool tool) => line => progress($"{tool.Name}: {line}");

    private string NoSource(LockedTool tool) => settings.Offline
        ? "--offline allows no network, and no mirror folder is set (SECOPS_TOOLS_MIRROR)"
        : $"No source of it fits this machine; install it as its makers say, so that {tool.Executable} is on PATH";

    /// <summary>What a killed installation left. Only the holder of the lock calls this.</summary>
    private static void RemoveRemains(string home)
    {
        foreach (var folder in Directory.EnumerateDirectories(home, ".*").Where(f => Path.GetFileName(f) is var n && (n.StartsWith(".install-", StringComparison.Ordinal) || n.StartsWith(".old-", StringComparison.Ordinal))))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <param name="FetchAsync">Fills an empty folder.</param>
    /// <param name="KnowsItsPath">What it fills the folder with refers to the folder's path.</param>
    private sealed record Attempt(string Source, Func<string, CancellationToken, Task> FetchAsync, bool KnowsItsPath = false);
}
