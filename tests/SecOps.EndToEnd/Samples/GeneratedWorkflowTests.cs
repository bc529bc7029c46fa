using System.Text.Json;
using SecOps.Testing;
using Shouldly;

namespace SecOps.EndToEnd.Samples;

/// <summary>The workflow that <c>secops init --workflow</c> writes does here what it does on GitHub: its steps are run, in order.</summary>
public sealed class GeneratedWorkflowTests
{
    [NeedsFact(Tool.Variable, "bandit", "bash", "git", "SECOPS_TEST_GITHUB")]
    public async Task On_a_clean_project_every_step_succeeds()
    {
        using var project = await SampleFolder.CreateAsync("weather-app");
        var steps = await RunScanJobAsync(project);
        steps.Where(s => s.ExitCode is not null).ShouldAllBe(s => s.ExitCode == 0);
        steps.Count(s => s.ExitCode == 0).ShouldBe(2, string.Join('\n', steps));
        File.Exists(project[".secops/reports/findings.sarif"]).ShouldBeTrue();
        File.Exists(project[".secops/reports/findings.html"]).ShouldBeTrue();
    }

    [NeedsFact(Tool.Variable, "bandit", "bash", "git", "SECOPS_TEST_GITHUB")]
    public async Task On_a_vulnerable_project_the_scan_fails_the_job_and_the_report_is_made_all_the_same()
    {
        using var project = await SampleFolder.CreateAsync("flask-app");
        var steps = await RunScanJobAsync(project);
        steps.Single(s => s.Name == "secops scan .").ExitCode.ShouldBe(1);
        File.Exists(project[".secops/reports/findings.sarif"]).ShouldBeTrue(string.Join('\n', steps));
        JsonDocument.Parse(File.ReadAllText(project[".secops/findings.json"])).RootElement.GetProperty("summary").GetProperty("high").GetInt32().ShouldBeGreaterThan(0);
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
        File.Exists(project[".secops/reports/findings.sarif"]).ShouldBeTrue(string.Join('\n', merge));
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
            ["GITHUB_STEP_SUMMARY"] = project[".secops-summary.md"],
        };
    }
}
