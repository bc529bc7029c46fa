using SecOps.Git;
using SecOps.Processes;
using SecOps.Remediation.Verification;
using SecOps.Scanners;
using SecOps.Testing;
using SecOps.Toolbox;

namespace SecOps.Remediation;

/// <summary>A remediation of a few files with real git and real Bandit, in a folder of the test's own.</summary>
internal static class TestRemediation
{
    public static readonly Redactor Redactor = new();

    /// <param name="only">Rule ids to mend; all when empty.</param>
    public static async Task<IReadOnlyList<FixOutcome>> RunAsync(TemporaryFolder folder, IReadOnlyList<IFixEngine> engines, string? test = null, params string[] only)
    {
        var processes = new ProcessRunner(Redactor);
        var files = Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder.Path, f)).Order(StringComparer.Ordinal).ToList();
        using var scratch = await ScratchRepository.CopyAsync(processes, folder.Path, files, CancellationToken.None);
        using var cache = new TemporaryFolder();
        var rescan = Rescan(processes, cache);
        var found = await rescan.AllAsync(scratch.Root, ".", files, scratch.Beside("raw"), false, CancellationToken.None);
        var tests = test is null ? null : new TestRun(processes, CommandLine.Split(test), TimeSpan.FromMinutes(1), Variable);
        var verifier = new FixVerifier(processes, scratch, rescan, tests, "", Variable);
        var start = await scratch.HeadAsync(CancellationToken.None);
        var outcomes = await new Remediator(scratch, verifier, rescan, engines, "", new HashSet<string>(), _ => { }).RunAsync(found, [.. found.Where(f => only.Length == 0 || only.Contains(f.Rule.Id))], 100, CancellationToken.None);
        var (_, offenders) = await new BranchCheck(scratch, verifier, rescan, found, files).RunAsync(start, [.. outcomes.Where(o => o.IsVerified)], CancellationToken.None);
        return [.. outcomes.Select(o => offenders.Any(f => f.Fix == o) ? o with { Outcome = FixOutcome.Rejected, Gate = "branch" } : o)];
    }

    public static Rescan Rescan(ProcessRunner processes, TemporaryFolder cache) => new(
        processes, Redactor, new ToolFinder(new ToolFolder(cache["tools"]), Parts.SearchPath, processes, new VersionCache(cache["versions"])), [(IScanner)ScannerList.Find("bandit")!], TimeSpan.FromMinutes(5));

    public static string? Variable(string name) => name == "PATH" ? Parts.SearchPath : null;
}
