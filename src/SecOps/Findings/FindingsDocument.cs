using System.Collections.Concurrent;

namespace SecOps.Findings;

/// <summary>The content of <c>findings.json</c>: what one run, or several merged ones, found.</summary>
public sealed record FindingsDocument
{
    private (IReadOnlyList<Finding> Findings, Summary Summary)? counted;

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
            if (counted is not { } known || !ReferenceEquals(known.Findings, Findings))
            {
                counted = known = (Findings, Summary.Of(Findings));
            }

            return known.Summary;
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

/// <summary>
/// Counts of a document's findings. <see cref="Total"/> and the severities count what is there (new, existing, waived);
/// fixed and not rescanned ones are counted apart.
/// </summary>
public sealed record Summary
{
    public int Total { get; private set; }
    public int Critical { get; private set; }
    public int High { get; private set; }
    public int Medium { get; private set; }
    public int Low { get; private set; }
    public int Info { get; private set; }
    public int Unknown { get; private set; }
    public int New { get; private set; }
    public int Existing { get; private set; }
    public int Waived { get; private set; }
    public int Fixed { get; private set; }
    public int NotRescanned { get; private set; }

    /// <summary>New and existing ones with a proven fix.</summary>
    public int Mendable { get; private set; }

    /// <summary>Of many on all cores.</summary>
    public static Summary Of(IReadOnlyList<Finding> findings)
    {
        if (findings.Count < Identity.Many)
        {
            return Of(findings, 0, findings.Count);
        }

        var whole = new Summary();
        Parallel.ForEach(Partitioner.Create(0, findings.Count), range =>
        {
            var part = Of(findings, range.Item1, range.Item2);
            lock (whole)
            {
                whole.Add(part);
            }
        });
        return whole;
    }

    private static Summary Of(IReadOnlyList<Finding> findings, int from, int to)
    {
        var s = new Summary();
        for (var i = from; i < to; i++)
        {
            s.Count(findings[i]);
        }

        return s;
    }

    private void Add(Summary part)
    {
        Total += part.Total;
        Critical += part.Critical;
        High += part.High;
        Medium += part.Medium;
        Low += part.Low;
        Info += part.Info;
        Unknown += part.Unknown;
        New += part.New;
        Existing += part.Existing;
        Waived += part.Waived;
        Fixed += part.Fixed;
        NotRescanned += part.NotRescanned;
        Mendable += part.Mendable;
    }

    private void Count(Finding f)
    {
        switch (f.State)
        {
            case FindingState.Fixed: Fixed++; return;
            case FindingState.NotRescanned: NotRescanned++; return;
            case FindingState.New: New++; break;
            case FindingState.Existing: Existing++; break;
            case FindingState.Waived: Waived++; break;
        }

        Total++;
        Mendable += f.State != FindingState.Waived && f.Fix is { IsVerified: true } ? 1 : 0;
        switch (f.Severity)
        {
            case Severity.Critical: Critical++; break;
            case Severity.High: High++; break;
            case Severity.Medium: Medium++; break;
            case Severity.Low: Low++; break;
            case Severity.Info: Info++; break;
            default: Unknown++; break;
        }
    }
}
