using SecOps.Findings;

namespace SecOps.Commands;

/// <summary>What <c>secops scan</c> was asked to do.</summary>
public sealed record ScanOptions
{
    public string Path { get; init; } = ".";

    public IReadOnlyList<string> Only { get; init; } = [];

    public IReadOnlyList<string> Skip { get; init; } = [];

    /// <summary>TOOL=FILE, each.</summary>
    public IReadOnlyList<string> Import { get; init; } = [];

    public Severity? FailOn { get; init; }

    /// <summary>A <c>findings.json</c> to tell new findings from known ones by.</summary>
    public string? Baseline { get; init; }

    public TimeSpan? Timeout { get; init; }
}
