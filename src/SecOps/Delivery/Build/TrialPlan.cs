namespace SecOps.Delivery.Build;

/// <summary>How a built image is tried: run once, looked at, tested from a second container.</summary>
/// <param name="Image">Its id or name in the Engine.</param>
public sealed record TrialPlan(string Image)
{
    /// <summary>Another command than the image's own; empty: its own.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>The port in the container; null: none is needed.</summary>
    public int? Port { get; init; }

    /// <summary>The path that must answer; null: no health check.</summary>
    public string? HealthPath { get; init; }

    /// <summary>The wanted status; null: 200 to 399.</summary>
    public int? HealthStatus { get; init; }

    /// <summary>For an image that runs and ends; null: it is expected to stay up.</summary>
    public int? ExitCode { get; init; }

    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Null: no tests.</summary>
    public TestPlan? Test { get; init; }
}

/// <param name="Image">The one that holds the tests.</param>
public sealed record TestPlan(string Image)
{
    public IReadOnlyList<string> Command { get; init; } = [];

    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);
}
