using SecOps.Findings;

namespace SecOps.Remediation;

/// <summary>What became of one finding.</summary>
public sealed record FixOutcome
{
    public const string Verified = Fix.Verified;
    public const string ScannerVerified = Fix.ScannerVerified;
    public const string Proposed = "proposed";
    public const string Rejected = "rejected";
    public const string NotVerifiable = "not-verifiable";
    public const string Drift = "drift";
    public const string Skipped = "skipped";

    public required Finding Finding { get; init; }

    /// <summary>One of the words above.</summary>
    public required string Outcome { get; init; }

    /// <summary>One word: the gate that refused it, or the kind of reason it was skipped for. Null for a verified fix.</summary>
    public string? Gate { get; init; }

    /// <summary>The gate's own text or the reason, for people.</summary>
    public string? Reason { get; init; }

    /// <summary>Unified; null when nothing was changed.</summary>
    public string? Diff { get; init; }

    /// <summary>rules, or the model's id.</summary>
    public string? Engine { get; init; }

    public string? Summary { get; init; }

    public string? Risk { get; init; }

    /// <summary>Less severe findings that the fix brings, as <c>B603 tools.py:10</c>.</summary>
    public IReadOnlyList<string> Successors { get; init; } = [];

    /// <summary>The commit in the scratch repository; null when there is none.</summary>
    public string? Commit { get; init; }

    /// <summary>The change by itself, against the files as they were at first; empty when it only fits upon other fixes.</summary>
    public IReadOnlyList<FileChange> Changes { get; init; } = [];

    /// <summary>Files that it changes.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>The pull request that brings it, or why there is none.</summary>
    public string? PullRequest { get; init; }

    public bool IsVerified => Outcome is Verified or ScannerVerified;
}
