using SecOps.Findings;
using SecOps.Testing;
using Shouldly;

namespace SecOps.Scanners.Bandit;

/// <summary>The real Bandit behind a script that keeps the arguments: what is split, cached and joined.</summary>
public sealed class BanditFilesTests : IDisposable
{
    private readonly StandIns tools = new();

    public BanditFilesTests()
    {
        if (Parts.TryExecutable("bandit") is { } bandit)
        {
            tools.Add("bandit", $"exec '{bandit}' \"$@\"");
        }

        tools.Write("a.py", "import subprocess\nsubprocess.call('ls', shell=True)\n");
        tools.Write("b.py", "eval(input())\n");
        tools.Write("c.py", "x = 1\n");
    }

    [NeedsFact("bandit")]
    public async Task A_second_scan_starts_nothing_and_finds_the_same()
    {
        var first = await ScanAsync();
        tools.ForgetArguments("bandit");
        var second = await ScanAsync();
        tools.WasStarted("bandit").ShouldBeFalse();
        Ids(second).ShouldBe(Ids(first));
        second.Coverage.Findings.ShouldBe(first.Coverage.Findings);
        first.Coverage.Findings.ShouldBe(4);
    }

    [NeedsFact("bandit")]
    public async Task Only_a_changed_file_is_scanned_again()
    {
        await ScanAsync();
        tools.ForgetArguments("bandit");
        tools.Write("c.py", "exec(input())\n");
        (await ScanAsync()).Coverage.Findings.ShouldBe(5);
        tools.ArgumentsOf("bandit").Split('\n').Where(a => a.EndsWith(".py", StringComparison.Ordinal)).ShouldBe(["c.py"]);
    }

    [NeedsFact("bandit")]
    public async Task A_damaged_entry_of_the_cache_is_a_miss()
    {
        var first = await ScanAsync();
        foreach (var entry in Directory.EnumerateFiles(tools.Cache, "*", SearchOption.AllDirectories))
        {
            var bytes = File.ReadAllBytes(entry);
            bytes[^1] ^= 1;
            File.WriteAllBytes(entry, bytes);
        }

        tools.ForgetArguments("bandit");
        Ids(await ScanAsync()).ShouldBe(Ids(first));
        tools.WasStarted("bandit").ShouldBeTrue();
    }

    [NeedsFact("bandit")]
    public async Task Another_configuration_is_another_result_and_files_it_leaves_out_are_named()
    {
        await ScanAsync();
        tools.Write("bandit.yaml", "exclude_dirs: ['b.py']\nskips: ['B404']\n");
        var outcome = await ScanAsync();
        outcome.Findings.ShouldNotContain(f => f.Rule.Id == "B404");
        outcome.Coverage.Message.ShouldNotBeNull().ShouldContain("left out by its own configuration: b.py");
    }

    [NeedsFact("bandit")]
    public async Task What_bandit_cannot_parse_is_unread_from_the_cache_too()
    {
        tools.Write("c.py", "def (:\n");
        await ScanAsync();
        (await ScanAsync()).Coverage.Unread.ShouldHaveSingleItem().Path.ShouldBe("c.py");
    }

    public void Dispose() => tools.Dispose();

    private Task<ScanOutcome> ScanAsync() => tools.RunAsync(new BanditScanner(), tools.Source("a.py", "b.py", "c.py"));

    private static IEnumerable<string> Ids(ScanOutcome outcome) => Identity.Assign(outcome.Findings).Select(f => f.Id);
}
