namespace SecOps.Configuration;

/// <summary>The <c>scan</c> section.</summary>
public sealed record ScanSection
{
    public IReadOnlyList<string> Only { get; init; } = [];

    public IReadOnlyList<string> Skip { get; init; } = [];

    public TimeSpan? Timeout { get; init; }

    internal static ScanSection Read(YamlMap map) => new()
    {
        Only = map.List("only", "Run these scanners alone. Default: all that fit the target.") ?? [],
        Skip = map.List("skip", "Never run these scanners.") ?? [],
        Timeout = map.Duration("timeout", "How long a scanner may take, e.g. 10m. Default: 30m."),
    };
}
