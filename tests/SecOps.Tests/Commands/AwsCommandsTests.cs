using System.Text.Json.Nodes;
using SecOps.Delivery;
using SecOps.Findings;
using SecOps.Processes;
using SecOps.StandIns;
using SecOps.StandIns.Ecs;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Commands;

/// <summary>The commands over AWS, whole: what they print, and how they end.</summary>
public sealed class AwsCommandsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly StringWriter output = new();
    private readonly StringWriter error = new();

    public void Dispose()
    {
        folder.Dispose();
        output.Dispose();
        error.Dispose();
    }

    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task Doctor_prints_the_checks_as_JSON_and_exits_3_when_one_failed()
    {
        var s = new Surroundings { AssignPublicIp = "DISABLED" }.Build();
        using var workspace = Workspace(Parts.Variable("SECOPS_TEST_AWS"));
        (await DoctorAws.RunAsync(workspace, s.Cluster, s.Service, "us-east-1", null, default)).ShouldBe(ExitCode.Incomplete);
        var failed = JsonNode.Parse(output.ToString())!["checks"]!.AsArray().Where(c => (string)c!["status"]! == "failed").ToList();
        failed.ShouldNotBeEmpty();
        failed.ShouldAllBe(c => (string)c!["id"]! == "task.route" && (string?)c["fix"] != null && (string?)c["resource"] != null);
    }

    [Fact]
    public async Task A_deploy_without_attestation_exits_3_and_writes_nothing()
    {
        using var ecs = new EcsStandIn(Play.Success);
        folder.Write("secops.yml", "gate: {failOn: high}\n");
        using var workspace = Workspace(ecs.Url);
        var options = new DeployEcsOptions { Cluster = "c", Service = "shop", Image = $"{EcsStandIn.Repository}@{EcsStandIn.NewDigest}", Region = "us-east-1" };
        (await Should.ThrowAsync<SecOpsException>(new DeployEcsOperation(workspace, options).RunAsync(default))).Code.ShouldBe(ExitCode.Incomplete);
        ecs.Operations.ShouldNotContain("RegisterTaskDefinition");
        ecs.Operations.ShouldNotContain("UpdateService");
    }

    [Fact]
    public async Task A_deploy_whose_attestation_is_switched_off_says_so_and_a_dry_run_writes_nothing()
    {
        using var ecs = new EcsStandIn(Play.Success);
        folder.Write("secops.yml", "deploy: {requireAttestation: false}\n");
        using var workspace = Workspace(ecs.Url);
        var options = new DeployEcsOptions { Cluster = "c", Service = "shop", Image = $"{EcsStandIn.Repository}@{EcsStandIn.NewDigest}", Region = "us-east-1", DryRun = true };
        (await new DeployEcsOperation(workspace, options).RunAsync(default)).ShouldBe(ExitCode.Clean);
        error.ToString().ShouldContain("requireAttestation is false");
        JsonNode.Parse(output.ToString())!["changes"]!.AsArray().Count.ShouldBe(1);
        ecs.Operations.ShouldNotContain("RegisterTaskDefinition");
    }

    [Theory]
    [InlineData("registry.example/shop:1")]
    [InlineData("registry.example/shop@sha256:12")]
    public async Task A_tag_is_no_image_to_deploy(string image)
    {
        using var workspace = Workspace("http://127.0.0.1:9");
        var options = new DeployEcsOptions { Cluster = "c", Service = "shop", Image = image, Region = "us-east-1" };
        (await Should.ThrowAsync<SecOpsException>(new DeployEcsOperation(workspace, options).RunAsync(default))).Code.ShouldBe(ExitCode.Usage);
    }

    [Fact]
    public async Task Services_that_are_off_and_scans_that_have_not_ended_count_as_not_scanned()
    {
        using var server = new StandIn(asked => asked switch
        {
            { Operation: "DescribeImageScanFindings" } => new Answer("""{"repositoryName":"shop","imageId":{"imageTag":"1"},"imageScanStatus":{"status":"IN_PROGRESS"}}"""),
            { Body: var body } when body.Contains("GetCallerIdentity", StringComparison.Ordinal) => Answer.Caller,
            { Url: "/status/batch/get" } => new Answer("""{"accounts":[{"accountId":"1","resourceState":{"ecr":{"status":"ENABLED"}}}]}"""),
            { Url: "/findings/list" } => new Answer("""{"findings":[{"findingArn":"arn:f","type":"PACKAGE_VULNERABILITY","severity":"HIGH","status":"ACTIVE","title":"CVE-2024-1 - x","resources":[{"id":"arn:r","type":"AWS_ECR_CONTAINER_IMAGE"}],"packageVulnerabilityDetails":{"vulnerabilityId":"CVE-2024-1"}}]}"""),
            { Url: "/coverage/list" } => new Answer("""{"coveredResources":[{"resourceId":"arn:r","scanStatus":{"statusCode":"ACTIVE"}},{"resourceId":"arn:old","scanStatus":{"statusCode":"INACTIVE","reason":"SCAN_ELIGIBILITY_EXPIRED"}}]}"""),
            _ => new Answer("""{"detectorIds":[]}"""),
        });
        using var workspace = Workspace(server.Url);
        var options = new ScanOptions { Aws = true, Region = "us-east-1", Path = folder.Path, Image = ["123456789012.dkr.ecr.us-east-1.amazonaws.com/shop:1"] };
        var outcomes = await new AwsFindings(workspace, workspace.Configuration(folder.Path), options, folder.Path, new()).ReadAsync(default);
        var inspector = outcomes.Single(o => o.Coverage.Scanner == "inspector");
        inspector.Findings.Single().Rule.Id.ShouldBe("CVE-2024-1");
        inspector.Coverage.Unread.ShouldBe([new UnreadFile("arn:old", "not scanned: SCAN_ELIGIBILITY_EXPIRED")]);
        inspector.Coverage.IsComplete.ShouldBeFalse();
        outcomes.Single(o => o.Coverage.Scanner == "guardduty").Coverage.Status.ShouldBe(CoverageStatus.Failed);
        outcomes.Single(o => o.Coverage.Scanner == "ecr").Coverage.IsComplete.ShouldBeFalse();
    }

    private Workspace Workspace(string endpoint)
    {
        // The clients take credentials from the process's environment, as everywhere; loopback checks none.
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", "not-a-secret-used-on-loopback");
        var redactor = new Redactor();
        return new Workspace(
            new GlobalOptions { Json = true }, folder.Path, name => name switch { "AWS_ENDPOINT_URL" => endpoint, "PATH" => Parts.SearchPath, _ => null },
            new Terminal(redactor, output, error) { Json = true }, redactor, TimeProvider.System);
    }
}
