namespace SecOps;

/// <summary>What the process's exit code says. Scripts rely on these numbers; a number never changes its meaning.</summary>
public static class ExitCode
{
    /// <summary>Clean and complete.</summary>
    public const int Clean = 0;

    /// <summary>The gate failed.</summary>
    public const int GateFailed = 1;

    /// <summary>The command line or a configuration file is wrong.</summary>
    public const int Usage = 2;

    /// <summary>A required scanner or attestation is missing, failed, timed out or is stale.</summary>
    public const int Incomplete = 3;

    /// <summary>A tool or a remote failed.</summary>
    public const int ToolFailed = 4;

    /// <summary>The deployment failed and was rolled back.</summary>
    public const int RolledBack = 5;

    /// <summary>A bug in secops.</summary>
    public const int Bug = 70;

    /// <summary>Cancelled by the user.</summary>
    public const int Cancelled = 130;
}
