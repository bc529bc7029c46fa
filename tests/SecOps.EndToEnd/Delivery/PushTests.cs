using SecOps.Testing;
using Shouldly;

namespace SecOps.EndToEnd.Delivery;

/// <summary><c>secops push</c> to real registries, signed by real tools.</summary>
[Xunit.Collection("Docker Engine")]
public sealed class PushTests : IDisposable
{
    private readonly Project project = new(Environment.GetEnvironmentVariable("SECOPS_TEST_REGISTRY") ?? "localhost");

    public void Dispose() => project.Dispose();

    [NeedsFact(Tool.Variable, "DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE", "SECOPS_TEST_REGISTRY", "bandit", "git", "cosign")]
    public async Task The_verdict_travels_with_the_image()
    {
        await BuildAsync();
        var image = project.Image + ":1.0.0";
        (await project.SecOpsAsync("push", "--generate-key", "gate.key")).ExitCode.ShouldBe(0);

        var first = Project.Json(await project.SecOpsAsync("push", image, "--key", "gate.key", "--latest", "--json"));
        first.GetProperty("pushed").GetBoolean().ShouldBeTrue();
        first.GetProperty("attestation").GetProperty("verdict").GetString().ShouldBe("PASSED");

        var second = Project.Json(await project.SecOpsAsync("push", image, "--key", "gate.key", "--latest", "--json"));
        second.GetProperty("pushed").GetBoolean().ShouldBeFalse();
        second.GetProperty("attestation").GetProperty("attached").GetBoolean().ShouldBeFalse();
        second.GetProperty("digest").GetString().ShouldBe(first.GetProperty("digest").GetString());

        (await project.SecOpsAsync("push", "--verify", image, "--key", "gate.key.pub")).ExitCode.ShouldBe(0);
        (await project.SecOpsAsync("push", "--verify", project.Image + ":latest", "--key", "gate.key.pub")).ExitCode.ShouldBe(0);
        // A quick machine comes here within the second.
        await Task.Delay(TimeSpan.FromSeconds(2));
        var stale = await project.SecOpsAsync("push", "--verify", image, "--key", "gate.key.pub", "--max-age", "1s");
        stale.ExitCode.ShouldBe(3);
        stale.Output.ShouldContain("Scan and push again");
        project.Configure("", smoke: "url: /health, port: 8080");
        project.Write("secops.yml", File.ReadAllText(project["secops.yml"]).Replace("failOn: high", "failOn: low", StringComparison.Ordinal));
        var policy = await project.SecOpsAsync("push", "--verify", image, "--key", "gate.key.pub");
        policy.ExitCode.ShouldBe(3);
        policy.Output.ShouldContain("another gate configuration");
    }

    [NeedsFact(Tool.Variable, "DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE", "SECOPS_TEST_REGISTRY", "bandit", "git")]
    public async Task A_failed_gate_is_not_pushed_unless_the_attestation_may_say_so()
    {
        project.Write("app.py", File.ReadAllText(project["app.py"]) + "\nimport subprocess\ndef f(x):\n    subprocess.call(x, shell=True)\n");
        await BuildAsync(scan: 1);
        var image = project.Image + ":1.0.0";
        (await project.SecOpsAsync("push", "--generate-key", "gate.key")).ExitCode.ShouldBe(0);

        var refused = await project.SecOpsAsync("push", image, "--key", "gate.key");
        refused.ExitCode.ShouldBe(1);
        refused.Error.ShouldContain("1 finding: high is at failOn: high");
        (await project.SecOpsAsync("push", "--verify", image, "--key", "gate.key.pub")).ExitCode.ShouldBe(3);

        var pushed = Project.Json(await project.SecOpsAsync("push", image, "--key", "gate.key", "--allow-failed-gate", "--json"));
        pushed.GetProperty("attestation").GetProperty("verdict").GetString().ShouldBe("FAILED");
        var verified = await project.SecOpsAsync("push", "--verify", image, "--key", "gate.key.pub");
        verified.ExitCode.ShouldBe(3);
        verified.Output.ShouldContain("says FAILED");
    }

