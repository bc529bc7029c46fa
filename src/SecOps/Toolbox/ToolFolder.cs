namespace SecOps.Toolbox;

/// <summary>
/// The user's folder of tools installed by <c>secops tools</c>: <c>NAME/VERSION/bin/EXECUTABLE</c>.
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

    public string ExecutableOf(ToolSpecification tool, string version) =>
        Path.Combine(FolderOf(tool.Name, version), "bin", tool.Executable + (OperatingSystem.IsWindows() ? ".exe" : ""));

    /// <summary>The newest installed version's executable; null when none is installed.</summary>
    public string? Find(ToolSpecification tool)
    {
        var folder = Path.Combine(Root, tool.Name);
        if (!Directory.Exists(folder))
        {
            return null;
        }

        return Directory.EnumerateDirectories(folder)
            .Select(f => (Version: Path.GetFileName(f), Executable: ExecutableOf(tool, Path.GetFileName(f))))
            .Where(t => File.Exists(t.Executable))
            .OrderByDescending(t => Version.TryParse(t.Version, out var v) ? v : new Version(0, 0))
            .Select(t => t.Executable)
            .FirstOrDefault();
    }
}
