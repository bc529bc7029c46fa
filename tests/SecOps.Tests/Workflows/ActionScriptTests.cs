using SecOps.Processes;
using SecOps.Testing;
using Shouldly;

namespace SecOps.Workflows;

/// <summary>The script of <c>.github/actions/secops</c>, run by bash as the runner does, with a stand-in for secops that writes down its arguments.</summary>
public sealed class ActionScriptTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [NeedsFact("bash", "jq")]
    public async Task Words_of_one_line_and_lines_of_several_become_arguments_that_no_shell_reads()
    {
        await RunAsync(0, new() { ["INPUT_COMMAND"] = "scan", ["INPUT_ARGUMENTS"] = ".  --fail-on high $(touch${IFS}owned) `id` ; *" });
        Arguments().ShouldBe(["scan", ".", "--fail-on", "high", "$(touch${IFS}owned)", "`id`", ";", "*", "--output", ".secops"]);
        await RunAsync(0, new() { ["INPUT_COMMAND"] = "remediate", ["INPUT_ARGUMENTS"] = ".\n--test\npython3 -m unittest \"$(touch owned)\"\n" });
        Arguments().ShouldBe(["remediate", ".", "--test", "python3 -m unittest \"$(touch owned)\"", "--output", ".secops"]);
        File.Exists(folder["owned"]).ShouldBeFalse();
    }

    [NeedsFact("bash", "jq")]
    public async Task The_outputs_are_the_exit_code_its_word_the_files_and_the_counts()
    {
        folder.Write(".secops/findings.json", """{"summary": {"total": 3, "critical": 1, "high": 2}}""");
        folder.Write(".secops/image.json", """{"repository": "example/app", "digest": "sha256:1"}""");
        folder.Write(".secops/reports/findings.html", "");
        (await RunAsync(1, new() { ["INPUT_COMMAND"] = "scan" })).ExitCode.ShouldBe(1);
        var outputs = Outputs();
        outputs["exit-code"].ShouldBe("1");
        outputs["verdict"].ShouldBe("failed");
        (outputs["total"], outputs["critical"], outputs["high"]).ShouldBe(("3", "1", "2"));
        (outputs["image"], outputs["digest"]).ShouldBe(("example/app", "sha256:1"));
        outputs["findings"].ShouldEndWith("/.secops/findings.json");
        outputs["reports"].ShouldEndWith("/.secops/reports");
        File.ReadAllText(outputs["stdout"]).ShouldContain("printed by the stand-in");
    }

    [NeedsFact("bash", "jq")]
    public async Task Each_exit_code_has_its_word_and_only_verdicts_may_pass()
    {
        foreach (var (code, word) in new[] { (0, "passed"), (1, "failed"), (2, "usage-error"), (3, "incomplete"), (4, "tool-failed"), (5, "rolled-back"), (70, "bug"), (130, "cancelled") })
        {
            (await RunAsync(code, new() { ["INPUT_COMMAND"] = "deploy" })).ExitCode.ShouldBe(code);
            Outputs()["verdict"].ShouldBe(word);
            var asked = await RunAsync(code, new() { ["INPUT_COMMAND"] = "deploy", ["INPUT_FAIL_ON_VERDICT"] = "false" });
            asked.ExitCode.ShouldBe(code is 1 or 3 ? 0 : code);
        }
    }

    [NeedsFact("bash", "jq")]
    public async Task What_secops_prints_cannot_speak_to_the_runner()
    {
        var result = await RunAsync(0, new() { ["INPUT_COMMAND"] = "scan" });
        var lines = result.Output.Split('\n').ToList();
        var stop = lines.FindIndex(l => l.StartsWith("::stop-commands::", StringComparison.Ordinal));
        var spoken = lines.FindIndex(l => l == "::add-mask::everything");
        var start = lines.IndexOf($"::{lines[stop]["::stop-commands::".Length..]}::");
        stop.ShouldBeInRange(0, spoken);
        start.ShouldBeGreaterThan(spoken);
        lines[stop].Length.ShouldBeGreaterThan("::stop-commands::".Length + 30);
    }

    [NeedsFact("bash", "jq")]
    public async Task An_output_stays_one_line_also_when_a_file_holds_more()
    {
        folder.Write(".secops/image.json", """{"repository": "a\nverdict=passed", "digest": ""}""");
        await RunAsync(1, new() { ["INPUT_COMMAND"] = "build" });
        Outputs()["verdict"].ShouldBe("failed");
        Outputs()["image"].ShouldBe("averdict=passed");
    }

    [NeedsFact("bash", "jq")]
    public async Task Unknown_commands_and_versions_that_are_none_are_refused_before_anything_runs()
    {
        (await RunAsync(0, new() { ["INPUT_COMMAND"] = "scan; id" })).ExitCode.ShouldBe(2);
        (await RunAsync(0, new() { ["INPUT_COMMAND"] = "scan", ["INPUT_VERSION"] = "1.0.0 --source evil" })).ExitCode.ShouldBe(2);
        File.Exists(folder["arguments"]).ShouldBeFalse();
    }

    [NeedsFact("bash", "jq")]
    public async Task Scanners_are_installed_first_and_a_failure_there_ends_the_step()
    {
        await RunAsync(4, new() { ["INPUT_COMMAND"] = "scan", ["INPUT_TOOLS"] = "bandit trivy" });
        Arguments().ShouldBe(["tools", "install", "bandit", "trivy"]);
        Outputs()["verdict"].ShouldBe("tool-failed");
    }

    public void Dispose() => folder.Dispose();

    private async Task<ProcessResult> RunAsync(int code, Dictionary<string, string?> inputs)
    {
        var bin = folder["bin"];
        File.Delete(folder["arguments"]);
        var tool = folder.Write("bin/secops", "#!/bin/sh\nprintf '%s\\n' \"$@\" >\"$ARGUMENTS\"\necho 'printed by the stand-in'\necho '::add-mask::everything'\nexit \"$EXIT\"\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(tool, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        inputs["PATH"] = bin + Path.PathSeparator + Parts.SearchPath;
        inputs["ARGUMENTS"] = folder["arguments"];
        inputs["EXIT"] = code.ToString(null, null);
        inputs["GITHUB_OUTPUT"] = folder.Write("output", "");
        inputs["GITHUB_PATH"] = folder.Write("path", "");
        inputs["RUNNER_TEMP"] = folder.Path;
        var script = Path.Combine(Parts.Repository, ".github", "actions", "secops", "run.sh");
        return await new ProcessRunner(new Redactor()).RunAsync(
            new ProcessCall(Parts.Executable("bash"), [script]) { WorkingDirectory = folder.Path, Environment = inputs, Timeout = TimeSpan.FromSeconds(30) }, CancellationToken.None);
    }

    private string[] Arguments() => File.ReadAllLines(folder["arguments"]);

    private Dictionary<string, string> Outputs() => File.ReadAllLines(folder["output"]).Select(l => l.Split('=', 2)).ToDictionary(p => p[0], p => p[1]);
}
