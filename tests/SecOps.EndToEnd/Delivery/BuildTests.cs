using SecOps.Testing;
using Shouldly;

namespace SecOps.EndToEnd.Delivery;

/// <summary><c>secops build</c> on a real Engine with BuildKit.</summary>
[Xunit.Collection("Docker Engine")]
public sealed class BuildTests : IDisposable
{
    private readonly Project project = new(Environment.GetEnvironmentVariable("SECOPS_TEST_REGISTRY") ?? "localhost");

    public void Dispose() => project.Dispose();

    [NeedsFact(Tool.Variable, "DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE", "SECOPS_TEST_REGISTRY", "git")]
    public async Task It_raises_the_version_builds_runs_tests_and_leaves_nothing_running()
    {
        await project.CommitAsync();

        var record = Project.Json(await project.SecOpsAsync("build", "--bump", "minor", "--json"));

        record.GetProperty("reference").GetString().ShouldBe(project.Image + ":1.1.0");
        record.GetProperty("version").GetString().ShouldBe("1.1.0");
        File.ReadAllText(project["VERSION"]).ShouldBe("1.1.0\n");
        File.ReadAllText(project[".secops/image.json"]).ShouldContain(record.GetProperty("imageId").GetString()!);
        var labels = (await Project.DockerAsync([], "inspect", "--format", "{{json .Config.Labels}}", project.Image + ":1.1.0")).Output;
        labels.ShouldContain("\"org.opencontainers.image.version\":\"1.1.0\"");
        labels.ShouldContain($"\"org.opencontainers.image.revision\":\"{record.GetProperty("revision").GetString()}\"");
        (await Project.LeftoversAsync()).ShouldBeEmpty();

        // The commit's time is the image's: nothing changed, so it is the same image.
        var again = Project.Json(await project.SecOpsAsync("build", "--json", "--no-test"));
        var third = Project.Json(await project.SecOpsAsync("build", "--json", "--no-test"));
        third.GetProperty("imageId").GetString().ShouldBe(again.GetProperty("imageId").GetString());
    }

    [NeedsFact(Tool.Variable, "DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE", "git")]
    public async Task A_failing_test_container_fails_the_build_and_the_version_stays()
    {
        project.Configure("", test: "import os,sys; print('token', os.environ['TOKEN']); sys.exit('the wheel came off')");
        await project.CommitAsync();

        var result = await project.SecOpsAsync("build", "--bump", "patch");

        result.ExitCode.ShouldBe(4);
        result.Error.ShouldContain("the integration tests failed with exit code 1");
        result.Error.ShouldContain("the wheel came off");
        (result.Error + result.Output).ShouldNotContain(Project.Secret);
        File.ReadAllText(project["VERSION"]).ShouldBe("1.0.0\n");
        (await Project.LeftoversAsync()).ShouldBeEmpty();
    }

    [NeedsFact(Tool.Variable, "DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE")]
    public async Task A_container_that_never_gets_healthy_shows_its_log()
    {
        project.Configure("", smoke: "url: /nothing, status: 200");
        project.Write("secops.yml", File.ReadAllText(project["secops.yml"]).Replace("20s", "3s", StringComparison.Ordinal));

        var result = await project.SecOpsAsync("build", "--quiet");

        result.ExitCode.ShouldBe(4);
        result.Error.ShouldContain("/nothing on port 8080 did not become healthy within 3.0 s (status 404)");
        result.Error.ShouldContain("asked for /nothing");
        (await Project.LeftoversAsync()).ShouldBeEmpty();
    }

    [NeedsFact(Tool.Variable, "DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE")]
    public async Task A_container_that_ends_too_early_says_so()
    {
        project.Write("app.py", "raise SystemExit('no database')");

        var result = await project.SecOpsAsync("build", "--quiet");

        result.ExitCode.ShouldBe(4);
        result.Error.ShouldContain("exit code 1 before /health answered");
        result.Error.ShouldContain("no database");
    }

