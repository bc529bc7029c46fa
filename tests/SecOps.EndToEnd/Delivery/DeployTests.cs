using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SecOps.Aws;
using SecOps.Delivery;
using SecOps.Delivery.Attest;
using SecOps.Delivery.Build;
using SecOps.Delivery.Push;
using SecOps.Processes;
using SecOps.Registry;
using SecOps.StandIns.Ecs;
using SecOps.Testing;
using Shouldly;

namespace SecOps.EndToEnd.Delivery;

/// <summary>
/// From the scan to the running task with the packed tool: a real Engine builds, a real registry keeps image and attestation, the network
/// stands in the emulator, and ECS is a stand-in of which every operation is seen.
/// </summary>
[Xunit.Collection("Docker Engine")]
public sealed class DeployTests : IDisposable
{
    private const string Deploy = "deploy: {publicKey: gate.key.pub}";
    private static readonly string[] Writing = ["RegisterTaskDefinition", "UpdateService", "StopServiceDeployment", "TagResource"];

    private readonly Project project = new(Environment.GetEnvironmentVariable("SECOPS_TEST_REGISTRY") ?? "localhost");
    private EcsStandIn? ecs;
    private Surroundings? around;
    private int built;

    /// <summary>What secops wrote to ECS, without what the test itself has built there.</summary>
    private IEnumerable<string> Written => ecs!.Operations.Skip(built).Where(o => Writing.Contains(o));

    public void Dispose()
    {
        project.Dispose();
        ecs?.Dispose();
    }

    [NeedsFact(Tool.Variable, "DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE", "SECOPS_TEST_REGISTRY", "SECOPS_TEST_AWS", "bandit", "git")]
    public async Task An_image_whose_gate_passed_is_deployed_and_proven_and_one_that_crashes_gives_way_to_it()
    {
        var first = await ReleaseAsync("1.0.0");
        Serve(Play.Success, first);
        project.Write("app.py", File.ReadAllText(project["app.py"]) + "# second\n");
        project.Write("VERSION", "1.1.0\n");
        var second = await ReleaseAsync("1.1.0");

        var dry = Project.Json(await DeployAsync("--json", "--dry-run"));
        Written.ShouldBeEmpty();
        Check(dry, "image.attestation").ShouldBe("ok");
        Check(dry, "image.architecture").ShouldBe("ok");
        dry.GetProperty("changes").EnumerateArray().Select(c => c.GetString()).ShouldBe([$"~ web.image: {first} → {second}"]);

        // Without --image: what push has written down.
        var deployed = Project.Json(await DeployAsync("--json"));
        deployed.GetProperty("outcome").GetString().ShouldBe("deployed");
        deployed.GetProperty("checks").EnumerateArray().ShouldNotContain(c => c.GetProperty("status").GetString() == "failed");
        var registered = ecs!.Definition(ecs.ServiceDefinition);
        ((string)registered["containerDefinitions"]![0]!["image"]!).ShouldBe(second);
        var tags = registered["tags"]!.AsArray().ToDictionary(t => (string)t!["key"]!, t => (string)t!["value"]!);
        tags["secops:commit"].Length.ShouldBe(40);
        tags["secops:attestation"].ShouldStartWith("sha256:");

        Project.Json(await DeployAsync("--json")).GetProperty("outcome").GetString().ShouldBe("unchanged");
        Written.Order().ShouldBe(["RegisterTaskDefinition", "UpdateService"]);

        // The third crashes: back to the second, which completed and is attested.
        ecs.Play = Play.Crash;
        project.Write("app.py", File.ReadAllText(project["app.py"]) + "# third\n");
        await ReleaseAsync("1.2.0");
        var failed = await DeployAsync();
        failed.ExitCode.ShouldBe(5, failed.Error + failed.Output);
        failed.Error.ShouldContain("failed and was rolled back");
        failed.Error.ShouldContain("exited with 1");
        ((string)ecs.Definition(ecs.ServiceDefinition)["containerDefinitions"]![0]!["image"]!).ShouldBe(second);
    }

