namespace SecOps.Scanners;

/// <summary>What a user configures for scanners.</summary>
public sealed record ScannerSettings
{
    /// <summary>Reads an environment variable.</summary>
    public Func<string, string?> Variable { get; init; } = _ => null;

    /// <summary>No database updates, no look-ups.</summary>
    public bool Offline { get; init; }

    /// <summary>Whether a tool that is absent may run from its container image.</summary>
    public bool Containers { get; init; } = true;

    /// <summary>Images to use instead of the pinned ones, by the tool's name: copies in a registry of one's own.</summary>
    public IReadOnlyDictionary<string, string> Images { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether licences count as findings.</summary>
    public bool Licenses { get; init; }

    /// <summary>How Trivy looks at a folder: fs, repo or config.</summary>
    public string TrivyCommand { get; init; } = "fs";

    /// <summary>baseline, full or api.</summary>
    public string ZapMode { get; init; } = "baseline";

    /// <summary>Attack modules, as wapiti -m takes them; null: its usual ones.</summary>
    public string? WapitiModules { get; init; }

    /// <summary>SonarQube's address; null: <c>SONAR_HOST_URL</c>.</summary>
    public string? SonarUrl { get; init; }

    /// <summary>Null: from sonar-project.properties, else the folder's name.</summary>
    public string? SonarProject { get; init; }
}
