using System.Globalization;
using SecOps.Configuration;
using SecOps.Findings;
using SecOps.Git;
using SecOps.Remediation;
using SecOps.Remediation.Verification;
using SecOps.Scanners;

namespace SecOps.Commands;

/// <summary>Copies the tree, scans it, mends and proves in the copy, and only then hands over what holds.</summary>
internal sealed class RemediateOperation(Workspace workspace, RemediateOptions options)
{
    private static readonly TimeSpan ScanLimit = TimeSpan.FromMinutes(30);

    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var path = workspace.FullPath(options.Path);
        if (!Directory.Exists(path))
        {
            throw SecOpsException.Usage($"{options.Path} is no folder. Name the folder of a project.");
        }

        if ((options.Apply ? 1 : 0) + (options.Patch is null ? 0 : 1) + (options.PullRequest ? 1 : 0) > 1)
        {
            throw SecOpsException.Usage("--apply, --patch and --pr exclude each other.");
        }

        if (options.VerifyAudit)
        {
            return RemediateAudit.Verify(workspace);
        }

        var (git, root) = workspace.RootOf(path);
        var configuration = workspace.Configuration(path);
        var settings = configuration.Remediate;
        workspace.OpenFolder();
        var writer = new WorkTreeWriter(root, Path.Combine(workspace.Folder, "remediate"));
        if (writer.Recover() is { Count: > 0 } recovered)
        {
            workspace.Terminal.Progress($"An earlier run was killed while it wrote; put back: {string.Join(", ", recovered)}");
        }

        var access = options.PullRequest && !options.DryRun ? await GitHubAccess.FindAsync(workspace, settings, root, cancellation) : null;
        var test = options.Test ?? settings.Test;
        var tests = test is null ? null : new TestRun(workspace.Processes, Words(test), settings.TestTimeout, workspace.Variable);
        var listed = await SourceFiles.ListAsync(git, root, path, cancellation);
        var started = workspace.Clock.GetUtcNow();
        var (commit, branch) = git is null ? (null, null) : await git.HeadAsync(cancellation);
        using var scratch = await ScratchAsync(git, root, commit, cancellation);
        var here = (await scratch.ListFilesAsync(cancellation)).ToHashSet(StringComparer.Ordinal);
        var files = listed.Where(here.Contains).ToList();

        var rescan = new Rescan(workspace.Processes, workspace.Redactor, workspace.Tools, ScannerList.Scanners, ScanLimit);
        var found = await rescan.AllAsync(scratch.Root, options.Path, files, scratch.Beside("raw"), honourSuppressions: false, cancellation);
        cancellation.ThrowIfCancellationRequested();
        RefuseFailed(rescan, files);
        var targets = await TargetsAsync(configuration, rescan, scratch, files, found, cancellation);
        var start = await scratch.HeadAsync(cancellation);
        await scratch.ResetAsync(start, cancellation);
        var testFolder = Path.GetRelativePath(root, path) is "." ? "" : Path.GetRelativePath(root, path);
        var scope = testFolder.Replace('\\', '/');
        var snapshot = options.DryRun ? RemediateSnapshot.None : await RemediateSnapshot.TakeAsync(workspace, options, settings, scratch, here, scope, commit, cancellation);
        var limit = options.Limit ?? settings.Limit ?? int.MaxValue;
        using var engines = RemediateEngines.Create(workspace, options, settings);
        var run = new RunInfo
        {
            Id = Guid.NewGuid().ToString("N"),
            StartedAt = started,
            FinishedAt = workspace.Clock.GetUtcNow(),
            Commit = commit,
            Branch = branch,
            SecopsVersion = Product.Version,
        };
        var results = new RemediateResults(workspace, configuration, rescan, found);
        if (options.DryRun)
        {
            var tried = await RemediateDryRun.RunAsync(engines, scratch, [.. targets.Take(limit)], scope, cancellation);
            results.Write(tried.Outcomes, run, new RemediateFacts { WouldSend = tried.WouldSend });
            return ExitCode.Clean;
        }