    [NeedsFact(Tool.Variable, "DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE")]
    public async Task A_failing_step_is_shown_without_the_rest()
    {
        project.Write("Dockerfile", $"FROM {Parts.Variable("SECOPS_TEST_BASE_IMAGE")}\nRUN for i in $(seq 600); do echo noise $i; done; echo the reason; exit 3\n");

        var result = await project.SecOpsAsync("build", "--quiet");

        result.ExitCode.ShouldBe(4);
        result.Error.ShouldContain("the build failed at [2/2] RUN for i in");
        result.Error.ShouldContain("the reason");
        result.Error.Split('\n').Length.ShouldBeLessThan(20);
    }

    [NeedsFact(Tool.Variable, "DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE")]
    public async Task A_BuildKit_secret_reaches_its_step_and_nothing_else()
    {
        project.Write("Dockerfile", $"FROM {Parts.Variable("SECOPS_TEST_BASE_IMAGE")}\nRUN --mount=type=secret,id=key test \"$(cat /run/secrets/key)\" = {Project.Secret[..6]}\"{Project.Secret[6..]}\" && cat /run/secrets/key\n");

        var result = await project.SecOpsAsync("build", "--secret", "key=env:TEST_SECRET", "--no-test", "--no-cache");

        result.ExitCode.ShouldBe(0, result.Error);
        result.Error.ShouldContain("***");
        (result.Error + result.Output).ShouldNotContain(Project.Secret);
        (await project.SecOpsAsync("build", "--secret", "key=" + Project.Secret)).ShouldSatisfyAllConditions(r => r.ExitCode.ShouldBe(2), r => r.Error.ShouldNotContain(Project.Secret));
    }

    [NeedsFact(Tool.Variable, "DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE")]
    public async Task Ctrl_C_removes_what_was_started_and_a_killed_run_is_cleaned_up_by_the_next()
    {
        project.Configure("", test: "import time; time.sleep(600)");
        foreach (var signal in (string[])["-INT", "-KILL"])
        {
            using var running = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(Tool.Path, ["build", "--quiet"])
            {
                WorkingDirectory = project.Path, Environment = { ["TEST_SECRET"] = Project.Secret, ["PATH"] = Parts.SearchPath },
            })!;
            for (var i = 0; i < 600 && !(await Project.DockerAsync([], "ps", "--quiet", "--filter", "label=dev.secops.owner", "--filter", "name=-test")).Output.Contains('\n', StringComparison.Ordinal); i++)
            {
                await Task.Delay(100);
            }

            using (var kill = System.Diagnostics.Process.Start("kill", [signal, running.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            {
                await kill.WaitForExitAsync();
            }

            await running.WaitForExitAsync();
            if (signal == "-INT")
            {
                running.ExitCode.ShouldBe(130);
                (await Project.LeftoversAsync()).ShouldBeEmpty();
            }
        }

        (await Project.LeftoversAsync()).ShouldNotBeEmpty();
        project.Configure("");
        (await Project.DockerAsync([], "build", "--quiet", "--label", $"dev.secops.owner={Environment.MachineName}/999999999/1", "--tag", "secops-tests:left", project.Path)).ExitCode.ShouldBe(0);
        var next = await project.SecOpsAsync("build");
        (await Project.DockerAsync([], "images", "--quiet", "secops-tests:left")).Output.ShouldBeEmpty();
        next.ExitCode.ShouldBe(0, next.Error);
        next.Output.ShouldContain("an interrupted run had left");
        (await Project.LeftoversAsync()).ShouldBeEmpty();
    }

    [NeedsFact(Tool.Variable)]
    public async Task Without_an_Engine_it_says_how_to_get_one()
    {
        var result = await project.SecOpsAsync(new Dictionary<string, string?> { ["DOCKER_HOST"] = "unix://" + project["none.sock"] }, "build", "--tag", "x");

        result.ExitCode.ShouldBe(4);
        result.Error.ShouldContain("no such socket");
    }
}
