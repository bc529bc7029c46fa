using SecOps.Findings;
using SecOps.Git;
using SecOps.Remediation.Verification;

namespace SecOps.Remediation;

/// <summary>Takes findings one after the other, asks the engines, proves what they propose, and keeps what holds as a commit each.</summary>
/// <param name="drifted">Files that are otherwise in the image that runs: a fix for them would be one for other code.</param>
internal sealed class Remediator(ScratchRepository scratch, FixVerifier verifier, Rescan rescan, IReadOnlyList<IFixEngine> engines, string scope, IReadOnlySet<string> drifted, Action<string> progress)
{
    private readonly List<FixOutcome> outcomes = [];
    private IReadOnlyList<Finding> current = [];
    private List<Finding> left = [];
    private Dictionary<string, Finding> tracked = new(StringComparer.Ordinal);

    /// <summary>Files that fixes changed, as they were at first.</summary>
    private readonly Dictionary<string, string> originals = new(StringComparer.Ordinal);

    /// <param name="found">Everything that the scanners found in the scratch tree.</param>
    /// <param name="targets">What to mend, in this order.</param>
    /// <param name="limit">How many findings may be worked on.</param>
    /// <returns>An outcome for each target.</returns>
    public async Task<IReadOnlyList<FixOutcome>> RunAsync(IReadOnlyList<Finding> found, IReadOnlyList<Finding> targets, int limit, CancellationToken cancellation)
    {
        current = found;
        left = [.. targets];
        tracked = targets.ToDictionary(t => t.Id, t => t, StringComparer.Ordinal);
        var start = await scratch.HeadAsync(cancellation);
        await verifier.TestBaselineAsync(cancellation);
        await scratch.ResetAsync(start, cancellation);
        var worked = 0;
        foreach (var target in targets)
        {
            cancellation.ThrowIfCancellationRequested();
            if (outcomes.Exists(o => o.Finding.Id == target.Id))
            {
                // Another fix took it along.
                continue;
            }

            var outcome = worked >= limit
                ? new FixOutcome { Finding = target, Outcome = FixOutcome.Skipped, Gate = "limit", Reason = $"--limit {limit} was reached" }
                : await MendAsync(target, cancellation);
            worked += outcome.Diff is not null ? 1 : 0;
            outcomes.Add(outcome);
            progress($"{target.Rule.Id} {target.Location.Path}:{target.Location.StartLine}: {outcome.Outcome}{(outcome.Reason is null ? "" : $" ({outcome.Reason})")}");
            if (outcome.IsVerified)
            {
                TakeAlong(outcome);
            }
        }

        return outcomes;
    }

    private async Task<FixOutcome> MendAsync(Finding target, CancellationToken cancellation)
    {
        var head = await scratch.HeadAsync(cancellation);
        if ((target.Location.Path ?? target.Location.Package?.Manifest) is { } path && drifted.Contains(path))
        {
            return Drift(new FixOutcome { Finding = target, Outcome = FixOutcome.Drift }, path);
        }

        FixOutcome? last = null;
        foreach (var engine in engines)
        {
            string? failure = null;
            for (var attempt = 1; attempt <= engine.Attempts; attempt++)
            {
                var tree = new SourceTree(scratch.Root, await scratch.ListFilesAsync(cancellation), scope);
                var request = new FixRequest(tracked[target.Id], tree);
                var answer = await engine.ProposeAsync(request, attempt, failure, cancellation);
                if (answer is not Proposal proposal)
                {
                    var reason = ((NoFix)answer).Reason;
                    // A refusal of an earlier engine says more than that this one has nothing to offer.
                    last = last is { Outcome: FixOutcome.Rejected } ? last : new FixOutcome { Finding = target, Outcome = FixOutcome.Skipped, Gate = "no-fix", Reason = reason, Engine = engine.Name };
                    failure = reason;
                    if (!engine.IsModel || ((NoFix)answer).IsFinal)
                    {
                        break;
                    }

                    continue;
                }

                last = await TryAsync(target, request, proposal, engine, head, cancellation);
                engine.Judged(request, attempt, last.Gate, last.Outcome);
                if (last.Outcome != FixOutcome.Rejected)
                {
                    return last;
                }

                failure = last.Reason;
            }
        }

        return last ?? new FixOutcome { Finding = target, Outcome = FixOutcome.Skipped, Gate = "no-fix", Reason = "no engine" };
    }

