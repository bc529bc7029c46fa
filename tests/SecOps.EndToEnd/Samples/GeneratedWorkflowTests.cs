using System.Text.Json;
using SecOps.Testing;
using Shouldly;
using YamlDotNet.RepresentationModel;

namespace SecOps.EndToEnd.Samples;

/// <summary>The workflow that <c>secops init --workflow</c> writes does here what it does on GitHub: its steps are run, in order.</summary>
[Xunit.Collection("Docker Engine")]
public sealed class GeneratedWorkflowTests
{
    [NeedsFact(Tool.Variable, "bandit", "bash", "git", "SECOPS_TEST_GITHUB")]
    public async Task On_a_clean_project_every_step_succeeds()
    {
        using var project = await SampleFolder.CreateAsync("weather-app");
        var steps = await RunScanJobAsync(project);
        steps.Where(s => s.ExitCode is not null).ShouldAllBe(s => s.ExitCode == 0);
        steps.Select(s => s.Name).Where(n => n.StartsWith("secops ", StringComparison.Ordinal) && !n.StartsWith("secops tools", StringComparison.Ordinal))
            .ShouldBe(["secops scan .", "secops report --format html,sarif", "secops report --to github"], string.Join('\n', steps));
        File.Exists(project[".secops/reports/findings.sarif"]).ShouldBeTrue();
        File.Exists(project[".secops/reports/findings.html"]).ShouldBeTrue();
    }

    [NeedsFact(Tool.Variable, "bandit", "bash", "git", "SECOPS_TEST_GITHUB")]
    public async Task On_a_vulnerable_project_the_scan_fails_the_job_and_the_report_is_made_all_the_same()
    {
        using var project = await SampleFolder.CreateAsync("flask-app");
        var steps = await RunScanJobAsync(project);
        steps.Single(s => s.Name == "secops scan .").ExitCode.ShouldBe(1);
        steps.Single(s => s.Name == "secops report --to github").ExitCode.ShouldBe(0, string.Join('\n', steps));
        // Nothing is built, and what always runs is the next job's.
        var job = WorkflowSteps.Job(project[".github/workflows/secops.yml"], "deliver");
        var delivered = ((YamlSequenceNode)job["steps"]).Cast<YamlMappingNode>().Where(s => s.Children.ContainsKey("name"))
            .ToDictionary(s => s["name"].ToString(), s => s.Children.TryGetValue("if", out var condition) ? condition.ToString() : "");
        delivered["build"].ShouldBe("success() && needs.scan.result == 'success'");
        delivered["report"].ShouldBe("always()");
        JsonDocument.Parse(File.ReadAllText(project[".secops/findings.json"])).RootElement.GetProperty("summary").GetProperty("high").GetInt32().ShouldBeGreaterThan(0);
    }

    [NeedsFact(Tool.Variable, "bandit", "bash", "git", "SECOPS_TEST_GITHUB", "DOCKER_HOST", "SECOPS_TEST_REGISTRY")]
    public async Task What_the_first_job_has_judged_the_second_one_builds_pushes_and_gives_its_version_back()
    {
        using var remote = new TemporaryFolder();
        using var project = await SampleFolder.CreateAsync("weather-app", sample =>
        {
            File.WriteAllText(sample["Dockerfile"], "FROM scratch\nCOPY app.py /\n");
            File.WriteAllText(sample["secops.yml"], $$"""
                gate: {require: [bandit]}
                build:
                  image: {{Parts.Variable("SECOPS_TEST_REGISTRY")}}/e2e/workflow{{Guid.NewGuid():N}}
                  version: {commit: true, push: true}
                push:
                  requireGate: true
                  attest: {key: env:SECOPS_ATTEST_KEY}
                run:
                  stages:
                    - {name: scan, command: scan .}
                    - {name: build, command: build . --bump patch}
                    - {name: push, command: push}
                """);
        });
        await project.GitAsync("init", "--quiet", "--bare", remote.Path);
        await project.GitAsync("remote", "add", "origin", remote.Path);
        await RunScanJobAsync(project);
        // The artifact of the first job is all that the second one gets.
        (await Tool.RunAsync(project.Path, "push", "--generate-key", remote["key.pem"])).ExitCode.ShouldBe(0);
        var values = new Dictionary<string, string> { ["github.event_name"] = "push", ["secrets.SECOPS_ATTEST_KEY"] = Convert.ToBase64String(File.ReadAllBytes(remote["key.pem"])) };
        var steps = await WorkflowSteps.RunAsync(project, WorkflowSteps.Job(project[".github/workflows/secops.yml"], "deliver"), values, new() { ["DOCKER_HOST"] = Parts.Variable("DOCKER_HOST") });
        steps.Where(s => s.ExitCode is not null).ShouldAllBe(s => s.ExitCode == 0, string.Join('\n', steps));
        steps.Single(s => s.Name == "secops push").Output.ShouldContain("verdict PASSED attached");
        (await project.GitAsync("--git-dir", remote.Path, "show", "main:VERSION")).ShouldBe("1.0.1");
    }

