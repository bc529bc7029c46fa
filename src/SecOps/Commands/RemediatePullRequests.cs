using SecOps.Configuration;
using SecOps.Findings;
using SecOps.Git;
using SecOps.GitHub;
using SecOps.Processes;
using SecOps.Remediation;
using SecOps.Remediation.PullRequests;
using SecOps.Remediation.Verification;

namespace SecOps.Commands;

/// <summary>Proves each group of fixes by itself on the base, and brings it to GitHub.</summary>
internal sealed class RemediatePullRequests(Workspace workspace, RemediateOptions options, RemediateSection settings, string root, ScratchRepository scratch, BranchCheck check)
{
    public async Task<IReadOnlyList<FixOutcome>> RunAsync(string start, IReadOnlyList<FixOutcome> outcomes, IReadOnlyDictionary<string, Coverage> coverage, string? tests, decimal cost, CancellationToken cancellation)
    {
        var token = workspace.Variable(settings.Token) is { Length: > 0 } found ? found
            : throw SecOpsException.Usage($"{settings.Token} is not set. It holds the token that pull requests are opened with: a GitHub App's installation token, or a fine-grained one with contents and pull requests: write.");
        if (settings.Token == "GITHUB_TOKEN" && workspace.Variable("GITHUB_ACTIONS") == "true")
        {
            workspace.Terminal.Error("pull requests opened with GITHUB_TOKEN start no workflows, so their checks stay empty. Use a GitHub App's token: remediate.token: env:NAME.");
        }

        var remote = await RemoteAsync(cancellation);
        var repository = settings.Repository ?? workspace.Variable("GITHUB_REPOSITORY") ?? Repository(remote);
        using var github = new GitHubClient(GitHubContext.Address(workspace.Variable("GITHUB_API_URL")), token, workspace.Redactor, workspace.Clock);
        var target = settings.Base ?? await github.GetDefaultBranchAsync(repository, cancellation);
        var publisher = new FixPullRequests(
            github, scratch, new PullRequestSettings(repository, target, remote, token, settings.MaxOpen, settings.Labels, settings.Reviewers, options.Reopen), workspace.Terminal.Progress);
        var versions = coverage.ToDictionary(c => c.Key, c => c.Value.Version);
        var result = outcomes.ToList();
        foreach (var group in FixGroup.Of(outcomes))
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

            var body = workspace.Redactor.Redact(PullRequestText.Body(kept, head, versions, outcomes, tests, cost));
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

    private async Task<string> RemoteAsync(CancellationToken cancellation)
    {
        var result = await workspace.Processes.RunAsync(new ProcessCall("git", ["remote", "get-url", "--push", "origin"]) { WorkingDirectory = root }, cancellation);
        return result.ExitCode == 0 ? result.Output.Trim() : throw SecOpsException.Usage("the repository has no remote named origin to push branches to. Add one with: git remote add origin URL.");
    }

    private static string Repository(string remote)
    {
        var path = remote.EndsWith(".git", StringComparison.Ordinal) ? remote[..^4] : remote;
        return path.Split('/', ':') is [.., { Length: > 0 } owner, { Length: > 0 } name] ? $"{owner}/{name}"
            : throw SecOpsException.Usage("which repository on GitHub this is can't be told from the remote; set remediate.repository to OWNER/NAME.");
    }
}
