using System.Text.Json;
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
        Configure("""
            run:
              stages:
                - {name: first, command: scan . --import bandit=clean.json}
                - {name: second, command: scan . --import bandit=later.json}
                - {name: third, command: report --format json}
            """);
        (await Tool.RunAsync(folder.Path, "run")).ExitCode.ShouldBe(2, "later.json is not there yet");
        folder.Write("later.json", File.ReadAllText(folder["clean.json"]));
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

    public void Dispose() => folder.Dispose();

    private static List<string?> Statuses(string json) =>
        [.. JsonDocument.Parse(json).RootElement.GetProperty("stages").EnumerateArray().Select(s => s.GetProperty("status").GetString())];

    private void Configure(string yaml)
    {
        folder.Write("secops.yml", yaml);
        folder.Write("clean.json", """{"errors": [], "metrics": {}, "results": []}""");
        folder.Write("weak.json", """{"errors": [], "metrics": {}, "results": [{"test_id": "B602", "filename": "a.py", "issue_severity": "HIGH", "line_number": 1, "code": "1 x\n"}]}""");
    }
}
