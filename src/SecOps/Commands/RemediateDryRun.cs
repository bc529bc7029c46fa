using System.Globalization;
using SecOps.Findings;
using SecOps.Git;
using SecOps.Remediation;

namespace SecOps.Commands;

/// <summary>What a run would send to the model for its first attempts.</summary>
/// <param name="Cost">US dollars, at most.</param>
internal sealed record WouldSend(int Calls, int InputTokens, decimal Cost, IReadOnlyList<string> Files);

/// <summary>Says what the rules propose and what the model would be sent. Nothing is proven, written or sent.</summary>
internal static class RemediateDryRun
{
    public static async Task<(IReadOnlyList<FixOutcome> Outcomes, WouldSend WouldSend)> RunAsync(RemediateEngines engines, ScratchRepository scratch, IReadOnlyList<Finding> targets, string scope, CancellationToken cancellation)
    {
        var head = await scratch.HeadAsync(cancellation);
        var tree = new SourceTree(scratch.Root, await scratch.ListFilesAsync(cancellation), scope);
        var rules = engines.Engines.FirstOrDefault(e => !e.IsModel);
        var outcomes = new List<FixOutcome>();
        var (calls, tokens, cost) = (0, 0, 0m);
        var files = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var target in targets)
        {
            var request = new FixRequest(target, tree);
            var answer = rules is null ? new NoFix("built-in rules were not asked for (--engine)") : await rules.ProposeAsync(request, 1, null, cancellation);
            if (answer is Proposal proposal)
            {
                outcomes.Add(await ShowAsync(scratch, head, tree, target, proposal, cancellation));
                continue;
            }

            var reason = ((NoFix)answer).Reason;
            if (engines.Preview(request) is { } preview)
            {
                (calls, tokens, cost) = (calls + 1, tokens + preview.InputTokens, cost + preview.Cost);
                files.Add(preview.Path);
                reason = string.Create(CultureInfo.InvariantCulture, $"{preview.Path} would be sent to {engines.ModelName}: about {preview.InputTokens} tokens, at most {preview.Cost:0.0000} US dollars an attempt ({reason})");
            }

            outcomes.Add(new FixOutcome { Finding = target, Outcome = FixOutcome.Skipped, Gate = "no-fix", Reason = reason });
        }

        return (outcomes, new WouldSend(calls, tokens, cost, [.. files]));
    }

    private static async Task<FixOutcome> ShowAsync(ScratchRepository scratch, string head, SourceTree tree, Finding target, Proposal proposal, CancellationToken cancellation)
    {
        foreach (var change in proposal.Changes)
        {
            tree.Write(change.Path, change.After);
        }

        var diff = await scratch.DiffAsync(head, "--", cancellation);
        await scratch.ResetAsync(head, cancellation);
        return new FixOutcome
        {
            Finding = target,
            Outcome = FixOutcome.Proposed,
            Engine = "rules",
            Summary = proposal.Summary,
            Risk = proposal.Risk,
            Diff = diff,
            Changes = proposal.Changes,
            Files = [.. proposal.Changes.Select(c => c.Path)],
        };
    }
}