    [NeedsFact(Tool.Variable, "DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE", "SECOPS_TEST_REGISTRY", "bandit", "git")]
    public async Task A_verdict_about_another_commit_is_none()
    {
        await BuildAsync();
        project.Write("new.py", "x = 1\n");
        await project.CommitAsync();
        (await project.SecOpsAsync("scan", ".", "--only", "bandit")).ExitCode.ShouldBe(0);

        var result = await project.SecOpsAsync("push");

        result.ExitCode.ShouldBe(3);
        result.Error.ShouldContain("the verdict is not about this image");
        (await project.SecOpsAsync("push", "--generate-key", "gate.key")).ExitCode.ShouldBe(0);
        Project.Json(await project.SecOpsAsync("push", "--allow-failed-gate", "--key", "gate.key", "--json")).GetProperty("attestation").GetProperty("verdict").GetString().ShouldBe("FAILED");

        // Built anew by somebody else under the same name: not what was tested here.
        project.Write("Dockerfile", File.ReadAllText(project["Dockerfile"]) + "LABEL other=yes\n");
        (await Project.DockerAsync([], "build", "--quiet", "--tag", project.Image + ":1.0.0", project.Path)).ExitCode.ShouldBe(0);
        (await project.SecOpsAsync("push")).ShouldSatisfyAllConditions(r => r.ExitCode.ShouldBe(3), r => r.Error.ShouldContain("which secops build built and tested"));
    }

    [NeedsFact(Tool.Variable, "DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE", "SECOPS_TEST_REGISTRY")]
    public async Task Without_a_verdict_it_pushes_and_says_so_unless_one_is_required()
    {
        (await project.SecOpsAsync("build", "--no-test", "--quiet")).ExitCode.ShouldBe(0);

        var dry = await project.SecOpsAsync("push", "--dry-run");
        dry.Output.ShouldContain("would push");
        project.Configure("push: {requireGate: true}");
        (await project.SecOpsAsync("push")).ShouldSatisfyAllConditions(r => r.ExitCode.ShouldBe(3), r => r.Error.ShouldContain("push.requireGate"));
        project.Configure("");
        var result = await project.SecOpsAsync("push");
        result.ExitCode.ShouldBe(0, result.Error);
        result.Error.ShouldContain("nothing is attested");
        result.Output.ShouldContain($"{project.Image}@sha256:");
    }

