namespace SecOps.Delivery.Protect;

/// <summary>What became of one part of the protection.</summary>
public enum ProtectOutcome { Already, Changed, WouldChange, Refused }

/// <param name="Part">waf, waf-association, guardduty, inspector.</param>
public sealed record ProtectResult(string Part, ProtectOutcome Outcome, string Resource, string Message);

/// <summary>What is to be protected, and how.</summary>
public sealed record ProtectRequest
{
    /// <summary>ARN; null: no web ACL.</summary>
    public string? LoadBalancer { get; init; }

    public required string Name { get; init; }

    /// <summary>Names of AWS's managed rule groups.</summary>
    public required IReadOnlyList<string> RuleGroups { get; init; }

    /// <summary>Count instead of block.</summary>
    public bool Count { get; init; }

    public bool GuardDuty { get; init; } = true;

    public bool Inspector { get; init; } = true;

    public bool DryRun { get; init; }

    /// <summary>A new web ACL takes a while until it can be associated.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(5);

    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(5);
}
