using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SecOps.Aws;
using SecOps.Delivery;
using SecOps.Delivery.Deploy;
using SecOps.Processes;
using SecOps.StandIns;
using SecOps.StandIns.Ecs;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Commands;

/// <summary>Every call that the AWS commands make, seen between them and the emulator: nothing writes that must not, and the printed policy fits.</summary>
public sealed partial class AwsActionsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly EcsStandIn ecs = new(Play.Success, 0);
    private readonly Recorder recorder;
    private readonly Surroundings around;
    private readonly string bucket = "state-" + Guid.NewGuid().ToString("N");
    private readonly StringWriter output = new();
    private readonly StringWriter error = new();

    public AwsActionsTests()
    {
        recorder = new Recorder(service => service == "ecs" ? ecs.Url : Parts.Variable("SECOPS_TEST_AWS"));
        around = new Surroundings { Aws = new Emulator { EcsUrl = ecs.Url } };
    }

    public void Dispose()
    {
        folder.Dispose();
        recorder.Dispose();
        ecs.Dispose();
        output.Dispose();
        error.Dispose();
    }

    [NeedsFact("SECOPS_TEST_AWS", "terraform")]
    public async Task What_only_looks_makes_no_writing_call()
    {
        using var workspace = Set();
        var ecsOptions = Ecs();
        foreach (var options in (DeployEcsOptions[])[ecsOptions with { Diff = true }, ecsOptions with { VerifyOnly = true }, ecsOptions with { DryRun = true }])
        {
            (await new DeployEcsOperation(workspace, options).RunAsync(default)).ShouldBe(0, error.ToString());
        }

        (await new DeployProtectOperation(workspace, around.Balancer, null, null, null, null, dryRun: true).RunAsync(default)).ShouldBe(0);
        (await new DeployTerraformOperation(workspace, new() { DryRun = true }).RunAsync(default)).ShouldBe(0);
        using (var aws = TestAws.Moto())
        {
            // Also where the backend is there, and Terraform itself reads it.
            await new DeployBackend(aws, bucket, "locks-" + bucket, dryRun: false, _ => { }).EnsureAsync(default);
        }

        (await new DeployTerraformOperation(workspace, new() { DryRun = true }).RunAsync(default)).ShouldBe(0, error.ToString());
        (await DoctorAws.RunAsync(workspace, around.Cluster, around.Service, "us-east-1", null, default)).ShouldBe(0, error.ToString());
        (await DoctorAws.PolicyAsync(workspace, null, default)).ShouldBe(0);
        await new AwsFindings(workspace, workspace.Configuration(folder.Path), new() { Aws = true }, folder.Path, new()).ReadAsync(default);

        recorder.Actions.Count.ShouldBeGreaterThan(50);
        recorder.Actions.Distinct().Where(a => !Reading().IsMatch(a)).ShouldBeEmpty();
    }

    [NeedsFact("SECOPS_TEST_AWS", "terraform")]
    public async Task The_printed_policy_allows_what_a_whole_run_does_and_nothing_that_no_run_does()
    {
        using var workspace = Set();
        // Deployed, then rolled back by hand; protected anew, then changed; the backend made, the plan applied under its lock.
        (await new DeployEcsOperation(workspace, Ecs()).RunAsync(default)).ShouldBe(0, error.ToString());
        (await new DeployEcsOperation(workspace, Ecs() with { Image = null, Rollback = true }).RunAsync(default)).ShouldBe(0, error.ToString());
        foreach (var count in (bool[])[false, true])
        {
            (await new DeployProtectOperation(workspace, around.Balancer, null, null, null, count, dryRun: false).RunAsync(default)).ShouldBe(0, output.ToString());
        }

        (await new DeployTerraformOperation(workspace, new()).RunAsync(default)).ShouldBe(0, error.ToString());
        (await DoctorAws.RunAsync(workspace, around.Cluster, around.Service, "us-east-1", null, default)).ShouldBe(0, error.ToString());
        await new AwsFindings(workspace, workspace.Configuration(folder.Path), new() { Aws = true }, folder.Path, new()).ReadAsync(default);
        var done = recorder.Actions.ToHashSet();
        output.GetStringBuilder().Clear();
        (await DoctorAws.PolicyAsync(workspace, null, default)).ShouldBe(0);

        var allowed = JsonNode.Parse(output.ToString())!["Statement"]!.AsArray().SelectMany(s => s!["Action"] is JsonArray many ? many.Select(a => (string)a!) : [(string)s["Action"]!]).ToHashSet();
        // Needs no permission.
        done.Remove("sts:GetCallerIdentity");
        done.Except(allowed).ShouldBeEmpty();
        string[] elsewhere =
        [
            // Checked by AWS itself, with no call of that name.
            "ecs:TagResource", "elasticloadbalancing:SetWebACL", "iam:CreateServiceLinkedRole", "iam:PassRole",
            // Where the lock is a file; here it is a table.
            "s3:DeleteObject",
            // Of deployments that fail: see DeployTests.
            "ecs:StopServiceDeployment", "logs:GetLogEvents",
            // Once an account: another test may have been first.
            "guardduty:CreateDetector", "guardduty:UpdateDetector", "inspector2:Enable",
            // Where this emulator has no such state: attached policies, rules beside the default, NAT gateways, findings, a policy over plain HTTP.
            "ec2:DescribeNatGateways", "elasticloadbalancing:DescribeRules", "guardduty:GetFindings", "iam:GetPolicy", "iam:GetPolicyVersion", "s3:GetBucketPolicy", "s3:PutBucketPolicy",
        ];
        allowed.Where(a => !a.StartsWith("ecr:", StringComparison.Ordinal)).Except(done).Except(elsewhere).ShouldBeEmpty();
    }

    [NeedsFact("SECOPS_TEST_AWS", "terraform")]
    public async Task A_plan_that_destroys_is_refused_until_it_is_allowed()
    {
        using var workspace = Set();
        (await new DeployTerraformOperation(workspace, new()).RunAsync(default)).ShouldBe(0, error.ToString());
        folder.Write("infra/main.tf", "terraform {\n  backend \"s3\" {}\n}\n");
        (await new DeployTerraformOperation(workspace, new()).RunAsync(default)).ShouldBe(1);
        error.ToString().ShouldContain("the plan destroys terraform_data.one. Nothing was applied.");
        (await Should.ThrowAsync<SecOpsException>(() => new DeployTerraformOperation(workspace, new() { Destroy = true }).RunAsync(default))).Code.ShouldBe(2);

        (await new DeployTerraformOperation(workspace, new() { AllowDestroy = true }).RunAsync(default)).ShouldBe(0, error.ToString());
        output.GetStringBuilder().Clear();
        (await new DeployTerraformOperation(workspace, new() { Destroy = true, AllowDestroy = true }).RunAsync(default)).ShouldBe(0, error.ToString());
        output.ToString().ShouldContain("no changes", customMessage: "it is gone already");
    }

    [Fact]
    public async Task Each_part_of_the_configuration_adds_its_own_actions()
    {
        foreach (var (yaml, action) in new[]
        {
            ("push: {attest: {kms: alias/gate}}", "kms:Sign"), ("remediate: {model: anthropic.claude}", "bedrock:InvokeModel"),
            ("remediate: {snapshotBucket: code}", "s3:PutObject"), ("report: {s3: {bucket: reports}}", "s3:PutObject"), ("push: {createRepository: true}", "ecr:CreateRepository"),
        })
        {
            folder.Write("secops.yml", "deploy: {region: us-east-1}\n");
            (await PolicyAsync()).ShouldNotContain(action);
            folder.Write("secops.yml", $"deploy: {{region: us-east-1}}\n{yaml}\n");
            (await PolicyAsync()).ShouldContain(action, Case.Sensitive, yaml);
        }
    }

    private async Task<string> PolicyAsync()
    {
        output.GetStringBuilder().Clear();
        using var workspace = Workspace(offline: true);
        (await DoctorAws.PolicyAsync(workspace, null, default)).ShouldBe(0);
        return output.ToString();
    }

    private Workspace Set()
    {
        around.Build();
        // Terraform asks the recorder too; this process's own environment is for all tests.
        folder.Write("bin/terraform", $"#!/bin/sh\nexport AWS_ENDPOINT_URL='{recorder.Url}'\nexec '{Parts.Executable("terraform")}' \"$@\"\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder["bin/terraform"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        folder.Write("infra/main.tf", """
            terraform {
              backend "s3" {}
            }
            resource "terraform_data" "one" { input = "x" }
            """);
        folder.Write("secops.yml", $$"""
            deploy:
              region: us-east-1
              cluster: {{around.Cluster}}
              service: {{around.Service}}
              requireAttestation: false
              targets: [terraform, ecs, protect]
              terraform: {directory: infra, bucket: {{bucket}}, lockTable: locks-{{bucket}}}
              protect: {name: w-{{bucket[..20]}}}
            """);
        return Workspace();
    }

    private DeployEcsOptions Ecs() => new() { Cluster = around.Cluster, Service = around.Service, Image = around.Image + "@" + around.Digest };

    private Workspace Workspace(bool offline = false)
    {
        // The clients and Terraform take credentials from the process's environment, as everywhere; loopback checks none.
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", "not-a-secret-used-on-loopback");
        var redactor = new Redactor();
        return new Workspace(
            new GlobalOptions { Offline = offline }, folder.Path, Variable,
            new Terminal(redactor, output, error), redactor, TimeProvider.System);
    }

    private string? Variable(string name) => name switch
    {
        "AWS_ENDPOINT_URL" => recorder.Url,
        "PATH" => folder["bin"] + Path.PathSeparator + Parts.SearchPath,
        _ => null,
    };

    [GeneratedRegex("^[a-z0-9]+:(Describe|List|Get|BatchGet|Check)")]
    private static partial Regex Reading();
}
