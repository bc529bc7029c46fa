namespace SecOps.Toolbox;

/// <summary>The user's folder for what can be had again: versions of tools, package indexes.</summary>
public static class UserCache
{
    /// <summary><c>SECOPS_CACHE</c>, else the platform's folder for a user's caches; full path, need not exist.</summary>
    public static string Of(Func<string, string?> environment)
    {
        if (environment("SECOPS_CACHE") is { Length: > 0 } named)
        {
            return Path.GetFullPath(named);
        }

        if (environment("XDG_CACHE_HOME") is { Length: > 0 } xdg && Path.IsPathFullyQualified(xdg))
        {
            return Path.Combine(xdg, "secops");
        }

        return OperatingSystem.IsWindows()
            ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "secops", "cache")
            : Path.Combine(environment("HOME") ?? Path.GetTempPath(), OperatingSystem.IsMacOS() ? "Library/Caches" : ".cache", "secops");
    }
}