    [NeedsFact(Tool.Variable, "DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE", "SECOPS_TEST_REGISTRY", "SECOPS_TEST_NOTARY", "docker", "cosign")]
    public async Task Docker_Content_Trust_and_cosign_sign_with_keys_from_the_environment()
    {
        (await project.SecOpsAsync("build", "--no-test", "--quiet")).ExitCode.ShouldBe(0);
        using var config = new TemporaryFolder();
        var notary = new Uri(Parts.Variable("SECOPS_TEST_NOTARY"));
        config.Write($"tls/{notary.Authority}/ca.crt", File.ReadAllText(Parts.Variable("SECOPS_TEST_NOTARY_CA")));
        var owner = new Dictionary<string, string?>
        {
            ["DOCKER_CONFIG"] = config.Path, ["DOCKER_CONTENT_TRUST_SERVER"] = notary.ToString().TrimEnd('/'),
            ["DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE"] = "repository-passphrase", ["DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE"] = "root-passphrase",
        };
        (await Project.DockerAsync(owner, "trust", "key", "generate", "--dir", config.Path, "alice")).ExitCode.ShouldBe(0);
        (await Project.DockerAsync(owner, "trust", "signer", "add", "--key", config["alice.pub"], "alice", project.Image)).ExitCode.ShouldBe(0);
        var key = Directory.GetFiles(config["trust/private"]).Single(f => File.ReadAllText(f).Contains("role: alice", StringComparison.Ordinal));
        var cosign = new Processes.ProcessCall(Parts.Executable("cosign"), ["generate-key-pair"]) { WorkingDirectory = config.Path, Environment = new Dictionary<string, string?> { ["COSIGN_PASSWORD"] = "cosign-password" } };
        (await new Processes.ProcessRunner(new Processes.Redactor()).RunAsync(cosign, CancellationToken.None)).ExitCode.ShouldBe(0);
        project.Configure($$"""
            push:
              sign: [dct, cosign]
              dct: {server: "{{owner["DOCKER_CONTENT_TRUST_SERVER"]}}", signer: alice, key: env:SIGNER, passphrase: env:SIGNER_PASSPHRASE}
              cosign: {key: env:COSIGN, password: env:COSIGN_SECRET}
            """);
        using var fresh = new TemporaryFolder();
        fresh.Write($"tls/{notary.Authority}/ca.crt", File.ReadAllText(Parts.Variable("SECOPS_TEST_NOTARY_CA")));
        Dictionary<string, string?> Secrets() => new()
        {
            ["DOCKER_CONFIG"] = fresh.Path, ["SIGNER"] = Convert.ToBase64String(File.ReadAllBytes(key)), ["SIGNER_PASSPHRASE"] = "base64:" + Convert.ToBase64String("repository-passphrase"u8),
            ["COSIGN"] = File.ReadAllText(config["cosign.key"]), ["COSIGN_SECRET"] = "cosign-password",
            ["DOCKER_BUILDKIT"] = null,
        };

        var pushed = await project.SecOpsAsync(Secrets(), "push", "--json");

        Project.Json(pushed).GetProperty("signatures").EnumerateArray().Select(s => s.GetString()).ShouldBe(["dct", "cosign"]);
        (pushed.Error + pushed.Output).ShouldNotContain("repository-passphrase");
        Directory.Exists(fresh["trust"]).ShouldBeFalse();
        var inspected = (await Project.DockerAsync(owner, "trust", "inspect", project.Image)).Output;
        inspected.ShouldContain(Project.Json(pushed).GetProperty("digest").GetString()!["sha256:".Length..]);
        inspected.ShouldContain("\"alice\"");
        (await project.SecOpsAsync("push", "--generate-key", "gate.key")).ExitCode.ShouldBe(0);
        var verified = await project.SecOpsAsync(Secrets(), "push", "--verify", project.Image + ":1.0.0", "--key", "gate.key.pub");
        verified.ExitCode.ShouldBe(3);
        verified.Output.ShouldContain("cosign: signed");
        verified.Output.ShouldContain("dct: signed by alice");
    }

