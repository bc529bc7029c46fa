using System.Runtime.InteropServices;
using System.Text.Json;
using SecOps.Processes;
using SecOps.Testing;
using Shouldly;

namespace SecOps.EndToEnd;

/// <summary>The main job: real Bandit on real files, through the packed tool.</summary>
public sealed class ScanTests : IDisposable
{
    private const string Weak = "import subprocess\nsubprocess.call(input(), shell=True)\n";

    private readonly TemporaryFolder folder = new();

    [NeedsFact(Tool.Variable, "bandit")]
    public async Task The_sample_has_its_known_weaknesses_and_the_gate_goes_by_severity()
    {
        CopySample();
        var failed = await Tool.RunAsync(folder.Path, "scan", ".", "--only", "bandit", "--fail-on", "high");
        failed.ExitCode.ShouldBe(1, failed.Error);
        failed.Output.ShouldContain("gate failed");
        var rules = Findings().Select(f => f.GetProperty("rule").GetProperty("id").GetString()).ToList();
        foreach (var rule in new[] { "B104", "B105", "B201", "B324", "B506", "B602", "B608" })
        {
            rules.ShouldContain(rule);
        }

        (await Tool.RunAsync(folder.Path, "scan", ".", "--only", "bandit", "--fail-on", "critical")).ExitCode.ShouldBe(0);
    }

    [NeedsFact(Tool.Variable, "bandit")]
    public async Task Forty_blank_lines_on_top_change_no_id()
    {
        CopySample();
        await Tool.RunAsync(folder.Path, "scan", ".", "--only", "bandit");
        var before = Ids();
        foreach (var file in Directory.GetFiles(folder.Path, "*.py"))
        {
            File.WriteAllText(file, new string('\n', 40) + File.ReadAllText(file));
        }

        await Tool.RunAsync(folder.Path, "scan", ".", "--only", "bandit");
        before.ShouldNotBeEmpty();
        Ids().ShouldBe(before, ignoreOrder: true);
    }

    [NeedsFact(Tool.Variable, "bandit")]
    public async Task Importing_the_report_of_a_scan_gives_the_same_ids_also_without_the_source()
    {
        CopySample();
        await Tool.RunAsync(folder.Path, "scan", ".", "--only", "bandit");
        var scanned = Ids();
        using var elsewhere = new TemporaryFolder();
        var imported = await Tool.RunAsync(elsewhere.Path, "scan", ".", "--import", "bandit=" + folder[".secops/raw/bandit.json"], "--output", folder.Path);
        imported.ExitCode.ShouldBe(1, imported.Error);
        Ids("findings.json").ShouldBe(scanned, ignoreOrder: true);
    }

    [NeedsFact(Tool.Variable)]
    public async Task A_required_scanner_that_is_absent_makes_the_run_incomplete()
    {
        folder.Write("app.py", Weak);
        var result = await Tool.RunWithAsync(folder.Path, new() { ["PATH"] = "/nowhere" }, "scan", ".", "--only", "bandit");
        result.ExitCode.ShouldBe(3);
        result.Output.ShouldContain("secops tools install bandit");
        Status().ShouldBe("missing");
    }

    [NeedsFact(Tool.Variable)]
    public async Task A_run_in_which_no_scanner_completed_is_never_clean()
    {
        folder.Write("app.py", Weak);
        (await Tool.RunWithAsync(folder.Path, new() { ["PATH"] = "/nowhere" }, "scan", ".")).ExitCode.ShouldBe(3);
    }

    [NeedsFact(Tool.Variable, "bandit")]
    public async Task A_folder_without_python_is_clean_and_complete_and_says_so()
    {
        folder.Write("readme.txt", "nothing here");
        var result = await Tool.RunAsync(folder.Path, "scan", ".", "--only", "bandit");
        result.ExitCode.ShouldBe(0, result.Error);
        result.Output.ShouldContain("nothing for it to scan");
    }

