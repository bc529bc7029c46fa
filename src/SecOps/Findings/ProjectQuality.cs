using System.Globalization;

namespace SecOps.Findings;

/// <summary>What SonarQube says of a project as a whole, beside its single findings.</summary>
/// <param name="ProjectKey">The project's key on the server; null where a report names none, or several.</param>
public sealed record ProjectQuality(string? ProjectKey)
{
    /// <summary>The server's quality gate in its own word: OK, ERROR, WARN (before 7.6), NONE (no gate computed). Null: it was not asked.</summary>
    public string? Gate { get; init; }

    /// <summary>Those of the gate's conditions that are not met.</summary>
    public IReadOnlyList<QualityCondition> Failing { get; init; } = [];

    /// <summary>Open entries by the server's types.</summary>
    public int Bugs { get; init; }

    public int Vulnerabilities { get; init; }

    public int CodeSmells { get; init; }

    /// <summary>Security hotspots that nobody has reviewed.</summary>
    public int Hotspots { get; init; }

    /// <summary>The server says that the project is not good enough.</summary>
    public bool HasFailed => Gate is "ERROR";

    /// <summary>All of it, for comparing.</summary>
    internal string Text => string.Create(CultureInfo.InvariantCulture, $"{ProjectKey}\0{Gate}\0{Bugs}\0{Vulnerabilities}\0{CodeSmells}\0{Hotspots}\0{string.Join('\t', Failing)}");

    /// <summary>For a person: what the gate decided and why; null when it was not asked.</summary>
    public string? Sentence => Gate is null ? null
        : $"SonarQube's quality gate{(ProjectKey is null ? "" : " of " + ProjectKey)} is {Gate}{(Failing.Count == 0 ? "" : ": " + string.Join(", ", Failing.Select(c => c.Sentence)))}";
}

/// <summary>One condition of a quality gate that is not met. Values as the server writes them.</summary>
/// <param name="Comparator">LT or GT: how the value compares to the threshold.</param>
public sealed record QualityCondition(string Metric, string? Comparator, string? Threshold, string? Actual)
{
    public string Sentence => (Actual, Threshold) is ({ } actual, { } threshold)
        ? string.Create(CultureInfo.InvariantCulture, $"{Metric} {actual} is {(Comparator == "LT" ? "below" : "above")} {threshold}")
        : Metric;
}