    private async Task<FixOutcome> TryAsync(Finding target, FixRequest request, Proposal proposal, IFixEngine engine, string head, CancellationToken cancellation)
    {
        var outcome = new FixOutcome
        {
            Finding = target,
            Outcome = FixOutcome.Rejected,
            Engine = engine.Name,
            Summary = proposal.Summary,
            Risk = proposal.Risk,
            Files = [.. proposal.Changes.Select(c => c.Path)],
            Changes = await ByItselfAsync(target, request, proposal, engine, cancellation),
        };
        if (outcome.Files.FirstOrDefault(drifted.Contains) is { } other)
        {
            return Drift(outcome, other);
        }

        try
        {
            var scanner = target.Scanners[0].Name;
            if (!rescan.CanRun(scanner) || !current.Any(f => f.Id == request.Finding.Id))
            {
                Gates.Check(request.Finding, proposal, request.Tree, engine.IsModel);
                foreach (var change in proposal.Changes)
                {
                    request.Tree.Write(change.Path, change.After);
                }

                return outcome with
                {
                    Outcome = FixOutcome.NotVerifiable,
                    Gate = "scan",
                    Reason = rescan.CanRun(scanner) ? $"{scanner} does not report it here" : $"{scanner} can't be run here to look again",
                    Diff = await scratch.DiffAsync(head, "--", cancellation),
                };
            }

            var (after, successors) = await verifier.ProveAsync(request.Finding, proposal, request.Tree, current, engine.Successors(request), engine.IsModel, cancellation);
            var commit = await scratch.CommitAsync(outcome.Files, $"{proposal.Summary} ({target.Rule.Id})\n\nFinding: {target.Id}\n", cancellation);
            tracked = ScanComparison.Track(tracked.Where(t => t.Key != target.Id), after);
            current = after;
            foreach (var change in proposal.Changes.Where(c => c.Before is not null))
            {
                originals.TryAdd(change.Path, change.Before!);
            }

            return outcome with
            {
                Outcome = verifier.HasTests ? FixOutcome.Verified : FixOutcome.ScannerVerified,
                Commit = commit,
                Diff = await scratch.DiffAsync(head, commit, cancellation),
                Successors = [.. successors.Select(s => $"{s.Rule.Id} {s.Location.Path}:{s.Location.StartLine}")],
            };
        }
        catch (VerificationException e)
        {
            return outcome with { Gate = e.Gate, Reason = e.Message, Diff = await scratch.DiffAsync(head, "--", cancellation) };
        }
        finally
        {
            await scratch.ResetAsync(await scratch.HeadAsync(CancellationToken.None), CancellationToken.None);
        }
    }

    private static FixOutcome Drift(FixOutcome outcome, string path) =>
        outcome with { Outcome = FixOutcome.Drift, Gate = "drift", Reason = $"{path} is not the same in the image: what runs was built from other code" };

    /// <summary>
    /// The change without the fixes before it, for viewers that offer one fix at a time. A rule is asked again; what a model wrote for
    /// a file that others changed already stays with them.
    /// </summary>
    private async Task<IReadOnlyList<FileChange>> ByItselfAsync(Finding target, FixRequest request, Proposal proposal, IFixEngine engine, CancellationToken cancellation)
    {
        if (!proposal.Changes.Any(c => originals.ContainsKey(c.Path)))
        {
            return proposal.Changes;
        }

        return !engine.IsModel && await engine.ProposeAsync(new FixRequest(target, request.Tree.With(originals)), 1, null, cancellation) is Proposal alone ? alone.Changes : [];
    }

    /// <summary>Findings that are gone with this fix, though it was made for another.</summary>
    private void TakeAlong(FixOutcome fix)
    {
        foreach (var finding in left.Where(t => !tracked.ContainsKey(t.Id)).ToList())
        {
            left.Remove(finding);
            if (finding.Id != fix.Finding.Id)
            {
                outcomes.RemoveAll(o => o.Finding.Id == finding.Id);
                outcomes.Add(fix with { Finding = finding, Successors = [] });
            }
        }
    }
}
