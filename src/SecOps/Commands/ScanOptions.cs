using SecOps.Findings;
using SecOps.Scanners;

namespace SecOps.Commands;

/// <summary>What <c>secops scan</c> was asked to do.</summary>
public sealed record ScanOptions
{
    public string Path { get; init; } = ".";

    /// <summary>The path was given, and is not the default.</summary>
    public bool PathNamed { get; init; }

    public IReadOnlyList<string> Only { get; init; } = [];

    public IReadOnlyList<string> Skip { get; init; } = [];

    /// <summary>TOOL=FILE, each.</summary>
    public IReadOnlyList<string> Import { get; init; } = [];

    /// <summary>Image references.</summary>
    public IReadOnlyList<string> Image { get; init; } = [];

    public Uri? Url { get; init; }

    /// <summary>What Inspector, ECR and GuardDuty know.</summary>
    public bool Aws { get; init; }

    public string? Region { get; init; }

    /// <summary>What is staged, alone.</summary>
    public bool Staged { get; init; }

    /// <summary>What changed since this commit, alone.</summary>
    public string? Since { get; init; }

    public Shard? Shard { get; init; }

    /// <summary>How many processes may keep cores busy at once; null: as many as there are cores.</summary>
    public int? Jobs { get; init; }

    public Severity? FailOn { get; init; }

    /// <summary>A findings.json of an earlier run: what it knows is not new.</summary>
    public string? Baseline { get; init; }

    public TimeSpan? Timeout { get; init; }

    /// <summary>Only say what would be scanned, with what.</summary>
    public bool DryRun { get; init; }
}
