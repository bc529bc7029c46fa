using System.Text.Json;
using SecOps.Testing;
using Shouldly;

namespace SecOps.EndToEnd.Delivery;

/// <summary>What BuildKit adds: several platforms, provenance, a bill of materials, a cache of its own. An Engine with containerd's store does all of it.</summary>
[Xunit.Collection("Docker Engine")]
public sealed class BuildKitTests : IDisposable
{
    private readonly Project project = new(Environment.GetEnvironmentVariable("SECOPS_TEST_REGISTRY") ?? "localhost");

    public BuildKitTests()
    {
        // Nothing runs in it, so no other platform has to be emulated.
        project.Write("Dockerfile", "FROM scratch\nARG TARGETARCH\nCOPY app.py /$TARGETARCH\n");
        project.Write("generator/Dockerfile", $"FROM {Environment.GetEnvironmentVariable("SECOPS_TEST_BASE_IMAGE")}\nCOPY list.sh /list.sh\nENTRYPOINT [\"/bin/sh\", \"/list.sh\"]\n");
        // BuildKit's SBOM protocol: a statement for what was scanned, into the folder that a variable names.
        project.Write("generator/list.sh", """
            echo '{"_type":"https://in-toto.io/Statement/v0.1","predicateType":"https://spdx.dev/Document","predicate":{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","name":"listed by the test"}}' > "$BUILDKIT_SCAN_DESTINATION/sbom.spdx.json"
            """);
    }

    public void Dispose() => project.Dispose();

    [NeedsFact(Tool.Variable, "SECOPS_TEST_DOCKER_CONTAINERD", "SECOPS_TEST_BASE_IMAGE", "SECOPS_TEST_REGISTRY", "bandit")]
    public async Task Several_platforms_with_provenance_and_SBOM_are_built_pushed_attested_and_verified()
    {
        var generator = project.Image + "-generator:1";
        (await Project.DockerAsync(Engine(), "buildx", "build", "--quiet", "--provenance=false", "--push", "--tag", generator, project["generator"])).ShouldSatisfyAllConditions(r => r.ExitCode.ShouldBe(0, r.Error));
        project.Write("secops.yml", $$"""
            build:
              image: {{project.Image}}
              platforms: [linux/amd64, linux/arm64]
              provenance: true
              sbom: true
              sbomGenerator: {{generator}}
              cacheTo: ["type=local,dest={{project["cache"]}}"]
              cacheFrom: ["type=local,src={{project["cache"]}}"]
            """);
        (await project.SecOpsAsync("scan", ".", "--only", "bandit")).ExitCode.ShouldBe(0);
        (await project.SecOpsAsync("push", "--generate-key", "gate.key")).ExitCode.ShouldBe(0);

        var built = Project.Json(await project.SecOpsAsync(Engine(), "build", "--json"));
        built.GetProperty("platform").GetString().ShouldBe("linux/amd64,linux/arm64");
        File.Exists(project["cache/index.json"]).ShouldBeTrue();
        var pushed = Project.Json(await project.SecOpsAsync(Engine(), "push", "--key", "gate.key", "--json"));
        Project.Json(await project.SecOpsAsync(Engine(), "push", "--key", "gate.key", "--json")).GetProperty("pushed").GetBoolean().ShouldBeFalse();

        var digest = pushed.GetProperty("digest").GetString()!;
        var index = await ManifestAsync(digest);
        var entries = index.GetProperty("manifests").EnumerateArray().ToList();
        entries.Select(e => e.GetProperty("platform").GetProperty("architecture").GetString()).ShouldBe(["amd64", "arm64", "unknown", "unknown"]);
        foreach (var entry in entries.Where(e => e.GetProperty("platform").GetProperty("os").GetString() == "unknown"))
        {
            (await ManifestAsync(entry.GetProperty("digest").GetString()!)).GetProperty("layers").EnumerateArray()
                .Select(l => l.GetProperty("annotations").GetProperty("in-toto.io/predicate-type").GetString()).Order()
                .ShouldBe(["https://slsa.dev/provenance/v0.2", "https://spdx.dev/Document"]);
        }

        (await project.SecOpsAsync(Engine(), "push", "--verify", $"{project.Image}:1.0.0@{digest}", "--key", "gate.key.pub")).ShouldSatisfyAllConditions(r => r.ExitCode.ShouldBe(0, r.Output));
    }

    [NeedsFact(Tool.Variable, "DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE")]
    public async Task The_classic_store_cannot_hold_that_and_the_error_says_what_can()
    {
        if (!(await Project.DockerAsync([], "info", "--format", "{{.Driver}}")).Output.StartsWith("overlay2", StringComparison.Ordinal))
        {
            // The machine's own Engine, with containerd's store.
            return;
        }

        foreach (var option in (string[][])[["--provenance"], ["--platform", "linux/amd64,linux/arm64"]])
        {
            var result = await project.SecOpsAsync(["build", "--quiet", "--no-test", .. option]);
            result.ExitCode.ShouldBe(4);
            result.Error.ShouldContain("containerd image store");
        }
    }

    private static Dictionary<string, string?> Engine() => new() { ["DOCKER_HOST"] = Parts.Variable("SECOPS_TEST_DOCKER_CONTAINERD") };

    private async Task<JsonElement> ManifestAsync(string digest)
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Accept.ParseAdd("application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json");
        var slash = project.Image.IndexOf('/', StringComparison.Ordinal);
        using var json = JsonDocument.Parse(await http.GetStringAsync(new Uri($"http://{project.Image[..slash]}/v2{project.Image[slash..]}/manifests/{digest}")));
        return json.RootElement.Clone();
    }
}