    [NeedsFact(Tool.Variable, "bandit", "bash", "git", "SECOPS_TEST_GITHUB")]
    public async Task On_a_large_project_four_shards_merged_are_what_one_scan_finds()
    {
        // From so many files on the workflow splits the scan.
        using var project = await SampleFolder.CreateAsync("flask-app", sample =>
        {
            for (var i = 0; i < 5000; i++)
            {
                File.WriteAllText(sample[$"templates/{i}.txt"], "");
            }
        });
        var environment = await PrepareAsync(project);
        var workflow = project[".github/workflows/secops.yml"];
        for (var shard = 1; shard <= 4; shard++)
        {
            var steps = await WorkflowSteps.RunAsync(project, WorkflowSteps.Job(workflow, "scan"), new() { ["matrix.shard"] = $"{shard}" }, environment);
            steps.Where(s => s.ExitCode is not null).ShouldHaveSingleItem().ExitCode.ShouldBe(0, string.Join('\n', steps));
            // What the upload and the download of the artifacts do.
            Directory.CreateDirectory(project["shards"]);
            Directory.Move(project[".secops"], project[$"shards/secops-{shard}"]);
        }

        var merge = await WorkflowSteps.RunAsync(project, WorkflowSteps.Job(workflow, "merge"), new() { ["github.token"] = "a-token-of-the-tests" }, environment);
        merge.Single(s => s.Name == "secops report --to github").ExitCode.ShouldBe(0, string.Join('\n', merge));
        var merged = Ids(project[".secops/findings.json"]);
        (await Tool.RunAsync(project.Path, "scan", ".", "--output", project["whole"])).ExitCode.ShouldBe(1);
        merged.ShouldBe(Ids(project["whole/findings.json"]), ignoreOrder: true);
        merged.Count.ShouldBeGreaterThan(10);
    }

    private static List<string?> Ids(string file) =>
        [.. JsonDocument.Parse(File.ReadAllText(file)).RootElement.GetProperty("findings").EnumerateArray().Select(f => f.GetProperty("id").GetString())];

    private static async Task<IReadOnlyList<StepResult>> RunScanJobAsync(SampleFolder project)
    {
        var environment = await PrepareAsync(project);
        return await WorkflowSteps.RunAsync(project, WorkflowSteps.Job(project[".github/workflows/secops.yml"], "scan"), new() { ["github.token"] = "a-token-of-the-tests" }, environment);
    }

    /// <summary>Writes the workflow, commits it, and gives what a runner sets.</summary>
    private static async Task<Dictionary<string, string?>> PrepareAsync(SampleFolder project)
    {
        var init = await Tool.RunAsync(project.Path, "init", "--workflow");
        init.ExitCode.ShouldBe(0, init.Error);
        await project.GitAsync("add", "--all");
        await project.GitAsync("commit", "--quiet", "--message", "Scan every push");
        return new Dictionary<string, string?>
        {
            ["GITHUB_ACTIONS"] = "true",
            ["GITHUB_API_URL"] = Parts.Variable("SECOPS_TEST_GITHUB"),
            ["GITHUB_REPOSITORY"] = "example/app",
            ["GITHUB_SHA"] = await project.GitAsync("rev-parse", "HEAD"),
            ["GITHUB_REF"] = "refs/heads/main",
            ["GITHUB_STEP_SUMMARY"] = project[".git/summary.md"],
        };
    }
}