    [NeedsFact(Tool.Variable, "DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE", "SECOPS_TEST_REGISTRY", "SECOPS_TEST_AWS", "bandit", "git")]
    public async Task An_image_without_a_good_verdict_changes_nothing()
    {
        var image = await ReleaseAsync("1.0.0");
        Serve(Play.Success, project.Image + "@sha256:" + new string('1', 64));

        await RefusedAsync(3, "no attestation is attached", image: (await PushedAsync("bare", attest: false)).Pinned);
        project.Configure("deploy: {publicKey: gate.key.pub, maxAge: 1s}");
        await RefusedAsync(3, "Scan and push again", image);
        project.Configure(Deploy);
        project.Write("secops.yml", File.ReadAllText(project["secops.yml"]).Replace("failOn: high", "failOn: low", StringComparison.Ordinal));
        await RefusedAsync(3, "another gate configuration", image);
        (await project.SecOpsAsync("push", "--generate-key", "other.key")).ExitCode.ShouldBe(0);
        project.Configure("deploy: {publicKey: other.key.pub}");
        await RefusedAsync(3, "not signed with the given key", image);
        project.Configure("deploy: {publicKey: none.pub}");
        await RefusedAsync(2, "none.pub cannot be read", image);
        project.Configure("");
        await RefusedAsync(3, "no key is known", image);

        // The gate fails, and the attestation says so; then somebody turns its verdict.
        project.Configure(Deploy);
        project.Write("app.py", File.ReadAllText(project["app.py"]) + "\nimport subprocess\ndef f(x):\n    subprocess.call(x, shell=True)\n");
        var bad = await PushedAsync("bad", scan: 1);
        await RefusedAsync(1, "its attestation says FAILED", bad.Pinned);
        await TurnVerdictAsync(bad, to: await PushedAsync("worse", attest: false, scan: 1));
        await RefusedAsync(3, "not signed with the given key, or was changed afterwards", EcrImage.Parse(ReadPushed()).Pinned);

        // Built for another processor.
        project.Configure(Deploy);
        ecs!.Change(d => d["runtimePlatform"] = new JsonObject { ["cpuArchitecture"] = "ARM64" });
        await RefusedAsync(4, "while f-", image);
    }

    [NeedsFact(Tool.Variable, "DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE", "SECOPS_TEST_REGISTRY", "SECOPS_TEST_AWS", "bandit", "git")]
    public async Task Ctrl_C_tells_the_state_and_the_same_command_goes_on()
    {
        await ReleaseAsync("1.0.0");
        Serve(Play.NeverStable, project.Image + "@sha256:" + new string('1', 64));
        var start = new ProcessStartInfo(Tool.Path, ["deploy", "ecs", "--no-color", .. Names()]) { WorkingDirectory = project.Path, RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var (name, value) in Variables())
        {
            start.Environment[name] = value;
        }

        using (var running = Process.Start(start)!)
        {
            var (output, error) = (running.StandardOutput.ReadToEndAsync(), running.StandardError.ReadToEndAsync());
            for (var i = 0; i < 600 && !ecs!.Operations.Contains("UpdateService"); i++)
            {
                await Task.Delay(100);
            }

            await Task.Delay(500);
            using (var kill = Process.Start("kill", ["-INT", running.Id.ToString(CultureInfo.InvariantCulture)]))
            {
                await kill.WaitForExitAsync();
            }

            await running.WaitForExitAsync();
            running.ExitCode.ShouldBe(130);
            (await output + await error).ShouldContain("ECS goes on without us; run the same command again to watch it");
        }

        ecs!.Play = Play.Success;
        ecs.Replay();
        Project.Json(await DeployAsync("--json")).GetProperty("outcome").GetString().ShouldBe("unchanged");
        ecs.Operations.Count(o => o == "UpdateService").ShouldBe(1);
    }

    private async Task<string> ReleaseAsync(string version)
    {
        project.Configure(Deploy);
        return (await PushedAsync(version)).Pinned;
    }

