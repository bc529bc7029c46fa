using System.Text.Json;
using SecOps.Processes;
using SecOps.Testing;
using Shouldly;

namespace SecOps.EndToEnd;

/// <summary><c>secops run</c> with stages that leave a line each, so that what was done twice can be seen.</summary>
public sealed class RunTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [NeedsFact(Tool.Variable)]
    public async Task Stages_run_in_order_and_a_failing_one_stops_what_needs_it()
    {
        Configure("""
            run:
              stages:
                - {name: first, command: scan . --import bandit=clean.json}
                - {name: weak, command: scan . --import bandit=weak.json}
                - {name: after, command: report}
                - {name: apart, command: report --format json, needs: [first]}
            """);
        var result = await Tool.RunAsync(folder.Path, "run", "--json");
        result.ExitCode.ShouldBe(1, result.Error);
        Statuses(result.Output).ShouldBe(["done", "failed", "stopped", "done"]);
        result.Error.ShouldContain("failed: the gate failed");
    }

    [NeedsFact(Tool.Variable)]
    public async Task A_run_that_stopped_goes_on_where_it_stopped()
    {
        // Beside the project: a file that comes into it is a change, after which all is done anew.
        using var elsewhere = new TemporaryFolder();
        Configure($$"""
            run:
              stages:
                - {name: first, command: scan . --import bandit=clean.json}
                - {name: second, command: scan . --import bandit={{elsewhere["later.json"]}} }
                - {name: third, command: report --format json}
            """);
        (await Tool.RunAsync(folder.Path, "run")).ExitCode.ShouldBe(2, "later.json is not there yet");
        elsewhere.Write("later.json", File.ReadAllText(folder["clean.json"]));
        var again = await Tool.RunAsync(folder.Path, "run");
        again.ExitCode.ShouldBe(0, again.Error);
        again.Error.ShouldContain("1 of 3 stages are done");
        again.Error.ShouldNotContain("first: secops");
        var anew = await Tool.RunAsync(folder.Path, "run");
        anew.Error.ShouldContain("first: secops");
    }

    [NeedsFact(Tool.Variable)]
    public async Task From_and_until_choose_and_a_dry_run_does_nothing()
    {
        Configure("""
            run:
              stages:
                - {name: first, command: scan . --import bandit=clean.json}
                - {name: second, command: report --format json}
                - {name: third, command: report}
            """);
        var dry = await Tool.RunAsync(folder.Path, "run", "--dry-run");
        dry.ExitCode.ShouldBe(0, dry.Error);
        dry.Output.ShouldContain("second: secops report --format json (after first)");
        Directory.Exists(folder[".secops"]).ShouldBeFalse();
        (await Tool.RunAsync(folder.Path, "run", "--until", "first")).ExitCode.ShouldBe(0);
        Statuses(File.ReadAllText(folder[".secops/run.json"])).ShouldBe(["done", "leftOut", "leftOut"]);
        (await Tool.RunAsync(folder.Path, "run", "--from", "secnod")).Error.ShouldContain("Did you mean \"second\"?");
        (await Tool.RunAsync(folder.Path, "run", "--from", "third", "--until", "first")).ExitCode.ShouldBe(2);
    }

    [NeedsFact(Tool.Variable)]
    public async Task What_always_runs_runs_after_a_failure_and_what_follows_it_still_does_not()
    {
        Configure("""
            run:
              stages:
                - {name: scan, command: scan . --import bandit=weak.json}
                - {name: report, command: report --format json, always: true}
                - {name: push, command: report --format csv}
            """);
        var result = await Tool.RunAsync(folder.Path, "run", "--json");
        result.ExitCode.ShouldBe(1, result.Error);
        Statuses(result.Output).ShouldBe(["failed", "done", "stopped"]);
        var stages = JsonDocument.Parse(result.Output).RootElement.GetProperty("stages").EnumerateArray().ToList();
        stages[0].GetProperty("verdict").GetString().ShouldBe("the gate failed");
        stages[0].GetProperty("produced").EnumerateArray().Select(p => p.GetString()).ShouldBe(["findings.json", "gate.json"]);
        stages[1].GetProperty("produced").EnumerateArray().Select(p => p.GetString()).ShouldBe(["reports/findings.json"]);
        result.Error.ShouldContain("gate failed, 1 reason");

        // A scan that could not begin has no findings to report, and those of before are not this run's.
        folder.Write("secops.yml", File.ReadAllText(folder["secops.yml"]).Replace("weak.json", "nowhere.json", StringComparison.Ordinal));
        var broken = await Tool.RunAsync(folder.Path, "run", "--json");
        broken.ExitCode.ShouldBe(2, broken.Error);
        Statuses(broken.Output).ShouldBe(["failed", "stopped", "stopped"]);
    }

    [NeedsFact(Tool.Variable)]
    public async Task A_stage_may_have_a_folder_and_a_configuration_of_its_own()
    {
        folder.Write("strict.yml", "gate: {failOn: low}\n");
        Configure("""
            gate: {failOn: critical}
            run:
              stages:
                - {name: scan, command: scan . --import bandit=weak.json}
                - {name: strict, command: scan . --import bandit=weak.json --config strict.yml --output .strict}
            """);
        var result = await Tool.RunAsync(folder.Path, "run", "--json");
        Statuses(result.Output).ShouldBe(["done", "failed"]);
        File.ReadAllText(folder[".secops/gate.json"]).ShouldContain("\"passed\"");
        File.ReadAllText(folder[".strict/gate.json"]).ShouldContain("\"failed\"");
    }

    [NeedsFact(Tool.Variable, "git")]
    public async Task Changed_code_is_scanned_again_and_a_version_of_a_builds_own_is_no_change()
    {
        Configure("""
            run:
              stages:
                - {name: scan, command: scan . --import bandit=clean.json}
                - {name: broken, command: scan . --import bandit=nowhere.json}
            """);
        folder.Write("app.py", "print(1)\n");
        folder.Write("VERSION", "1.0.0\n");
        await CommitAsync("init", "--quiet");
        (await Tool.RunAsync(folder.Path, "run")).ExitCode.ShouldBe(2);
        (await Tool.RunAsync(folder.Path, "run")).Error.ShouldContain("1 of 2 stages are done");

        folder.Write("VERSION", "1.0.1\n");
        await CommitAsync("config", "user.name", "A");
        (await Tool.RunAsync(folder.Path, "run")).Error.ShouldContain("1 of 2 stages are done", customMessage: "the version alone is another");
        folder.Write("app.py", "print(2)\n");
        (await Tool.RunAsync(folder.Path, "run")).Error.ShouldNotContain("stages are done", customMessage: "not committed");
        await CommitAsync("config", "user.name", "A");
        (await Tool.RunAsync(folder.Path, "run")).Error.ShouldNotContain("stages are done", customMessage: "another commit");
    }

    [NeedsFact(Tool.Variable)]
    public async Task Two_runs_at_once_are_refused_and_a_stage_ends_with_a_run_that_is_killed()
    {
        Configure("run: {stages: [{name: scan, command: scan . --only bandit}]}");
        folder.Write("app.py", "print(1)\n");
        // A Bandit that leaves a mark and then hangs.
        var bandit = folder.Write("bin/bandit", $"#!/bin/sh\ncase $1 in --version) echo 'bandit 1.9.4';; *) echo $$ >{folder["pid"]}; exec sleep 300;; esac\n");
        File.SetUnixFileMode(bandit, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Dictionary<string, string?> Environment() => new() { ["PATH"] = folder["bin"] + ":" + Parts.SearchPath };
        using var run = Tool.Start(folder.Path, Environment(), "run");
        await UntilAsync(() => File.Exists(folder["pid"]) && File.ReadAllText(folder["pid"]).Length > 0);

        var second = await Tool.RunWithAsync(folder.Path, Environment(), "run");
        second.ExitCode.ShouldBe(4);
        second.Error.ShouldContain("another \"secops run\" is at work");

        run.Kill();
        var pid = File.ReadAllText(folder["pid"]).Trim();
        await UntilAsync(() => !Directory.Exists("/proc/" + pid));
        File.WriteAllText(bandit, "#!/bin/sh\ncase $1 in --version) echo 'bandit 1.9.4';; *) exit 2;; esac\n");
        (await Tool.RunWithAsync(folder.Path, Environment(), "run")).ExitCode.ShouldBe(3, "the next run goes on");
    }

    public void Dispose() => folder.Dispose();

    private static async Task UntilAsync(Func<bool> holds)
    {
        for (var i = 0; i < 300 && !holds(); i++)
        {
            await Task.Delay(100);
        }

        holds().ShouldBeTrue();
    }

    /// <summary>One git command, then everything is committed.</summary>
    private async Task CommitAsync(params string[] first)
    {
        foreach (var arguments in new[] { first, ["add", "--all", "--", ":!no-cache"], ["-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "--quiet", "--message", "work"] })
        {
            (await new ProcessRunner(new Redactor()).RunAsync(new ProcessCall(Parts.Executable("git"), arguments) { WorkingDirectory = folder.Path }, CancellationToken.None)).ExitCode.ShouldBe(0);
        }
    }

    private static List<string?> Statuses(string json) =>
        [.. JsonDocument.Parse(json).RootElement.GetProperty("stages").EnumerateArray().Select(s => s.GetProperty("status").GetString())];

    private void Configure(string yaml)
    {
        folder.Write("secops.yml", yaml);
        folder.Write("clean.json", """{"errors": [], "metrics": {}, "results": []}""");
        folder.Write("weak.json", """{"errors": [], "metrics": {}, "results": [{"test_id": "B602", "filename": "a.py", "issue_severity": "HIGH", "line_number": 1, "code": "1 x\n"}]}""");
    }
}
