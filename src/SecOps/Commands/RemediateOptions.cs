namespace SecOps.Commands;

/// <summary>What <c>secops remediate</c> was asked to do.</summary>
public sealed record RemediateOptions
{
    public string Path { get; init; } = ".";

    /// <summary>rules, bedrock or auto.</summary>
    public string Engine { get; init; } = "auto";

    public bool Apply { get; init; }

    /// <summary>The file that gets the patch.</summary>
    public string? Patch { get; init; }

    public bool PullRequest { get; init; }

    public bool Reopen { get; init; }

    public bool DryRun { get; init; }

    /// <summary>Keep the code as it was as an archive.</summary>
    public bool Snapshot { get; init; }

    /// <summary>Take the archive from this image, and leave files alone that differ from it.</summary>
    public string? SnapshotImage { get; init; }

    /// <summary>Check the model's audit log, and do nothing else.</summary>
    public bool VerifyAudit { get; init; }

    public int? Limit { get; init; }

    public string? Test { get; init; }

    /// <summary>Ids or rule ids; empty: all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];
}