    [NeedsFact(Tool.Variable, "bandit")]
    public async Task A_file_that_bandit_cannot_parse_is_named_and_makes_the_run_incomplete()
    {
        folder.Write("fine.py", "print('hello')\n");
        folder.Write("broken.py", "def f(:\n");
        var result = await Tool.RunAsync(folder.Path, "scan", ".", "--only", "bandit");
        result.ExitCode.ShouldBe(3);
        result.Output.ShouldContain("could not read broken.py: syntax error");
    }

    [NeedsFact(Tool.Variable, "bandit")]
    public async Task A_failed_gate_wins_over_an_incomplete_run()
    {
        folder.Write("weak.py", Weak);
        folder.Write("broken.py", "def f(:\n");
        var result = await Tool.RunAsync(folder.Path, "scan", ".", "--only", "bandit");
        result.ExitCode.ShouldBe(1, result.Error);
    }

    [NeedsFact(Tool.Variable, "bandit")]
    public async Task Paths_with_spaces_and_letters_of_any_script_are_scanned()
    {
        folder.Write("mein Ordner/naïve 漏洞.py", Weak);
        folder.Write("-rf.py", Weak);
        var result = await Tool.RunAsync(folder.Path, "scan", ".", "--only", "bandit");
        result.ExitCode.ShouldBe(1, result.Error);
        var paths = Findings().Select(f => f.GetProperty("location").GetProperty("path").GetString()).ToHashSet();
        paths.ShouldContain("mein Ordner/naïve 漏洞.py");
        paths.ShouldContain("-rf.py");
    }

    [NeedsFact(Tool.Variable, "bandit", "git")]
    public async Task Files_that_git_ignores_stay_out_and_paths_are_relative_to_the_repository()
    {
        await GitAsync("init", "-q");
        folder.Write(".gitignore", "generated/\n");
        folder.Write("generated/a.py", Weak);
        folder.Write("app/b.py", Weak);
        await Tool.RunAsync(folder.Path, "scan", "app", "--only", "bandit");
        Findings().Select(f => f.GetProperty("location").GetProperty("path").GetString()).Distinct().ShouldBe(["app/b.py"]);
        await Tool.RunAsync(folder.Path, "scan", "--only", "bandit");
        Findings().Select(f => f.GetProperty("location").GetProperty("path").GetString()).Distinct().ShouldBe(["app/b.py"]);
    }

    [NeedsFact(Tool.Variable)]
    public async Task A_typo_is_a_usage_error_with_the_word_that_was_meant()
    {
        var scanner = await Tool.RunAsync(folder.Path, "scan", "--only", "bandti");
        scanner.ExitCode.ShouldBe(2);
        scanner.Error.ShouldContain("Did you mean \"bandit\"?");
        (await Tool.RunAsync(folder.Path, "scan", "--fail-on", "hihg")).Error.ShouldContain("Did you mean \"high\"?");
        (await Tool.RunAsync(folder.Path, "scan", "nowhere")).ExitCode.ShouldBe(2);
        var command = await Tool.RunAsync(folder.Path, "scna");
        command.ExitCode.ShouldBe(2);
        command.Error.ShouldContain("Did you mean \"scan\"?");
        foreach (var (word, meant) in new[] { ("--onyl", "--only"), ("--ouptut", "--output"), ("--helpp", "--help") })
        {
            var option = await Tool.RunAsync(folder.Path, "scan", word, "bandit");
            option.ExitCode.ShouldBe(2);
            option.Error.ShouldContain($"Unrecognized option '{word}'. Did you mean \"{meant}\"?");
        }

        (await Tool.RunAsync(folder.Path, "scan", "--only", "bandit", "--skip", "bandit")).ExitCode.ShouldBe(2);
    }

