using System.Text.Json.Nodes;
using SecOps.Delivery.Push;

namespace SecOps.Delivery.Deploy;

/// <summary>What one deploy to ECS is asked to do.</summary>
public sealed record DeployRequest
{
    public required string Cluster { get; init; }

    public required string Service { get; init; }

    /// <summary>With a digest; null only for a rollback.</summary>
    public EcrImage? Image { get; init; }

    /// <summary>The container that gets the image; null: the one with the same repository, else the only one.</summary>
    public string? Container { get; init; }

    /// <summary>A task definition to use instead of the running one.</summary>
    public JsonObject? TaskDefinition { get; init; }

    /// <summary>How long the rollout may take before it is rolled back. A load balancer's draining alone takes 300 s by default.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>The pause between two looks at the service.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Do not watch the rollout.</summary>
    public bool NoWait { get; init; }
}

/// <summary>How a deploy ended.</summary>
public enum DeployOutcome { Deployed, Unchanged, Started, RolledBack, RollbackFailed }

/// <param name="Reasons">Why it failed, for a person; empty when it did not.</param>
public sealed record DeployResult(DeployOutcome Outcome, string TaskDefinition, string? Deployment, IReadOnlyList<string> Reasons)
{
    /// <summary>After a rollback never 0.</summary>
    public int ExitCode => Outcome is DeployOutcome.RolledBack or DeployOutcome.RollbackFailed ? SecOps.ExitCode.RolledBack : SecOps.ExitCode.Clean;
}

/// <summary>What would change, before anything does.</summary>
/// <param name="Definition">Ready to be registered.</param>
/// <param name="Changes">Lines for a person; empty when the running definition is the same.</param>
public sealed record DeployPlan(Aws.Ecs.Service Service, TaskDefinitionView Running, JsonObject Definition, string Container, IReadOnlyList<string> Changes)
{
    /// <summary>Tags of the registered task definition: the commit, the attestation.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    public TaskDefinitionView Wanted => new(Definition);
}