        var verifier = new FixVerifier(workspace.Processes, scratch, rescan, tests, testFolder, workspace.Variable);
        var remediator = new Remediator(scratch, verifier, rescan, engines.Engines, scope, snapshot.Drifted, workspace.Terminal.Progress);
        var outcomes = await remediator.RunAsync(found, targets, limit, cancellation);
        var check = new BranchCheck(scratch, verifier, rescan, found, files);
        var (head, final) = await WholeAsync(check, start, outcomes, cancellation);

        if (options.PullRequest)
        {
            var requests = new RemediatePullRequests(workspace, options, settings, access!, scratch, check);
            final = await requests.RunAsync(start, final, rescan.Coverage, verifier.TestConditions, engines.Spent, engines.AuditHead, cancellation);
        }
        else if (options.Patch is { } patch)
        {
            final = await new RemediatePatch(workspace, scratch, check).WriteAsync(workspace.FullPath(patch), start, head, final, cancellation);
        }
        else if (options.Apply)
        {
            final = await ApplyAsync(writer, scratch, start, head, final, cancellation);
        }

        results.Write(final, run with { FinishedAt = workspace.Clock.GetUtcNow() }, new RemediateFacts { Cost = engines.Spent, Audit = engines.AuditHead, Snapshot = snapshot.Uri });
        return ExitCode.Clean;
    }

    private static IReadOnlyList<string> Words(string command)
    {
        try
        {
            return CommandLine.Split(command) is { Count: > 0 } words ? words : throw SecOpsException.Usage("--test needs a command, e.g. --test \"python3 -m unittest\".");
        }
        catch (FormatException e)
        {
            throw SecOpsException.Usage($"--test {command}: {e.Message}.");
        }
    }

    /// <summary>A pull request stands on what is committed; everything else on the work tree as it is.</summary>
    private async Task<ScratchRepository> ScratchAsync(GitRepository? git, string root, string? commit, CancellationToken cancellation)
    {
        if (options.PullRequest)
        {
            if (git is not null && await git.HasChangesAsync(cancellation))
            {
                workspace.Terminal.Progress("what is not committed is no part of the pull requests");
            }

            return git is not null && commit is not null
                ? await ScratchRepository.CloneAsync(workspace.Processes, root, commit, cancellation)
                : throw SecOpsException.Usage($"{options.Path} is in no git repository with a commit, so there is nothing to make a pull request from. Use --apply or --patch.");
        }

        var files = await SourceFiles.ListAsync(git, root, root, cancellation);
        return await ScratchRepository.CopyAsync(workspace.Processes, root, files, cancellation);
    }

    /// <summary>What a scanner that failed might have found can't be told from what is fixed.</summary>
    private void RefuseFailed(Rescan rescan, IReadOnlyList<string> files)
    {
        if (rescan.Coverage.Count == 0 && rescan.Missing(files) is { Count: > 0 } missing)
        {
            throw SecOpsException.Incomplete($"no scanner that fits is installed, so nothing could be found or proven: {string.Join(", ", missing)}. Run \"secops tools install {missing[0]}\".");
        }

        if (rescan.Missing(files) is { Count: > 0 } others && rescan.Coverage.Count > 0)
        {
            workspace.Terminal.Progress($"not installed, so nothing of theirs is looked for or proven: {string.Join(", ", others)}");
        }

        foreach (var (scanner, unread) in rescan.Coverage.Values.SelectMany(c => c.Unread.Select(u => (c.Scanner, u))))
        {
            workspace.Terminal.Error(Terminal.Clean($"{scanner} could not read {unread.Path} ({unread.Reason}), so what is in it is not known."));
        }

        var failed = rescan.Coverage.Values.Where(c => c.Status != CoverageStatus.Completed && !c.NothingToScan).ToList();
        foreach (var coverage in failed)
        {
            workspace.Terminal.Error($"{coverage.Scanner} did not complete, so none of its findings can be proven fixed: {coverage.Message}");
        }

        if (failed.Count > 0 && failed.Count == rescan.Coverage.Count)
        {
            throw SecOpsException.Incomplete("no scanner completed, so no fix could be proven.");
        }
    }

    private async Task<IReadOnlyList<Finding>> TargetsAsync(
        SecOpsConfiguration configuration, Rescan rescan, ScratchRepository scratch, IReadOnlyList<string> files, IReadOnlyList<Finding> found, CancellationToken cancellation)
    {
        var tree = new SourceTree(scratch.Root, files);
        var wanted = found;
        if (files.Any(f => f.EndsWith(".py", StringComparison.Ordinal) && tree.Read(f) is { } text && text.Contains("nosec", StringComparison.Ordinal)))
        {
            // Somebody decided about those; a fix that adds a suppression is another matter.
            var honoured = await rescan.AllAsync(scratch.Root, options.Path, files, scratch.Beside("raw"), honourSuppressions: true, cancellation);
            var ids = honoured.Select(f => f.Id).ToHashSet(StringComparer.Ordinal);
            wanted = [.. found.Where(f => ids.Contains(f.Id))];
        }

        // What the last scan knows from elsewhere: reports that were imported, scanners that run on another machine.
        var known = wanted.Select(f => f.Id).ToHashSet(StringComparer.Ordinal);
        var others = Read()?.Findings.Where(f => f.State is FindingState.New or FindingState.Existing && !known.Contains(f.Id) && !f.Scanners.Any(s => rescan.CanRun(s.Name))) ?? [];
        var now = DateOnly.FromDateTime(workspace.Clock.GetUtcNow().UtcDateTime);
        var open = Waivers.Apply(configuration.Waivers, [.. wanted, .. others], now).Findings.Where(f => f.State != FindingState.Waived);
        if (options.Only.Count > 0)
        {
            open = open.Where(f => options.Only.Contains(f.Id) || options.Only.Contains(f.Rule.Id));
        }

        return [.. open.DistinctBy(f => f.Id).Order(FindingOrder.Instance)];
    }

    private FindingsDocument? Read() => File.Exists(workspace.FindingsFile) ? FindingsReader.Read(workspace.FindingsFile) : null;

    /// <summary>All fixes together, once more.</summary>
    private async Task<(string Head, IReadOnlyList<FixOutcome> Outcomes)> WholeAsync(BranchCheck check, string start, IReadOnlyList<FixOutcome> outcomes, CancellationToken cancellation)
    {
        var verified = outcomes.Where(o => o.IsVerified).ToList();
        if (verified.Count == 0)
        {
            return (start, outcomes);
        }

        workspace.Terminal.Progress(string.Create(CultureInfo.InvariantCulture, $"proving {verified.Count} fixes together"));
        var (head, offenders) = await check.RunAsync(start, verified, cancellation);
        return (head, [.. outcomes.Select(o => offenders.FirstOrDefault(f => f.Fix == o) is { Fix: not null } offender
            ? o with { Outcome = FixOutcome.Rejected, Gate = "branch", Reason = offender.Reason, Commit = null }
            : o)]);
    }

    /// <summary>Into the work tree: all of it, or nothing when a file changed meanwhile.</summary>
    private async Task<IReadOnlyList<FixOutcome>> ApplyAsync(WorkTreeWriter writer, ScratchRepository scratch, string start, string head, IReadOnlyList<FixOutcome> outcomes, CancellationToken cancellation)
    {
        if (head == start)
        {
            return outcomes;
        }

        var paths = outcomes.Where(o => o.IsVerified).SelectMany(o => o.Files).Distinct().Order(StringComparer.Ordinal).ToList();
        var after = new Dictionary<string, byte[]>();
        await scratch.ResetAsync(head, cancellation);
        foreach (var path in paths)
        {
            after[path] = await File.ReadAllBytesAsync(Path.Combine(scratch.Root, path), cancellation);
        }

        await scratch.ResetAsync(start, cancellation);
        var changes = paths.Select(p => (p, File.ReadAllBytes(Path.Combine(scratch.Root, p)), after[p])).Where(c => !c.Item2.AsSpan().SequenceEqual(c.Item3)).ToList();
        cancellation.ThrowIfCancellationRequested();
        var drifted = writer.Write(changes);
        if (drifted.Count == 0)
        {
            return outcomes;
        }

        workspace.Terminal.Error($"changed while the fixes were proven, so nothing was written: {string.Join(", ", drifted)}. Run it again.");
        return [.. outcomes.Select(o => o.IsVerified ? o with { Outcome = FixOutcome.Drift, Gate = "drift", Reason = "the file changed while the fixes were proven" } : o)];
    }
}
