using SecOps.Configuration;
using SecOps.Git;
using SecOps.Remediation;
using SecOps.Remediation.Verification;

namespace SecOps.Commands;

internal static class RemediatePullRequests
{
    public static Task<IReadOnlyList<FixOutcome>> RunAsync(
        Workspace workspace, RemediateOptions options, RemediateSection settings, GitRepository? git, ScratchRepository scratch, BranchCheck check, FixVerifier verifier, Rescan rescan,
        string start, IReadOnlyList<FixOutcome> outcomes, CancellationToken cancellation) => throw SecOpsException.Usage("--pr is not available.");
}
