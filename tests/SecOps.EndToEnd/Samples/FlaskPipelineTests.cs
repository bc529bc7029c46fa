using System.Text.Json;
using SecOps.Processes;
using SecOps.Testing;
using Shouldly;

namespace SecOps.EndToEnd.Samples;

/// <summary>samples/pipeline.sh flask-app: refused by the gate, mended by pull requests, then built, run, pushed with its verdict, deployed and protected.</summary>
[Xunit.Collection("Docker Engine")]
public sealed class FlaskPipelineTests
{
    [NeedsFact(Tool.Variable, "bandit", "bash", "git", "DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE", "SECOPS_TEST_REGISTRY", "SECOPS_TEST_AWS", "SECOPS_TEST_GELF_TCP", "SECOPS_TEST_GELF_FILE", "curl")]
    public async Task What_the_gate_refuses_is_not_built_and_what_was_mended_is_pushed_with_its_verdict()
    {
        using var folder = new TemporaryFolder();
        var run = await new ProcessRunner(new Redactor()).RunAsync(
            new ProcessCall(Parts.Executable("bash"), [Path.Combine(Parts.Repository, "samples", "pipeline.sh"), "flask-app", folder["work"]])
            {
                WorkingDirectory = folder.Path,
                Environment = new Dictionary<string, string?> { ["SECOPS"] = Tool.Path, ["PATH"] = Parts.SearchPath },
                Timeout = TimeSpan.FromMinutes(8),
                MaxCapture = 4 << 20,
            },
            CancellationToken.None);
        var all = run.Output + run.Error;
        run.ExitCode.ShouldBe(0, all);
        all.ShouldContain("wrote .github/workflows/secops.yml");
        all.ShouldContain("failed: the gate failed");
        all.ShouldContain("verdict PASSED attached");
        all.ShouldContain("attestation: PASSED");
        all.ShouldContain("CVE-2020-14343 requirements.txt:: verified", customMessage: "what Trivy calls critical");
        all.ShouldContain("B608 db.py:37: verified", customMessage: "what only the model mends");
        all.ShouldContain("SonarQube's quality gate of project is ERROR");
        all.ShouldContain("SonarQube's quality gate of project is OK");
        all.ShouldContain("secops/fix/dependencies-requirements-txt-", customMessage: "a branch for each kind of fix, in the remote repository");
        all.ShouldContain("the web ACL secops has AWSManagedRulesCommonRuleSet, AWSManagedRulesLinuxRuleSet already", customMessage: "the second time nothing changes");
        all.Split('\n').Count(line => line == "UpdateService").ShouldBe(1, "one deployment");
        all.ShouldContain("/findings.sarif", customMessage: "in the bucket");
        File.ReadAllText(Parts.Variable("SECOPS_TEST_GELF_FILE")).ShouldContain(JsonDocument.Parse(File.ReadAllText(folder["work/project/.secops/findings.json"])).RootElement.GetProperty("run").GetProperty("id").GetString()!);

        var findings = JsonDocument.Parse(File.ReadAllText(folder["work/project/.secops/findings.json"])).RootElement;
        findings.GetProperty("gate").GetProperty("verdict").GetString().ShouldBe("passed");
        findings.GetProperty("summary").GetProperty("high").GetInt32().ShouldBe(0);
        var image = JsonDocument.Parse(File.ReadAllText(folder["work/project/.secops/image.json"])).RootElement;
        all.ShouldContain($"every running task runs {image.GetProperty("digest").GetString()}");
        image.GetProperty("tags").EnumerateArray().Select(t => t.GetString()).ShouldBe(["1.0.1"]);
        File.ReadAllText(folder["work/project/VERSION"]).Trim().ShouldBe("1.0.1");

        // ZAP saw the running image.
        JsonDocument.Parse(File.ReadAllText(folder["work/project/.secops-staging/findings.json"])).RootElement.GetProperty("findings").EnumerateArray()
            .Select(f => f.GetProperty("rule").GetProperty("id").GetString()).ShouldContain("10038");

        // The fixes are what the tests of the sample accept, and its weak password is gone.
        File.ReadAllText(folder["work/project/config.py"]).ShouldNotContain("winter-2019");
    }
}