    [NeedsFact(Tool.Variable, "bandit", "git")]
    public async Task A_dry_run_says_what_would_run_and_writes_nothing()
    {
        folder.Write("app.py", "eval(input())\n");
        folder.Write("notes.txt", "");
        var result = await Tool.RunAsync(folder.Path, "scan", "--dry-run", "--only", "bandit,zap", "--url", "http://localhost:9", ".", "--import", "sarif=none.sarif");
        result.ExitCode.ShouldBe(0);
        result.Output.ShouldContain("bandit: 1 of 2 files in . (with ");
        result.Output.ShouldContain("zap: http://localhost:9/ (");
        result.Output.ShouldContain("sarif: reads none.sarif, which does not exist");
        Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName).ShouldBe(["app.py", "notes.txt"], ignoreOrder: true);

        // Before a commit there is no time for images.
        await GitAsync("init", "-q");
        await GitAsync("add", ".");
        var staged = await Tool.RunAsync(folder.Path, "scan", "--dry-run", "--staged");
        staged.Output.ShouldContain("bandit: 1 of 2 files in (staged changes) (with ");
        staged.Output.ShouldContain("trivy: (staged changes) (");
        staged.Output.ShouldNotContain("with the image");
    }

    [NeedsFact(Tool.Variable)]
    public async Task No_verdict_is_written_without_its_findings()
    {
        folder.Write("report.json", """{"SchemaVersion": 2, "ArtifactName": "a", "Results": []}""");
        folder.Write(".secops/findings.json/in.the.way", "a folder");
        var result = await Tool.RunAsync(folder.Path, "scan", ".", "--import", "trivy=report.json");
        result.ExitCode.ShouldBe(4);
        result.Error.ShouldContain("findings.json cannot be written: ");
        Directory.GetFiles(Path.Combine(folder.Path, ".secops")).Select(Path.GetFileName).ShouldBe([".gitignore"]);
    }

    [NeedsFact(Tool.Variable)]
    public async Task A_folder_of_results_that_takes_none_is_named()
    {
        folder.Write("app.py", "");
        foreach (var arguments in new[] { new[] { "scan" }, ["run", "--config", "none.yml"], ["remediate"] })
        {
            var result = await Tool.RunAsync(folder.Path, [.. arguments, "--output", "app.py"]);
            result.ExitCode.ShouldBeOneOf(2, 4);
            result.Error.ShouldContain(arguments is ["run", ..] ? "none.yml" : "app.py");
            result.Error.ShouldNotContain("bug");
        }
    }

    [NeedsFact(Tool.Variable, "bandit", "git")]
    public async Task Removed_files_and_links_out_of_the_tree_are_no_files_to_scan()
    {
        using var elsewhere = new TemporaryFolder();
        foreach (var git in new[] { false, true })
        {
            folder.Write("kept.py", Weak);
            folder.Write("removed.py", Weak);
            File.Delete(folder["link.py"]);
            File.CreateSymbolicLink(folder["link.py"], elsewhere.Write("private.py", "password = 'of somebody else'\n"));
            if (git)
            {
                await GitAsync("init", "-q");
                await GitAsync("add", ".");
            }

            File.Delete(folder["removed.py"]);
            var result = await Tool.RunAsync(folder.Path, "scan", "--only", "bandit", "--fail-on", "critical");
            result.ExitCode.ShouldBe(0, result.Output);
            Findings().Select(f => f.GetProperty("location").GetProperty("path").GetString()).Distinct().ShouldBe(["kept.py"]);
        }

        // Unless it is named.
        (await Tool.RunAsync(folder.Path, "scan", "link.py", "--only", "bandit")).Output.ShouldContain("link.py:1");
    }

    [NeedsFact(Tool.Variable, "git")]
    public async Task A_repository_of_another_user_is_told_as_git_tells_it()
    {
        folder.Write("app.py", "");
        await GitAsync("init", "-q");
        // As in a container whose user is not the one that checked out.
        var result = await Tool.RunWithAsync(folder.Path, new() { ["GIT_TEST_ASSUME_DIFFERENT_OWNER"] = "1" }, "scan");
        result.ExitCode.ShouldBe(4);
        result.Error.ShouldContain("dubious ownership");
        result.Error.ShouldContain("git config --global --add safe.directory");
    }

    [NeedsFact(Tool.Variable)]
    public async Task What_is_named_beside_an_imported_report_is_scanned_too()
    {
        folder.Write("bandit.json", """{"errors": [], "results": []}""");
        (await Tool.RunAsync(folder.Path, "scan", "--import", "bandit=bandit.json")).ExitCode.ShouldBe(0);
        var image = await Tool.RunAsync(folder.Path, "scan", "--import", "bandit=bandit.json", "--image", "example/none:1", "--offline");
        image.ExitCode.ShouldBe(3, image.Error);
        image.Output.ShouldContain("trivy");
    }

    [NeedsFact(Tool.Variable, "bandit")]
    public async Task A_broken_baseline_is_refused_before_anything_is_scanned()
    {
        folder.Write("app.py", "eval(input())\n");
        folder.Write("old.json", """{"schemaVersion": 1, "findings": [""");
        var result = await Tool.RunAsync(folder.Path, "scan", "--only", "bandit", "--baseline", "old.json");
        result.ExitCode.ShouldBe(4);
        result.Error.ShouldContain("old.json");
        result.Error.ShouldNotContain("bandit:");
    }

    [NeedsFact(Tool.Variable)]
    public async Task A_mistake_in_the_configuration_names_the_file_and_the_line()
    {
        folder.Write("secops.yml", "gate:\n  failon: high\n");
        var result = await Tool.RunAsync(folder.Path, "scan", ".");
        result.ExitCode.ShouldBe(2);
        result.Error.ShouldContain("secops.yml:2");
        result.Error.ShouldContain("Did you mean \"failOn\"?");
    }

    [NeedsFact(Tool.Variable)]
    public async Task A_report_that_cannot_be_read_is_refused_and_the_previous_result_stays()
    {
        folder.Write(".secops/findings.json", "previous");
        foreach (var (name, text) in new[] { ("empty.json", ""), ("cut.json", "{\"errors\": [], \"results\": [{\"test_id\": \"B1"), ("trivy.json", "{\"SchemaVersion\": 2, \"Results\": []}") })
        {
            folder.Write(name, text);
            var result = await Tool.RunAsync(folder.Path, "scan", ".", "--import", "bandit=" + name);
            result.ExitCode.ShouldBe(4, name);
            result.Error.ShouldContain(name);
        }

        (await Tool.RunAsync(folder.Path, "scan", ".", "--import", "bandit=none.json")).ExitCode.ShouldBe(2);
        File.ReadAllText(folder[".secops/findings.json"]).ShouldBe("previous");
    }

    [NeedsFact(Tool.Variable, "bandit")]
    public async Task With_json_standard_output_is_the_document_alone()
    {
        folder.Write("app.py", Weak);
        var result = await Tool.RunAsync(folder.Path, "scan", ".", "--only", "bandit", "--json");
        result.Output.ShouldBe(File.ReadAllText(folder[".secops/findings.json"]));
        (await Tool.RunAsync(folder.Path, "scan", ".", "--only", "bandit", "--quiet")).Output.ShouldBeEmpty();
    }

    [NeedsFact(Tool.Variable, "bandit")]
    public async Task A_secret_of_the_environment_is_in_no_output_file_or_log()
    {
        const string Secret = "hunter2-but-longer";
        folder.Write("app.py", $"password = '{Secret}'\nimport subprocess\nsubprocess.call('{Secret}', shell=True)\n");
        var result = await Tool.RunWithAsync(folder.Path, new() { ["APP_PASSWORD"] = Secret }, "scan", ".", "--only", "bandit", "--verbose", "--json");
        result.ExitCode.ShouldNotBe(70, result.Error);
        (result.Output + result.Error).ShouldNotContain(Secret);
        foreach (var file in Directory.GetFiles(folder[".secops"], "*", SearchOption.AllDirectories))
        {
            File.ReadAllText(file).ShouldNotContain(Secret, customMessage: file);
        }
    }

    [NeedsFact(Tool.Variable)]
    public async Task Interrupted_once_it_stops_its_scanner_keeps_what_is_complete_and_ends_with_130()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var (running, scanner) = await StartHangingScanAsync("exec sleep 600");
        Interrupt(folder.Path).ShouldBe(0);
        var result = await running;
        result.ExitCode.ShouldBe(130, result.Error);
        Status().ShouldBe("cancelled");
        Directory.Exists(scanner).ShouldBeFalse();
    }

    [NeedsFact(Tool.Variable)]
    public async Task Interrupted_twice_it_ends_at_once_with_all_its_processes()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var (running, scanner) = await StartHangingScanAsync("trap '' TERM INT; while :; do sleep 600; done");
        Interrupt(folder.Path).ShouldBe(0);
        // The second one must come while the first is being served: the scanner refuses SIGTERM for three seconds.
        await Task.Delay(500);
        _ = Interrupt(folder.Path);
        (await running).ExitCode.ShouldBe(130);
        Directory.Exists(scanner).ShouldBeFalse();
    }

    public void Dispose() => folder.Dispose();

    /// <summary>A scan whose scanner writes down its process id and then does what the script says.</summary>
    private async Task<(Task<ProcessResult> Running, string Scanner)> StartHangingScanAsync(string script)
    {
        folder.Write("app.py", Weak);
        var bandit = folder.Write("bin/bandit", $"#!/bin/sh\n[ \"$1\" = --version ] && {{ echo 'bandit 1.9.4'; exit; }}\necho $$ > \"$PIDFILE\"\n{script}\n");
        File.SetUnixFileMode(bandit, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var pidFile = folder["pid"];
        var environment = new Dictionary<string, string?> { ["PATH"] = folder["bin"] + ":/usr/bin:/bin", ["PIDFILE"] = pidFile, ["SECOPS_TEST_MARK"] = folder.Path };
        var running = Tool.RunWithAsync(folder.Path, environment, "scan", ".", "--only", "bandit");
        while (!File.Exists(pidFile) || new FileInfo(pidFile).Length == 0)
        {
            running.IsCompleted.ShouldBeFalse();
            await Task.Delay(50);
        }

        return (running, "/proc/" + File.ReadAllText(pidFile).Trim());
    }

    /// <summary>Sends SIGINT to the tool that runs in the folder.</summary>
    private static int Interrupt(string folder)
    {
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(p => int.TryParse(Path.GetFileName(p), out _)))
        {
            try
            {
                if (File.ReadAllText(process + "/environ").Contains("SECOPS_TEST_MARK=" + folder, StringComparison.Ordinal)
                    && File.ReadAllText(process + "/cmdline").Contains("secops", StringComparison.Ordinal))
                {
                    return Kill(int.Parse(Path.GetFileName(process), null), 2);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Ended, or another user's.
            }
        }

        return -1;
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int pid, int signal);

    private void CopySample()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(Parts.Repository, "samples", "flask-app"), "*.py"))
        {
            File.Copy(file, folder[Path.GetFileName(file)]);
        }
    }

    private async Task GitAsync(params string[] arguments) =>
        (await new ProcessRunner(new Redactor()).RunAsync(new ProcessCall(Parts.Executable("git"), arguments) { WorkingDirectory = folder.Path }, CancellationToken.None)).ExitCode.ShouldBe(0);

    private List<JsonElement> Findings(string file = ".secops/findings.json") => [.. Document(file).GetProperty("findings").EnumerateArray()];

    private List<string> Ids(string file = ".secops/findings.json") => [.. Findings(file).Select(f => f.GetProperty("id").GetString()!)];

    private string? Status() => Document(".secops/findings.json").GetProperty("coverage")[0].GetProperty("status").GetString();

    private JsonElement Document(string file) => JsonDocument.Parse(File.ReadAllText(folder[file])).RootElement;
}
