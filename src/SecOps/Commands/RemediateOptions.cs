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

    public int? Limit { get; init; }

    public string? Test { get; init; }

    /// <summary>Ids or rule ids; empty: all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];
}
