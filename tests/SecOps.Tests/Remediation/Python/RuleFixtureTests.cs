using SecOps.Findings;
using SecOps.Processes;
using SecOps.Remediation.Verification;
using SecOps.Scanners;
using SecOps.Testing;
using SecOps.Toolbox;
using Shouldly;

namespace SecOps.Remediation.Python;

/// <summary>
/// Programs beside this file, named after the rule: RULE_what.py is mended into approved/RULE_what.py.txt, RULE_what.keep.py is left alone.
/// </summary>
public sealed class RuleFixtureTests
{
    private static readonly string Here = Path.Combine(Parts.Repository, "tests", "SecOps.Tests", "Remediation", "Python");

    [NeedsFact("bandit")]
    public async Task Each_program_is_mended_as_approved_and_Bandit_is_silent_afterwards()
    {
        using var folder = new TemporaryFolder();
        var programs = Programs(folder);
        var before = await ScanAsync(folder.Path, programs);
        var tree = new SourceTree(folder.Path, [.. programs, "requirements.txt"]);
        var accepting = Environment.GetEnvironmentVariable("SECOPS_ACCEPT") is "remediation";
        var wrong = new List<string>();
        var mended = new List<string>();
        foreach (var program in programs)
        {
            var rule = program.Split('_')[0];
            var target = before.FirstOrDefault(f => f.Location.Path == program && f.Rule.Id == rule);
            if (target is null)
            {
                wrong.Add($"{program}: Bandit does not report {rule}");
                continue;
            }

            var result = RuleList.Find(target) is { OnRequest: false } found ? found.Propose(new FixRequest(target, tree)) : new NoFix("no rule");
            if (program.EndsWith(".keep.py", StringComparison.Ordinal))
            {
                if (result is Proposal)
                {
                    wrong.Add($"{program}: must be left alone");
                }

                continue;
            }

            if (result is not Proposal proposal)
            {
                wrong.Add($"{program}: {((NoFix)result).Reason}");
                continue;
            }

            Gates.Check(target, proposal, tree, fromModel: false);
            var approved = Path.Combine(Here, "approved", program + ".txt");
            var text = proposal.Changes.Single(c => c.Path == program).After;
            tree.Write(program, text);
            mended.Add(program);
            if (accepting)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(approved)!);
                File.WriteAllText(approved, text);
            }
            else if (!File.Exists(approved) || File.ReadAllText(approved) != text)
            {
                wrong.Add($"{program}: not as approved (accept with SECOPS_ACCEPT=remediation)\n{text}");
            }
        }

        var after = await ScanAsync(folder.Path, programs);
        foreach (var program in mended)
        {
            var rule = program.Split('_')[0];
            var target = before.First(f => f.Location.Path == program && f.Rule.Id == rule);
            try
            {
                ScanComparison.Check(target, [.. before.Where(f => f.Location.Path == program)], [.. after.Where(f => f.Location.Path == program)], RuleList.Find(target)!.Successors);
            }
            catch (VerificationException e)
            {
                wrong.Add($"{program}: {e.Message}");
            }
        }

        wrong.ShouldBeEmpty();
        mended.Count.ShouldBeGreaterThan(60);
    }

    [NeedsFact("bandit")]
    public async Task Every_byte_that_a_fix_does_not_concern_survives()
    {
        using var folder = new TemporaryFolder();
        // Not among the fixtures, where git may change line ends.
        folder.Write("B113_crlf.py", "\uFEFFimport requests\r\n\r\n# Größe\r\nprint(requests.get('https://exämple.com'))  # é\r\n");
        var programs = Programs(folder).Where(p => !p.EndsWith(".keep.py", StringComparison.Ordinal)).ToList();
        var tree = new SourceTree(folder.Path, [.. programs, "requirements.txt"]);
        var findings = await ScanAsync(folder.Path, programs);
        foreach (var program in programs)
        {
            var target = findings.First(f => f.Location.Path == program && f.Rule.Id == program.Split('_')[0]);
            var change = ((Proposal)RuleList.Find(target)!.Propose(new FixRequest(target, tree))).Changes.Single(c => c.Path == program);
            var (removed, added) = LineDifference.Of(change.Before!, change.After);
            removed.Count.ShouldBeLessThanOrEqualTo(6, program);
            added.Count.ShouldBeLessThanOrEqualTo(8, program);
            // Line ends and the mark at the start stay what they were.
            change.After.Split('\n').Count(l => l.EndsWith('\r')).ShouldBe(change.Before!.Contains('\r', StringComparison.Ordinal) ? change.After.Count(c => c == '\n') : 0, program);
            change.After.StartsWith('\uFEFF').ShouldBe(change.Before.StartsWith('\uFEFF'), program);
        }
    }

    private static List<string> Programs(TemporaryFolder folder)
    {
        foreach (var file in Directory.GetFiles(Path.Combine(Here, "fixtures")))
        {
            File.Copy(file, folder[Path.GetFileName(file)]);
        }

        return [.. Directory.GetFiles(folder.Path, "*.py").Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];
    }

    private static async Task<IReadOnlyList<Finding>> ScanAsync(string root, IReadOnlyList<string> files)
    {
        using var raw = new TemporaryFolder();
        var redactor = new Redactor();
        var processes = new ProcessRunner(redactor);
        var tools = new ToolFinder(new ToolFolder(raw["tools"]), Parts.SearchPath, processes, new VersionCache(raw["cache"]));
        var rescan = new Rescan(processes, redactor, tools, [(IScanner)ScannerList.Find("bandit")!], TimeSpan.FromMinutes(5));
        return await rescan.AgainAsync("bandit", root, files, raw.Path, CancellationToken.None);
    }
}