    [NeedsFact(Tool.Variable, "DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE", "SECOPS_TEST_REGISTRY_PRIVATE")]
    public async Task A_private_registry_is_used_with_the_credential_of_the_environment_or_of_docker_login()
    {
        using var other = new Project(Parts.Variable("SECOPS_TEST_REGISTRY_PRIVATE"));
        var user = Parts.Variable("SECOPS_TEST_REGISTRY_AUTH").Split(':', 2);
        using var config = new TemporaryFolder();
        Dictionary<string, string?> With(string? password) => new()
        {
            ["DOCKER_CONFIG"] = config.Path, ["SECOPS_REGISTRY_USERNAME"] = password is null ? null : user[0], ["SECOPS_REGISTRY_PASSWORD"] = password,
        };
        (await other.SecOpsAsync("build", "--no-test", "--quiet")).ExitCode.ShouldBe(0);

        (await other.SecOpsAsync(With(null), "push")).ShouldSatisfyAllConditions(r => r.ExitCode.ShouldBe(4), r => r.Error.ShouldContain("none was found"));
        (await other.SecOpsAsync(With("not the password"), "push")).ShouldSatisfyAllConditions(
            r => r.ExitCode.ShouldBe(4), r => r.Error.ShouldContain("refused the credential"), r => r.Error.ShouldNotContain("not the password"));
        var pushed = await other.SecOpsAsync(With(user[1]), "push", "--verbose");
        pushed.ExitCode.ShouldBe(0, pushed.Error);
        (pushed.Error + pushed.Output).ShouldNotContain(user[1]);
        Directory.GetFileSystemEntries(config.Path).ShouldBeEmpty();

        config.Write("helpers/docker-credential-test", $"#!/bin/sh\nread host\nprintf '{{\"Username\":\"{user[0]}\",\"Secret\":\"{user[1]}\"}}'\n");
        File.SetUnixFileMode(config["helpers/docker-credential-test"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        config.Write("config.json", $$"""{"credHelpers": {"{{Parts.Variable("SECOPS_TEST_REGISTRY_PRIVATE")}}": "test"} }""");
        var helped = With(null);
        helped["PATH"] = config["helpers"] + Path.PathSeparator + Parts.SearchPath;
        (await other.SecOpsAsync(helped, "push", "--tag", "again")).ExitCode.ShouldBe(0);
    }

    [NeedsFact(Tool.Variable, "DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE", "SECOPS_TEST_REGISTRY", "SECOPS_TEST_AWS")]
    public async Task An_ECR_repository_is_created_when_asked_and_its_image_pushed_once()
    {
        project.Configure("push: {ecrRegion: eu-west-1}");
        Dictionary<string, string?> Aws() => new()
        {
            ["AWS_ENDPOINT_URL"] = Parts.Variable("SECOPS_TEST_AWS"), ["AWS_ACCESS_KEY_ID"] = "test", ["AWS_SECRET_ACCESS_KEY"] = "a-secret-access-key", ["AWS_REGION"] = "eu-west-1",
        };
        (await project.SecOpsAsync("build", "--no-test", "--quiet")).ExitCode.ShouldBe(0);

        (await project.SecOpsAsync(Aws(), "push")).ShouldSatisfyAllConditions(r => r.ExitCode.ShouldBe(4), r => r.Error.ShouldContain("--create-repository"));
        Project.Json(await project.SecOpsAsync(Aws(), "push", "--create-repository", "--json")).GetProperty("pushed").GetBoolean().ShouldBeTrue();
        Project.Json(await project.SecOpsAsync(Aws(), "push", "--json")).GetProperty("pushed").GetBoolean().ShouldBeFalse();

        project.Write("app.py", File.ReadAllText(project["app.py"]) + "# changed\n");
        (await project.SecOpsAsync("build", "--no-test", "--quiet")).ExitCode.ShouldBe(0);
        var other = await project.SecOpsAsync(Aws(), "push");
        other.ExitCode.ShouldBe(4);
        other.Error.ShouldContain("its tags do not move");
    }

    [NeedsFact(Tool.Variable, "DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE", "SECOPS_TEST_REGISTRY", "unshare")]
    public async Task A_full_disk_does_not_hide_that_the_image_is_there()
    {
        (await project.SecOpsAsync("build", "--no-test", "--quiet")).ExitCode.ShouldBe(0);
        Directory.CreateDirectory(project["full"]);
        const string Script = "mount -t tmpfs -o size=8k none full && { head -c 8192 /dev/zero > full/fill; exec \"$0\" \"$@\"; }";
        var call = new Processes.ProcessCall("unshare", ["--mount", "bash", "-c", Script, Tool.Path, "push", project.Image + ":1.0.0", "--output", "full"])
        {
            WorkingDirectory = project.Path, Environment = new Dictionary<string, string?> { ["PATH"] = Parts.SearchPath },
        };

        var result = await new Processes.ProcessRunner(new Processes.Redactor()).RunAsync(call, CancellationToken.None);

        result.ExitCode.ShouldBe(4, result.Error);
        result.Error.ShouldContain("image.json cannot be written: No space left on device");
        result.Output.ShouldContain($"{project.Image}@sha256:");
    }

    private async Task BuildAsync(int scan = 0)
    {
        await project.CommitAsync();
        (await project.SecOpsAsync("scan", ".", "--only", "bandit")).ExitCode.ShouldBe(scan);
        var built = await project.SecOpsAsync("build", "--no-test", "--quiet");
        built.ExitCode.ShouldBe(0, built.Error);
    }
}
