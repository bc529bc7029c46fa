namespace SecOps.Findings;

/// <summary>The content of <c>findings.json</c>: what one run, or several merged ones, found.</summary>
public sealed record FindingsDocument
{
    private Tuple<IReadOnlyList<Finding>, Summary>? counted;

    /// <summary>The schema this program writes, and the newest that it reads.</summary>
    public const int CurrentSchema = 1;

    public int SchemaVersion { get; init; } = CurrentSchema;

    public required RunInfo Run { get; init; }

    public IReadOnlyList<Coverage> Coverage { get; init; } = [];

    /// <summary>Worst first; see <see cref="FindingOrder"/>.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    public GateResult? Gate { get; init; }

    /// <summary>Waivers that no longer hold or matched nothing; for people to clean up.</summary>
    public IReadOnlyList<string> WaiverNotes { get; init; } = [];

    /// <summary>Counted once.</summary>
    public Summary Summary
    {
        get
        {
            // A copy with other findings has taken this along.
            if (counted is not { } known || !ReferenceEquals(known.Item1, Findings))
            {
                counted = known = Tuple.Create(Findings, Summary.Of(Findings));
            }

            return known.Item2;
        }
    }
}

/// <summary>Which run wrote the document.</summary>
public sealed record RunInfo
{
    public required string Id { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset FinishedAt { get; init; }

    /// <summary>Full commit hash; null outside git.</summary>
    public string? Commit { get; init; }

    public string? Branch { get; init; }

    public required string SecopsVersion { get; init; }
}