    private async Task<EcrImage> PushedAsync(string tag, bool attest = true, int scan = 0)
    {
        if (!File.Exists(project["gate.key"]))
        {
            (await project.SecOpsAsync("push", "--generate-key", "gate.key")).ExitCode.ShouldBe(0);
        }

        project.Write("release", tag);
        project.Write("Dockerfile", File.ReadAllText(project["Dockerfile"]).Replace("COPY app.py /app.py", "COPY app.py release /", StringComparison.Ordinal));
        await project.CommitAsync();
        (await project.SecOpsAsync("scan", ".", "--only", "bandit")).ExitCode.ShouldBe(scan);
        var built = await project.SecOpsAsync("build", "--no-test", "--quiet", "--tag", $"{project.Image}:{tag}");
        built.ExitCode.ShouldBe(0, built.Error);
        string[] more = attest ? ["--key", "gate.key"] : [];
        var pushed = await project.SecOpsAsync(["push", $"{project.Image}:{tag}", "--allow-failed-gate", .. more]);
        pushed.ExitCode.ShouldBe(0, pushed.Error);
        return EcrImage.Parse(ReadPushed());
    }

    private string ReadPushed()
    {
        var record = ImageRecord.Read(project[".secops"])!;
        return $"{record.Repository}@{record.Digest}";
    }

    /// <summary>Attaches the one's attestation to the other, with PASSED in it instead of FAILED.</summary>
    private static async Task TurnVerdictAsync(EcrImage from, EcrImage to)
    {
        using var registry = new RegistryClient(from.Registry, new Anonymous(), new Redactor(), TimeProvider.System);
        var referrer = (await registry.ReferrersAsync(from.Repository, from.Digest!, SigstoreBundle.MediaType, default)).Single();
        var manifest = await registry.GetManifestAsync(from.Repository, referrer.Digest, default);
        var bundle = JsonNode.Parse(await registry.GetBlobAsync(from.Repository, manifest.Layers[0].Digest, 1 << 20, default))!;
        var payload = Encoding.UTF8.GetString(Convert.FromBase64String((string)bundle["dsseEnvelope"]!["payload"]!));
        payload.ShouldContain("FAILED");
        payload = payload.Replace("FAILED", "PASSED", StringComparison.Ordinal).Replace(from.Digest!["sha256:".Length..], to.Digest!["sha256:".Length..], StringComparison.Ordinal);
        bundle["dsseEnvelope"]!["payload"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(payload));
        var image = await registry.GetManifestAsync(to.Repository, to.Digest!, default);
        await registry.AttachAsync(to.Repository, image.Descriptor, SigstoreBundle.MediaType, Encoding.UTF8.GetBytes(bundle.ToJsonString()), new Dictionary<string, string>(), default);
    }

    private void Serve(Play play, string image)
    {
        ecs = new EcsStandIn(play, 0);
        around = new Surroundings { Aws = new Emulator { EcsUrl = ecs.Url }, ContainerImage = image }.Build();
        built = ecs.Operations.Count;
    }

    private async Task RefusedAsync(int code, string why, string image)
    {
        var result = await DeployAsync("--image", image);
        (result.Output + result.Error).ShouldContain(why);
        result.ExitCode.ShouldBe(code, result.Error);
        Written.ShouldBeEmpty();
    }

    private Task<ProcessResult> DeployAsync(params string[] more) => project.SecOpsAsync(Variables(), ["deploy", "ecs", .. Names(), .. more]);

    private string[] Names() => ["--cluster", around!.Cluster, "--service", around.Service, "--region", "us-east-1"];

    private Dictionary<string, string?> Variables() => new()
    {
        ["AWS_ENDPOINT_URL"] = Parts.Variable("SECOPS_TEST_AWS"), ["AWS_ENDPOINT_URL_ECS"] = ecs!.Url,
        ["AWS_ACCESS_KEY_ID"] = "AKIAIOSFODNN7EXAMPLE", ["AWS_SECRET_ACCESS_KEY"] = "not-a-secret-used-on-loopback", ["PATH"] = Parts.SearchPath,
    };

    private static string? Check(JsonElement deploy, string id) =>
        deploy.GetProperty("checks").EnumerateArray().Single(c => c.GetProperty("id").GetString() == id).GetProperty("status").GetString();

    private sealed class Anonymous : IRegistryCredentials
    {
        public Task<RegistryCredential?> FindAsync(string registry, bool renew, CancellationToken cancellation) => Task.FromResult<RegistryCredential?>(null);
    }
}
