namespace SecOps.Findings;

/// <summary>Accepts a risk for a time. Every matcher that is given must match.</summary>
public sealed record Waiver
{
    public string? Id { get; init; }

    public string? Rule { get; init; }

    /// <summary>A path, or a glob with <c>*</c> and <c>**</c>.</summary>
    public string? Path { get; init; }

    /// <summary>A package's name, or its package URL without version.</summary>
    public string? Package { get; init; }

    public string? Advisory { get; init; }

    public required string Reason { get; init; }

    public required string Owner { get; init; }

    /// <summary>The last day on which it holds, UTC.</summary>
    public required DateOnly Expires { get; init; }

    /// <summary>Where it is written: file and line, for messages.</summary>
    public string Place { get; init; } = "";
}
