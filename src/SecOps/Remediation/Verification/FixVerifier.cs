using SecOps.Findings;
using SecOps.Git;
using SecOps.Processes;

namespace SecOps.Remediation.Verification;

/// <summary>Proves changes in a scratch repository: gates, syntax, the same scanner again, the project's tests.</summary>
/// <param name="testFolder">Where the tests run, relative to the root; empty for the root itself.</param>
internal sealed class FixVerifier(ProcessRunner processes, ScratchRepository scratch, Rescan rescan, TestRun? tests, string testFolder, Func<string, string?> variable)
{
    private TestResult? baseline;

    /// <summary>Null when there are no tests that can say anything.</summary>
    public string? TestConditions => tests is null ? null : tests.Conditions;

    public bool HasTests => tests is not null;

    /// <summary>Runs the tests as they are.</summary>
    /// <exception cref="SecOpsException">They fail and do not name which, so that nothing could be told later (exit code 4).</exception>
    public async Task TestBaselineAsync(CancellationToken cancellation)
    {
        if (tests is null)
        {
            return;
        }

        baseline = await tests.BaselineAsync(Path.Combine(scratch.Root, testFolder), scratch.Beside("home"), cancellation);
        if (!baseline.Passed && baseline.Failures.Count == 0)
        {
            throw SecOpsException.Tool($"the tests fail before any change, and do not name which: {LastLine(baseline.Text)} Mend them, or leave --test out.");
        }
    }

    /// <summary>Writes the proposal and proves it. The tree is left changed; the caller commits or resets.</summary>
    /// <param name="before">What the scanner found before, in the whole tree.</param>
    /// <returns>What the scanner finds in the whole tree now, and the successors that came.</returns>
    /// <exception cref="VerificationException">A gate refuses.</exception>
    public async Task<(IReadOnlyList<Finding> After, IReadOnlyList<Finding> Successors)> ProveAsync(
        Finding finding, Proposal proposal, SourceTree tree, IReadOnlyList<Finding> before, IReadOnlyList<string> successors, bool fromModel, CancellationToken cancellation)
    {
        Gates.Check(finding, proposal, tree, fromModel);
        foreach (var change in proposal.Changes)
        {
            tree.Write(change.Path, change.After);
            await CheckSyntaxAsync(change.Path, cancellation);
        }

        var scanner = finding.Scanners[0].Name;
        // Bandit judges each file by itself; others look at the tree as a whole.
        var paths = proposal.Changes.Select(c => c.Path).ToHashSet(StringComparer.Ordinal);
        var files = scanner == "bandit" ? [.. paths] : tree.Files;
        var seen = files.ToHashSet(StringComparer.Ordinal);
        var again = await rescan.AgainAsync(scanner, scratch.Root, files, scratch.Beside("raw"), cancellation);
        bool Seen(Finding f) => f.Scanners[0].Name == scanner && (scanner != "bandit" || seen.Contains(f.Location.Path ?? ""));
        var arrived = ScanComparison.Check(finding, [.. before.Where(Seen)], again, successors);
        await TestAsync(cancellation);
        return ([.. before.Where(f => !Seen(f)), .. again], arrived);
    }

    /// <summary>Runs the tests; those that failed before any change may go on failing.</summary>
    /// <exception cref="VerificationException">A test fails that passed before.</exception>
    public async Task TestAsync(CancellationToken cancellation)
    {
        if (tests is null || baseline is null)
        {
            return;
        }

        var result = await tests.RunAsync(Path.Combine(scratch.Root, testFolder), scratch.Beside("home"), cancellation);
        var broken = result.Failures.Except(baseline.Failures).ToList();
        if (broken.Count > 0 || (!result.Passed && (baseline.Passed || result.Failures.Count == 0)))
        {
            throw new VerificationException("tests", broken.Count > 0 ? $"these tests fail with it: {string.Join(", ", broken.Take(5))}" : $"the tests fail with it: {LastLine(result.Text)}");
        }
    }

    private async Task CheckSyntaxAsync(string path, CancellationToken cancellation)
    {
        var full = Path.Combine(scratch.Root, path);
        ProcessCall? call = null;
        if (path.EndsWith(".py", StringComparison.Ordinal))
        {
            // Compiles without running anything and without writing a cache.
            call = Call("python3", ["-I", "-c", "import sys; compile(open(sys.argv[1], 'rb').read(), sys.argv[1], 'exec')", full]);
        }
        else if (path.EndsWith(".tf", StringComparison.Ordinal))
        {
            call = Call("terraform", ["fmt", "-no-color", "-"]) is { } format ? format with { Input = await File.ReadAllTextAsync(full, cancellation) } : null;
        }

        if (call is not null && await processes.RunAsync(call, cancellation) is { ExitCode: not 0 } result)
        {
            throw new VerificationException("syntax", $"{path}: {result.LastLine()}");
        }
    }

    private ProcessCall? Call(string tool, IReadOnlyList<string> arguments) =>
        ExecutableFinder.Find(tool, variable("PATH")) is { } executable ? new ProcessCall(executable, arguments) { Timeout = TimeSpan.FromSeconds(60) } : null;

    private static string LastLine(string text) => text.Split('\n').Select(l => l.Trim()).LastOrDefault(l => l.Length > 0) ?? "they print nothing.";
}
