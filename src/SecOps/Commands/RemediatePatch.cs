using System.Text.RegularExpressions;
using SecOps.Git;
using SecOps.Remediation;
using SecOps.Remediation.Bedrock;
using SecOps.Remediation.Verification;

namespace SecOps.Commands;

/// <summary>
/// Writes the proven fixes as a patch for <c>git apply</c>. A patch is mailed and pasted, so no secret may stand in it, neither in the lines that
/// it takes away nor in those around them.
/// </summary>
internal sealed partial class RemediatePatch(Workspace workspace, ScratchRepository scratch, BranchCheck check)
{
    private const string Reason = "proven, but left out of the patch: it would show a secret. Use --apply.";

    public async Task<IReadOnlyList<FixOutcome>> WriteAsync(string file, string start, string head, IReadOnlyList<FixOutcome> outcomes, CancellationToken cancellation)
    {
        var kept = outcomes.Where(o => o.IsVerified).ToList();
        // git apply takes less than three lines around a change too.
        var patch = await CleanAsync(start, head, 3, cancellation) ?? await CleanAsync(start, head, 1, cancellation);
        if (patch is null)
        {
            var shows = new HashSet<string>(StringComparer.Ordinal);
            foreach (var commit in kept.Select(o => o.Commit!).Distinct())
            {
                if (await CleanAsync(commit + "~1", commit, 1, cancellation) is null)
                {
                    shows.Add(commit);
                }
            }

            kept.RemoveAll(o => shows.Contains(o.Commit!));
            (head, var offenders) = await check.RunAsync(start, kept, cancellation);
            kept.RemoveAll(o => offenders.Any(f => f.Fix == o));
            patch = await CleanAsync(start, head, 1, cancellation)
                ?? throw SecOpsException.Tool("the patch would show a secret, however it is cut. Use --apply; nothing was written.");
        }

        AtomicFile.WriteText(file, patch);
        var left = outcomes.Where(o => o.IsVerified && !kept.Contains(o)).ToList();
        foreach (var outcome in left)
        {
            workspace.Terminal.Error($"{outcome.Finding.Rule.Id} {outcome.Finding.Location.Path}:{outcome.Finding.Location.StartLine}: {Reason}");
        }

        return [.. outcomes.Select(o => left.Contains(o) ? o with { Reason = Reason } : o)];
    }

    /// <summary>Null when a secret stands in it.</summary>
    private async Task<string?> CleanAsync(string from, string to, int context, CancellationToken cancellation)
    {
        // Behind a hunk's numbers git puts a line from further up, which nobody needs and which may be anything.
        var patch = HunkHeading().Replace(await scratch.DiffAsync(from, to, cancellation, context), "$1");
        return SecretPlaceholders.Mask(patch, workspace.Redactor) == patch ? patch : null;
    }

    [GeneratedRegex(@"^(@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@).*$", RegexOptions.Multiline)]
    private static partial Regex HunkHeading();
}
