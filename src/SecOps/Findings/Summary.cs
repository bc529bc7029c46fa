using System.Collections.Concurrent;

namespace SecOps.Findings;

/// <summary>
/// Counts of a document's findings. <see cref="Total"/> and the severities count what is there (new, existing, waived);
/// fixed and not rescanned ones are counted apart.
/// </summary>
public sealed class Summary
{
    private readonly int[] states = new int[Enum.GetValues<FindingState>().Length];
    private readonly int[] severities = new int[Enum.GetValues<Severity>().Length];

    private Summary()
    {
    }

    public int Total => New + Existing + Waived;
    public int Critical => severities[(int)Severity.Critical];
    public int High => severities[(int)Severity.High];
    public int Medium => severities[(int)Severity.Medium];
    public int Low => severities[(int)Severity.Low];
    public int Info => severities[(int)Severity.Info];
    public int Unknown => severities[(int)Severity.Unknown];
    public int New => states[(int)FindingState.New];
    public int Existing => states[(int)FindingState.Existing];
    public int Waived => states[(int)FindingState.Waived];
    public int Fixed => states[(int)FindingState.Fixed];
    public int NotRescanned => states[(int)FindingState.NotRescanned];

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

    private void Count(Finding f)
    {
        states[(int)f.State]++;
        if (f.State is FindingState.Fixed or FindingState.NotRescanned)
        {
            return;
        }

        severities[(int)f.Severity]++;
        if (f.State != FindingState.Waived && f.OwnFix is { IsVerified: true })
        {
            Mendable++;
        }
    }

    private void Add(Summary part)
    {
        for (var i = 0; i < states.Length; i++)
        {
            states[i] += part.states[i];
        }

        for (var i = 0; i < severities.Length; i++)
        {
            severities[i] += part.severities[i];
        }

        Mendable += part.Mendable;
    }
}
