namespace SecOps.Toolbox;

/// <summary>
/// The user's folder of tools installed by <c>secops tools</c>: <c>NAME/VERSION/bin/EXECUTABLE</c>, complete once
/// <see cref="InstalledManifest.FileName"/> stands beside <c>bin</c>.
/// </summary>
/// <param name="Root">Full path; need not exist.</param>
public sealed record ToolFolder(string Root)
{
    /// <summary><c>SECOPS_TOOLS</c>, else the platform's folder for a user's data.</summary>
    public static ToolFolder Of(Func<string, string?> environment)
    {
        if (environment("SECOPS_TOOLS") is { Length: > 0 } named)
        {
            return new ToolFolder(Path.GetFullPath(named));
        }

        var data = environment("XDG_DATA_HOME") is { Length: > 0 } xdg && Path.IsPathFullyQualified(xdg)
            ? xdg
            : Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return new ToolFolder(Path.Combine(data, "secops", "tools"));
    }

    public string FolderOf(string name, string version) => Path.Combine(Root, name, version);

    /// <summary>Where the executable of a version folder lies.</summary>
    public static string ExecutableIn(string folder, string executable)
    {
        if (!OperatingSystem.IsWindows())
        {
            return Path.Combine(folder, "bin", executable);
        }

        // A Python environment on Windows has Scripts instead of bin.
        var script = Path.Combine(folder, "Scripts", executable + ".exe");
        return File.Exists(script) ? script : Path.Combine(folder, "bin", executable + ".exe");
    }

    /// <summary>The complete installations of a tool, newest first.</summary>
    public IReadOnlyList<(string Version, string Folder)> Installed(string name)
    {
        var folder = Path.Combine(Root, name);
        return !Directory.Exists(folder)
            ? []
            : [.. Directory.EnumerateDirectories(folder)
                .Select(f => (Version: Path.GetFileName(f), Folder: f))
                // What begins with a dot is being installed or removed.
                .Where(f => f.Version[0] != '.' && File.Exists(Path.Combine(f.Folder, InstalledManifest.FileName)))
                .OrderByDescending(f => Version.TryParse(f.Version, out var v) ? v : new Version(0, 0))];
    }

    /// <summary>The version of an executable of this folder; null when it lies elsewhere.</summary>
    public string? VersionOf(string name, string executable)
    {
        var home = Path.Combine(Root, name) + Path.DirectorySeparatorChar;
        return executable.StartsWith(home, StringComparison.Ordinal) ? executable[home.Length..].Split(Path.DirectorySeparatorChar)[0] : null;
    }

    /// <summary>The newest installed version and its executable; null when none is installed.</summary>
    public (string Version, string Executable)? Find(ToolSpecification tool)
    {
        foreach (var (version, folder) in Installed(tool.Name))
        {
            if (ExecutableIn(folder, tool.Executable) is var executable && File.Exists(executable))
            {
                return (version, executable);
            }
        }

        return null;
    }
}
