namespace SecOps.Processes;

/// <summary>Finds executables on PATH as the system would, without starting anything.</summary>
public static class ExecutableFinder
{
    /// <param name="name">Without extension.</param>
    /// <param name="path">The PATH variable's value.</param>
    /// <returns>The full path, or null.</returns>
    public static string? Find(string name, string? path)
    {
        string[] endings = OperatingSystem.IsWindows() ? [".exe"] : [""];
        return (path ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            // A relative entry would let the scanned repository bring its own scanner.
            .Where(Path.IsPathFullyQualified)
            .SelectMany(folder => endings.Select(ending => Path.Combine(folder, name + ending)))
            .FirstOrDefault(IsExecutable);
    }

    public static bool IsExecutable(string file)
    {
        try
        {
            return File.Exists(file)
                && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(file) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
