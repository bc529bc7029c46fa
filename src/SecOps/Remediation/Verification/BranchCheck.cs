using SecOps.Findings;
using SecOps.Git;

namespace SecOps.Remediation.Verification;

/// <summary>Proves a row of commits as a whole, and takes out those that do not hold together with the rest.</summary>
internal sealed class BranchCheck(ScratchRepository scratch, FixVerifier verifier, Rescan rescan, IReadOnlyList<Finding> baseline, IReadOnlyList<string> scanned)
{
    /// <param name="start">The commit before all fixes.</param>
    /// <param name="fixes">Verified fixes with their commits, in order.</param>
    /// <returns>The branch's last commit, and the fixes that did not hold, each with the reason.</returns>
    public async Task<(string Head, IReadOnlyList<(FixOutcome Fix, string Reason)> Offenders)> RunAsync(string start, IReadOnlyList<FixOutcome> fixes, CancellationToken cancellation)
    {
        var offenders = new List<(FixOutcome, string)>();
        var commits = fixes.Select(f => f.Commit!).Distinct().ToList();
        var kept = new List<string>();
        await scratch.ResetAsync(start, cancellation);
        foreach (var commit in commits)
        {
            if (await scratch.CherryPickAsync(commit, cancellation))
            {
                kept.Add(commit);
            }
            else
            {
                Drop(commit, "it does not fit on the branch without another fix that was taken out");
            }
        }

        while (kept.Count > 0 && await ProblemAsync(cancellation) is not null)
        {
            // The shortest row that fails ends with the offender.
            int good = 0, bad = kept.Count;
            string? problem = null;
            while (bad - good > 1)
            {
                var middle = (good + bad) / 2;
                await PickAsync(start, kept.Take(middle), cancellation);
                if (await ProblemAsync(cancellation) is { } found)
                {
                    (bad, problem) = (middle, found);
                }
                else
                {
                    good = middle;
                }
            }

            Drop(kept[bad - 1], problem ?? "the branch as a whole fails with it");
            kept.RemoveAt(bad - 1);
            foreach (var commit in await PickAsync(start, kept, cancellation))
            {
                kept.Remove(commit);
                Drop(commit, "it does not fit on the branch without another fix that was taken out");
            }
        }

        return (await scratch.HeadAsync(cancellation), offenders);

        void Drop(string commit, string reason) => offenders.AddRange(fixes.Where(f => f.Commit == commit).Select(f => (f, reason)));
    }

    /// <returns>Those that did not fit.</returns>
    private async Task<List<string>> PickAsync(string start, IEnumerable<string> commits, CancellationToken cancellation)
    {
        await scratch.ResetAsync(start, cancellation);
        var refused = new List<string>();
        foreach (var commit in commits)
        {
            if (!await scratch.CherryPickAsync(commit, cancellation))
            {
                refused.Add(commit);
            }
        }

        return refused;
    }

    private async Task<string?> ProblemAsync(CancellationToken cancellation)
    {
        var head = await scratch.HeadAsync(cancellation);
        try
        {
            var files = await scratch.ListFilesAsync(cancellation);
            var wanted = scanned.Where(files.Contains).ToList();
            foreach (var scanner in baseline.Select(f => f.Scanners[0].Name).Distinct().Where(rescan.CanRun))
            {
                var known = baseline.Where(f => f.Scanners[0].Name == scanner).ToList();
                var again = await rescan.AgainAsync(scanner, scratch.Root, wanted, scratch.Beside("raw"), cancellation);
                var worse = ScanComparison.New(known, again).FirstOrDefault(f => !RuleList.IsSuccessor(f.Rule.Id));
                if (worse is not null)
                {
                    return $"the branch brings {worse.Rule.Id} to {worse.Location.Path}:{worse.Location.StartLine}";
                }
            }

            await verifier.TestAsync(cancellation);
            return null;
        }
        catch (VerificationException e)
        {
            return e.Message;
        }
        finally
        {
            await scratch.ResetAsync(head, CancellationToken.None);
        }
    }
}
