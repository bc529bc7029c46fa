namespace SecOps.Configuration;

/// <summary>The <c>build</c> section. Secrets are the names of the variables that hold them.</summary>
public sealed record BuildSection
{
    public string? Dockerfile { get; init; }

    public string? Target { get; init; }

    /// <summary>Repository, for a build without <c>--tag</c>.</summary>
    public string? Image { get; init; }

    public IReadOnlyDictionary<string, string> Arguments { get; init; } = new Dictionary<string, string>();

    /// <summary>BuildKit's secret id, and the variable.</summary>
    public IReadOnlyDictionary<string, string> Secrets { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<string> Platforms { get; init; } = [];

    public IReadOnlyList<string> CacheFrom { get; init; } = [];

    public IReadOnlyList<string> CacheTo { get; init; } = [];

    public bool Provenance { get; init; }

    public bool Sbom { get; init; }

    /// <summary>Null: BuildKit's own.</summary>
    public string? SbomGenerator { get; init; }

    public required VersionSection Version { get; init; }

    public required SmokeSection Smoke { get; init; }

    public required ImageTestSection Test { get; init; }

    internal static BuildSection Read(YamlMap map) => new()
    {
        Dockerfile = map.Text("dockerfile", "Relative to the context. Default: Dockerfile."),
        Target = map.Text("target", "The stage of a multi-stage Dockerfile to build."),
        Image = map.Text("image", "Registry and repository for a build without --tag; the version is the tag."),
        Arguments = map.Dictionary("args", "Build arguments. They stay readable in the image's history: no secrets."),
        Secrets = Variables(map, "secrets", "BuildKit secrets for RUN --mount=type=secret: id and env:NAME."),
        Labels = map.Dictionary("labels", "Further labels of the image."),
        Platforms = map.List("platforms", "For other or several platforms, e.g. linux/amd64, linux/arm64.") ?? [],
        CacheFrom = map.List("cacheFrom", "Where BuildKit reads its cache, as docker buildx writes it, e.g. type=gha.") ?? [],
        CacheTo = map.List("cacheTo", "Where BuildKit writes its cache.") ?? [],
        Provenance = map.Flag("provenance", "Add BuildKit's provenance; the image becomes an index. Default: false.") ?? false,
        Sbom = map.Flag("sbom", "Add BuildKit's bill of materials; the image becomes an index. Default: false.") ?? false,
        SbomGenerator = map.Text("sbomGenerator", "The image that lists what is inside, after BuildKit's SBOM protocol. Default: BuildKit's own, from Docker Hub."),
        Version = map.Section("version", "The version, kept in a file.", VersionSection.Read),
        Smoke = map.Section("smoke", "A first run of the built image.", SmokeSection.Read),
        Test = map.Section("test", "Integration tests: a second container, \"tests\", beside the first, \"app\", on a network of their own.", ImageTestSection.Read),
    };

    /// <summary>Names of any kind, each with the variable whose value it gets.</summary>
    internal static IReadOnlyDictionary<string, string> Variables(YamlMap map, string key, string description)
    {
        var names = map.Dictionary(key, description);
        return names.FirstOrDefault(n => !n.Value.StartsWith("env:", StringComparison.Ordinal) || n.Value.Length == 4).Key is { } wrong
            ? throw map.Error($"{key}.{wrong} must name an environment variable: write env:NAME. Secrets do not belong in this file", key)
            : names.ToDictionary(n => n.Key, n => n.Value[4..], StringComparer.Ordinal);
    }
}

public sealed record VersionSection
{
    public string? File { get; init; }

    public bool Commit { get; init; }

    public bool Tag { get; init; }

    public bool Push { get; init; }

    internal static VersionSection Read(YamlMap map) => new()
    {
        File = map.Text("file", "The file that holds the version and nothing else. Default: VERSION, where it exists."),
        Commit = map.Flag("commit", "With --bump: commit the file once the build and its tests are good. Default: false.") ?? false,
        Tag = map.Flag("tag", "With --bump: also tag the commit vVERSION. Default: false.") ?? false,
        Push = map.Flag("push", "With --bump: also push commit and tag. Default: false.") ?? false,
    };
}

public sealed record SmokeSection
{
    /// <summary>Null: no health check.</summary>
    public string? Path { get; init; }

    public int? Port { get; init; }

    public int? Status { get; init; }

    /// <summary>Null: the exit code is not waited for.</summary>
    public int? ExitCode { get; init; }

    public IReadOnlyList<string> Command { get; init; } = [];

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Secrets { get; init; } = new Dictionary<string, string>();

    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    public bool IsWanted => Path is not null || ExitCode is not null;

    internal static SmokeSection Read(YamlMap map) => new()
    {
        Path = map.Text("url", "The path that must answer, e.g. /health. The container is up when it does."),
        Port = map.Integer("port", "The port that the container listens on. Default: the one that the image exposes.", 1, 65535),
        Status = map.Integer("status", "The HTTP status that is wanted. Default: any from 200 to 399.", 100, 599),
        ExitCode = map.Integer("exitCode", "For an image that runs and ends: the exit code that is wanted.", 0, 255),
        Command = map.List("command", "Another command than the image's own, word by word.") ?? [],
        Environment = map.Dictionary("env", "Environment variables of the container."),
        Secrets = BuildSection.Variables(map, "secrets", "Environment variables of the container that hold secrets: name and env:NAME."),
        Timeout = map.Duration("timeout", "How long it may take. Default: 60s.") ?? TimeSpan.FromSeconds(60),
    };
}

public sealed record ImageTestSection
{
    public string? Image { get; init; }

    public string? Context { get; init; }

    public string? Dockerfile { get; init; }

    public IReadOnlyDictionary<string, string> Arguments { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<string> Command { get; init; } = [];

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Secrets { get; init; } = new Dictionary<string, string>();

    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);

    public bool IsWanted => Image is not null || Context is not null || Command.Count > 0;

    internal static ImageTestSection Read(YamlMap map) => new()
    {
        Image = map.Text("image", "The image that holds the tests. Default: the built image itself."),
        Context = map.Text("context", "Build the test image from this folder instead."),
        Dockerfile = map.Text("dockerfile", "The test image's Dockerfile, relative to its context. Default: Dockerfile."),
        Arguments = map.Dictionary("args", "Build arguments of the test image."),
        Command = map.List("command", "The command that runs the tests, word by word; exit code 0 is success. Default: the image's own.") ?? [],
        Environment = map.Dictionary("env", "Environment variables. SECOPS_APP_URL, e.g. http://app:5000, is set."),
        Secrets = BuildSection.Variables(map, "secrets", "Environment variables that hold secrets: name and env:NAME."),
        Timeout = map.Duration("timeout", "How long they may take. Default: 10m.") ?? TimeSpan.FromMinutes(10),
    };
}
