using System.Globalization;
using SecOps.Delivery.Diagnose;
using SecOps.Processes;
using SecOps.Toolbox;

namespace SecOps.Commands.Doctor;

/// <summary>
/// Looks at one thing and says how it is. A check changes nothing, and throws only what a user can mend.
/// </summary>
internal delegate Task<IReadOnlyList<DiagnoseCheck>> DoctorCheck(Workspace workspace, CancellationToken cancellation);

/// <summary>What can be looked at without leaving the machine. To add a check: a function, and a line in the list.</summary>
internal static class LocalChecks
{
    private const long ScarceDisk = 1L << 30;
    private const long NoDisk = 100L << 20;

    public static IReadOnlyList<(string Id, DoctorCheck Check)> All { get; } =
    [
        ("git", GitAsync),
        ("path", PathAsync),
        ("configuration", ProjectChecks.ConfigurationAsync),
        ("scanner", ProjectChecks.ScannersAsync),
        ("credentials", ProjectChecks.CredentialsAsync),
        ("tools", ToolsAsync),
        ("folder.results", (workspace, _) => Writable("folder.results", workspace.Folder, "choose another folder with --output")),
        ("folder.tools", (workspace, _) => Writable("folder.tools", workspace.Tools.Folder.Root, "name another folder with SECOPS_TOOLS")),
        ("folder.cache", (workspace, _) => Writable("folder.cache", UserCache.Of(workspace.Variable), "name another folder with SECOPS_CACHE")),
        ("disk", DiskAsync),
        ("docker", DockerProbe.CheckAsync),
    ];

    private static async Task<IReadOnlyList<DiagnoseCheck>> GitAsync(Workspace workspace, CancellationToken cancellation)
    {
        if (ExecutableFinder.Find("git", workspace.Variable("PATH")) is not { } git)
        {
            return [DiagnoseCheck.Warning("git", "git", "git is not on PATH: ignored files are scanned too, and --staged, --since and remediate do not work.", "Install git.")];
        }

        var version = await workspace.Tools.VersionAsync(new ToolSpecification("git", "git"), new ToolLocation(git, "native"), cancellation);
        var (repository, root) = workspace.RootOf(workspace.Directory);
        return
        [
            version is null ? DiagnoseCheck.Unknown("git", git, "git does not say its version.")
            : DiagnoseCheck.Ok("git", git, $"git {version}; {(repository is null ? "this folder is in no repository" : $"repository {root}")}."),
        ];
    }

    private static Task<IReadOnlyList<DiagnoseCheck>> PathAsync(Workspace workspace, CancellationToken cancellation)
    {
        var found = new List<DiagnoseCheck>();
        var entries = (workspace.Variable("PATH") ?? "").Split(Path.PathSeparator);
        foreach (var entry in entries.Distinct())
        {
            if (!Path.IsPathFullyQualified(entry))
            {
                found.Add(DiagnoseCheck.Warning("path.relative", entry.Length == 0 ? "(empty)" : entry,
                    "PATH has an entry that is no full path: a shell then runs programs of whatever folder it stands in. secops itself leaves such entries out.", "Remove the entry from PATH."));
            }
            else if (IsOpenToAll(entry))
            {
                found.Add(DiagnoseCheck.Warning("path.writable", entry, "every user of this machine may put programs into this folder of PATH.", $"chmod o-w {entry}, or remove it from PATH."));
            }
        }

        var home = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".dotnet", "tools");
        if (ExecutableFinder.IsExecutable(Path.Combine(home, OperatingSystem.IsWindows() ? "secops.exe" : "secops")) && !entries.Contains(home))
        {
            found.Add(DiagnoseCheck.Warning("path.dotnet-tools", home, "secops is installed in a folder that is not on PATH.", $"Add {home} to PATH."));
        }

        return Result(found.Count > 0 ? found : [DiagnoseCheck.Ok("path", "PATH", string.Create(CultureInfo.InvariantCulture, $"{entries.Length} folders, each a full path that others cannot write."))]);
    }

    private static bool IsOpenToAll(string folder)
    {
        try
        {
            return !OperatingSystem.IsWindows() && Directory.Exists(folder) && (File.GetUnixFileMode(folder) & (UnixFileMode.OtherWrite | UnixFileMode.StickyBit)) == UnixFileMode.OtherWrite;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static Task<IReadOnlyList<DiagnoseCheck>> ToolsAsync(Workspace workspace, CancellationToken cancellation)
    {
        var found = new List<DiagnoseCheck>();
        foreach (var tool in ToolLock.Own.Tools)
        {
            foreach (var (version, folder) in workspace.Tools.Folder.Installed(tool.Name))
            {
                cancellation.ThrowIfCancellationRequested();
                var differences = InstalledManifest.Read(folder).Differences(folder);
                found.Add(differences.Count > 0
                    ? DiagnoseCheck.Failed("tools.integrity", folder, $"{tool.Name} {version} is not as it was installed: {Terminal.Clean(differences[0])}{(differences.Count > 1 ? $" and {differences.Count - 1} more" : "")}.", $"secops tools install {tool.Name} --force")
                    : DiagnoseCheck.Ok("tools.integrity", folder, $"{tool.Name} {version} is as it was installed{(tool.Version == version ? "" : $"; {tool.Version} is pinned")}."));
            }
        }

        return Result(found);
    }

    /// <summary>Whether the folder, or for want of it the nearest one above, takes a file.</summary>
    private static Task<IReadOnlyList<DiagnoseCheck>> Writable(string id, string folder, string otherwise)
    {
        var at = folder;
        while (!Path.Exists(at) && Path.GetDirectoryName(at) is { } above)
        {
            at = above;
        }

        try
        {
            using (new FileStream(Path.Combine(at, $".secops-{Guid.NewGuid():N}"), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose))
            {
            }

            return Result([DiagnoseCheck.Ok(id, folder, "can be written.")]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Result([DiagnoseCheck.Failed(id, folder, $"cannot be written: {e.Message}", $"Give yourself the right to write there, or {otherwise}.")]);
        }
    }

    private static Task<IReadOnlyList<DiagnoseCheck>> DiskAsync(Workspace workspace, CancellationToken cancellation)
    {
        var free = new DriveInfo(workspace.Directory).AvailableFreeSpace;
        var message = string.Create(CultureInfo.InvariantCulture, $"{free / 1e9:0.0} GB free.");
        return Result([
            free < NoDisk ? DiagnoseCheck.Failed("disk", workspace.Directory, message, "Make room: reports and images do not fit.")
            : free < ScarceDisk ? DiagnoseCheck.Warning("disk", workspace.Directory, message, "Make room before building images.")
            : DiagnoseCheck.Ok("disk", workspace.Directory, message),
        ]);
    }

    internal static Task<IReadOnlyList<DiagnoseCheck>> Result(IReadOnlyList<DiagnoseCheck> checks) => Task.FromResult(checks);
}
