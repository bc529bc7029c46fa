namespace SecOps.Configuration;

/// <summary>The <c>scan</c> section.</summary>
public sealed record ScanSection
{
    public IReadOnlyList<string> Only { get; init; } = [];

    public IReadOnlyList<string> Skip { get; init; } = [];

    public TimeSpan? Timeout { get; init; }

    /// <summary>Licences count as findings.</summary>
    public bool Licenses { get; init; }

    public string? Trivy { get; init; }

    public string? Zap { get; init; }

    public string? WapitiModules { get; init; }

    public string? SonarUrl { get; init; }

    public string? SonarProject { get; init; }

    public bool Containers { get; init; } = true;

    public IReadOnlyDictionary<string, string> Images { get; init; } = new Dictionary<string, string>();

    internal static ScanSection Read(YamlMap map) => new()
    {
        Only = map.List("only", "Run these scanners alone. Default: all that fit the target.") ?? [],
        Skip = map.List("skip", "Never run these scanners.") ?? [],
        Timeout = map.Duration("timeout", "How long a scanner may take, e.g. 10m. Default: 30m."),
        Licenses = map.Flag("licenses", "Whether licences that Trivy finds count as findings. Default: false.") ?? false,
        Trivy = map.Choice("trivy", "How Trivy looks at a folder. Default: fs.", ["fs", "repo", "config"]),
        Zap = map.Choice("zap", "Which of ZAP's packaged scans runs. Default: baseline.", ["baseline", "full", "api"]),
        WapitiModules = map.Text("wapitiModules", "Wapiti's attack modules, with commas, e.g. xss,exec. Default: its usual ones."),
        SonarUrl = map.Text("sonarUrl", "SonarQube's address. Default: SONAR_HOST_URL. The token comes from SONAR_TOKEN."),
        SonarProject = map.Text("sonarProject", "The project's key in SonarQube. Default: from sonar-project.properties, else the folder's name."),
        Containers = map.Flag("containers", "Whether a scanner that is not installed may run from its container image, when Docker answers. Default: true.") ?? true,
        Images = map.Dictionary("images", "Images to use instead of the pinned ones, by the tool's name, e.g. a copy in your own registry."),
    };
}
