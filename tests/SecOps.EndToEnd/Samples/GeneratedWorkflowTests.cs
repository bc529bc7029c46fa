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

    private static async Task<IReadOnlyList<StepResult>> RunScanJobAsync(SampleFolder project)
    {
        var init = await Tool.RunAsync(project.Path, "init", "--workflow");
        init.ExitCode.ShouldBe(0, init.Error);
        await project.GitAsync("add", "--all");
        await project.GitAsync("commit", "--quiet", "--message", "Scan every push");
        var environment = new Dictionary<string, string?>
        {
            ["GITHUB_ACTIONS"] = "true",
            ["GITHUB_API_URL"] = Parts.Variable("SECOPS_TEST_GITHUB"),
            ["GITHUB_REPOSITORY"] = "example/app",
            ["GITHUB_SHA"] = await project.GitAsync("rev-parse", "HEAD"),
            ["GITHUB_REF"] = "refs/heads/main",
            ["GITHUB_STEP_SUMMARY"] = project[".secops-summary.md"],
        };
        return await WorkflowSteps.RunAsync(project, WorkflowSteps.Job(project[".github/workflows/secops.yml"], "scan"), new() { ["github.token"] = "a-token-of-the-tests" }, environment);
    }
}
