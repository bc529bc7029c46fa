namespace SecOps.Findings;

/// <summary>Makes one document of several: of shards, of stages, of scanners that ran on different machines.</summary>
public static class Merge
{
    /// <summary>
    /// Any order, any grouping and any repetition gives the same document, to the byte. Waivers and the gate are decided anew, as of
    /// the last run's end.
    /// </summary>
    /// <param name="documents">At least one.</param>
    public static FindingsDocument Of(IReadOnlyList<FindingsDocument> documents, GatePolicy policy, IReadOnlyList<Waiver> waivers)
    {
        var run = Run(documents);
        var coverage = CoverageMerge.Of(documents);
        var today = DateOnly.FromDateTime(run.FinishedAt.UtcDateTime);
        var waived = Waivers.Apply(waivers, Union.Of(documents.Select(d => WithoutExpired(d.Findings, today)).Select(f => (f, Identity.AreVulnerabilities(f)))), today);
        return new FindingsDocument
        {
            Run = run,
            Coverage = coverage,
            Findings = waived.Findings,
            WaiverNotes = waived.Notes,
            Gate = Gate.Evaluate(policy, waived.Findings, coverage, run.FinishedAt, waived.Expired),
        };
    }

    /// <summary>A waiver that an older run recorded may have ended since.</summary>
    private static IReadOnlyList<Finding> WithoutExpired(IReadOnlyList<Finding> findings, DateOnly today) =>
        findings.Any(f => f.Waiver?.Expires < today) ? [.. findings.Select(f => f.Waiver?.Expires < today ? f.In(FindingState.New) : f)] : findings;

    /// <summary>From the first start to the last end, under all their ids; commit, branch and version are those of the run that ended last.</summary>
    private static RunInfo Run(IReadOnlyList<FindingsDocument> documents)
    {
        var last = documents.Select(d => d.Run)
            .OrderBy(r => r.FinishedAt)
            .ThenBy(r => r.Commit, StringComparer.Ordinal).ThenBy(r => r.Branch, StringComparer.Ordinal).ThenBy(r => r.SecopsVersion, StringComparer.Ordinal)
            .Last();
        return last with
        {
            Id = string.Join('+', documents.SelectMany(d => d.Run.Id.Split('+')).Distinct().Order(StringComparer.Ordinal)),
            StartedAt = documents.Min(d => d.Run.StartedAt),
        };
    }
}
