using SecOps.Configuration;
using SecOps.Findings;
using SecOps.Git;
using SecOps.GitHub;
using SecOps.Remediation;
using SecOps.Remediation.Bedrock;
using SecOps.Remediation.PullRequests;
using SecOps.Remediation.Verification;

namespace SecOps.Commands;

/// <summary>Proves each group of fixes by itself on the base, and brings it to GitHub.</summary>
internal sealed class RemediatePullRequests(Workspace workspace, RemediateOptions options, RemediateSection settings, GitHubAccess access, ScratchRepository scratch, BranchCheck check)
{
    public async Task<IReadOnlyList<FixOutcome>> RunAsync(string start, IReadOnlyList<FixOutcome> outcomes, IReadOnlyDictionary<string, Coverage> coverage, string? tests, decimal cost, string? audit, CancellationToken cancellation)
    {
        var groups = FixGroup.Of(outcomes);
        if (groups.Count == 0)
        {
            return outcomes;
        }

        if (access.StartsNoWorkflows)
        {
            workspace.Terminal.Error("pull requests opened with a workflow's GITHUB_TOKEN start no workflows, so their checks stay empty. Name a GitHub App (remediate.app) or another token (remediate.token: env:NAME).");
        }

        var token = await access.TokenAsync(workspace, cancellation);
        using var github = new GitHubClient(access.Api, token, workspace.Redactor, workspace.Clock);
        var target = settings.Base ?? await github.GetDefaultBranchAsync(access.Repository, cancellation);
        var publisher = new FixPullRequests(
            github, scratch, new PullRequestSettings(access.Repository, target, access.Remote, token, settings.MaxOpen, settings.Labels, settings.Reviewers, options.Reopen), workspace.Terminal.Progress);
        var versions = coverage.ToDictionary(c => c.Key, c => c.Value.Version);
        var result = outcomes.ToList();
        foreach (var group in groups)
        {
            var (head, offenders) = await check.RunAsync(start, group.Fixes, cancellation);
            foreach (var (fix, reason) in offenders)
            {
                Set(fix, f => f with { Outcome = FixOutcome.Rejected, Gate = "branch", Reason = reason });
            }

            var kept = group with { Fixes = [.. group.Fixes.Where(f => offenders.All(o => o.Fix != f))] };
            if (kept.Fixes.Count == 0)
            {
                continue;
            }

            var facts = new PullRequestFacts(versions, outcomes, tests, cost, audit, access.StartsNoWorkflows);
            var body = SecretPlaceholders.Mask(PullRequestText.Body(kept, head, facts), workspace.Redactor);
            var said = await publisher.PublishAsync(kept, head, PullRequestText.Title(kept), body, cancellation);
            workspace.Terminal.Say(Terminal.Clean($"{kept.Name}: {said}"));
            foreach (var fix in kept.Fixes)
            {
                Set(fix, f => f with { PullRequest = said });
            }
        }

        return result;

        void Set(FixOutcome fix, Func<FixOutcome, FixOutcome> change)
        {
            var index = result.FindIndex(o => o.Finding.Id == fix.Finding.Id);
            result[index] = change(result[index]);
        }
    }
}
