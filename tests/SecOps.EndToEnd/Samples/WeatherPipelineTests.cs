using System.Text.Json;
using SecOps.Processes;
using SecOps.Testing;
using Shouldly;

namespace SecOps.EndToEnd.Samples;

/// <summary>samples/pipeline.sh weather-app: from the scan to the signed image, on a real Engine, registry and Notary.</summary>
[Xunit.Collection("Docker Engine")]
public sealed class WeatherPipelineTests
{
    [NeedsFact(Tool.Variable, "bandit", "bash", "git", "docker", "DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE", "SECOPS_TEST_REGISTRY_PRIVATE", "SECOPS_TEST_REGISTRY_AUTH", "SECOPS_TEST_NOTARY", "SECOPS_TEST_NOTARY_CA")]
    public async Task It_scans_builds_tests_in_a_second_container_pushes_signs_and_gives_the_version_back()
    {
        using var folder = new TemporaryFolder();
        var run = await BashAsync(folder, Path.Combine(Parts.Repository, "samples", "pipeline.sh"), "weather-app", folder["work"]);
        run.ExitCode.ShouldBe(0, run.Output + run.Error);
        var all = run.Output + run.Error;
        all.ShouldContain("tests: passed");
        all.ShouldContain("dct: signed by release");
        all.ShouldContain("attestation: PASSED");

        var image = JsonDocument.Parse(File.ReadAllText(folder["work/project/.secops/image.json"])).RootElement;
        image.GetProperty("digest").GetString()!.ShouldStartWith("sha256:");
        image.GetProperty("tags").EnumerateArray().Select(t => t.GetString()).ShouldBe(["1.0.1", "latest"]);
        all.ShouldContain("1.0.1        " + image.GetProperty("digest").GetString()!["sha256:".Length..], customMessage: "the signed digest is the pushed one");

        // The version is back in the repository, and nothing but it was changed.
        var origin = await BashAsync(folder, "-c", "git -C work/origin.git show main:VERSION && git -C work/origin.git diff --name-only main~1 main");
        origin.Output.ShouldBe("1.0.1\nVERSION\n");
        File.Exists(folder["work/project/.secops/reports/findings.sarif"]).ShouldBeTrue();

        // No key in what is kept, and none in the image.
        var password = Parts.Variable("SECOPS_TEST_REGISTRY_AUTH").Split(':')[1];
        foreach (var file in Directory.EnumerateFiles(folder["work/project/.secops"], "*", SearchOption.AllDirectories))
        {
            File.ReadAllText(file).ShouldNotContain(password, customMessage: file);
        }

        var history = await BashAsync(folder, "-c", $"docker image inspect {image.GetProperty("reference").GetString()} --format '{{{{json .Config.Env}}}}'");
        history.ExitCode.ShouldBe(0, history.Error);
        history.Output.ShouldNotContain("API_KEY");
    }

    private static Task<ProcessResult> BashAsync(TemporaryFolder folder, params string[] arguments) =>
        new ProcessRunner(new Redactor()).RunAsync(
            new ProcessCall(Parts.Executable("bash"), arguments)
            {
                WorkingDirectory = folder.Path,
                Environment = new Dictionary<string, string?> { ["SECOPS"] = Tool.Path, ["PATH"] = Parts.SearchPath },
                Timeout = TimeSpan.FromMinutes(6),
                MaxCapture = 4 << 20,
            },
            CancellationToken.None);
}
