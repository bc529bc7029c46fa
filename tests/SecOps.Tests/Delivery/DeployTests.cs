using System.Text.Json.Nodes;
using SecOps.Aws;
using SecOps.StandIns;
using SecOps.StandIns.Ecs;
using Shouldly;
using Xunit;

namespace SecOps.Delivery;

public sealed class DeployTests
{
    private static readonly string[] Writing = ["RegisterTaskDefinition", "UpdateService", "StopServiceDeployment", "TagResource"];

    private readonly List<string> said = [];

    [Fact]
    public async Task A_good_image_is_registered_by_digest_watched_and_proven()
    {
        using var ecs = new EcsStandIn(Play.Success);
        var result = await Deploy(ecs);
        result.Outcome.ShouldBe(DeployOutcome.Deployed);
        result.ExitCode.ShouldBe(0);
        var web = ecs.Registered["containerDefinitions"]![0]!;
        ((string)web["image"]!).ShouldBe($"{EcsStandIn.Repository}@{EcsStandIn.NewDigest}");
        // What we do not know stays; what only AWS writes goes.
        ((string)web["newField"]!).ShouldBe("kept");
        ecs.Registered["unknownToUs"]!.ToJsonString().ShouldBe("""{"kept":[1,2]}""");
        ecs.Registered.ContainsKey("registeredAt").ShouldBeFalse();
        ecs.Registered["tags"]!.ToJsonString().ShouldBe("""[{"key":"secops:commit","value":"abc"}]""");
        said.ShouldContain("(service shop) has reached a steady state.");
        said[^1].ShouldBe($"every running task runs {EcsStandIn.NewDigest}");
    }

    [Fact]
    public async Task The_difference_names_what_changes_and_nothing_else_and_writes_nothing()
    {
        using var ecs = new EcsStandIn(Play.Success);
        using var aws = new AwsClients(TestAws.Settings(ecs.Url));
        var plan = await Operation(aws).PlanAsync(default);
        plan.Changes.ShouldBe([$"~ web.image: {EcsStandIn.Repository}@{EcsStandIn.OldDigest} → {EcsStandIn.Repository}@{EcsStandIn.NewDigest}"]);
        ecs.Operations.Intersect(Writing).ShouldBeEmpty();
    }

    [Fact]
    public void A_changed_secret_is_not_shown()
    {
        JsonObject Definition(string value) => JsonNode.Parse($$"""{"containerDefinitions":[{"name":"web","environment":[{"name":"DB_PASSWORD","value":"{{value}}"},{"name":"MODE","value":"{{value}}"}]}]}""")!.AsObject();
        var lines = DeployDefinition.Diff(Definition("hunter2"), Definition("correct horse"));
        lines.ShouldBe(["~ web.environment.DB_PASSWORD.value: (not shown) → (not shown)", "~ web.environment.MODE.value: hunter2 → correct horse"]);
    }

    [Theory]
    [InlineData(Play.Crash, "exited with 1")]
    [InlineData(Play.PullFailure, "CannotPullContainerError")]
    [InlineData(Play.NeverStable, "did not become stable")]
    [InlineData(Play.CircuitBreaker, "circuit breaker")]
    [InlineData(Play.OtherDigest, "runs sha256:1111")]
    [InlineData(Play.BlueGreenAlarm, "shop-5xx")]
    public async Task A_failed_deploy_is_rolled_back_with_its_reason_and_never_exits_0(object play, string reason)
    {
        using var ecs = new EcsStandIn((Play)play);
        var result = await Deploy(ecs, timeout: TimeSpan.FromSeconds(play is Play.NeverStable ? 0.3 : 20));
        result.Outcome.ShouldBe(DeployOutcome.RolledBack);
        result.ExitCode.ShouldBe(5);
        string.Join('\n', result.Reasons).ShouldContain(reason);
        if (play is not Play.BlueGreenAlarm)
        {
            ecs.ServiceDefinition.ShouldBe(EcsStandIn.Name(1));
        }
    }

    [Fact]
    public async Task A_blue_green_deployment_is_done_when_its_service_deployment_says_so()
    {
        using var ecs = new EcsStandIn(Play.BlueGreen);
        (await Deploy(ecs)).ExitCode.ShouldBe(0);
        said.ShouldContain("stage BAKE_TIME");
    }

    [Fact]
    public async Task A_crash_is_told_with_the_last_lines_of_its_log()
    {
        using var ecs = new EcsStandIn(Play.Crash);
        using var aws = new AwsClients(TestAws.Settings(ecs.Url));
        var operation = Operation(aws);
        var plan = await operation.PlanAsync(default);
        plan.Definition["containerDefinitions"]![0]!["logConfiguration"] = JsonNode.Parse("""{"logDriver":"awslogs","options":{"awslogs-group":"/ecs/shop","awslogs-stream-prefix":"web"}}""");
        (await operation.RunAsync(plan, default)).Reasons.ShouldContain("  log: Traceback: no module named shop");
    }

    [Fact]
    public async Task A_second_deploy_is_refused_while_one_is_running()
    {
        using var ecs = new EcsStandIn(Play.Success);
        ecs.Busy();
        var error = await Should.ThrowAsync<SecOpsException>(Deploy(ecs));
        error.Code.ShouldBe(ExitCode.ToolFailed);
        error.Message.ShouldContain("another deployment");
        ecs.Operations.Intersect(Writing).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_deploy_that_another_one_overtakes_fails_and_rolls_nothing_back()
    {
        using var ecs = new EcsStandIn(Play.SecondDeploy);
        (await Should.ThrowAsync<SecOpsException>(Deploy(ecs))).Message.ShouldContain("took over");
        ecs.Operations.Count(o => o == "UpdateService").ShouldBe(1);
    }

    [Fact]
    public async Task Throttling_while_watching_is_waited_out()
    {
        using var ecs = new EcsStandIn(Play.Success);
        ecs.Fault = (asked, count) => asked.Operation == "DescribeServices" && ecs.Operations.Contains("UpdateService") && count % 2 == 0 ? Answer.Error("ThrottlingException", "Rate exceeded") : null;
        (await Deploy(ecs)).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task Expired_credentials_half_way_end_with_the_state_and_the_same_command_goes_on()
    {
        using var ecs = new EcsStandIn(Play.Success);
        var expired = true;
        ecs.Fault = (asked, _) => expired && asked.Operation == "DescribeServices" && ecs.Operations.Contains("UpdateService") ? Answer.Error("ExpiredTokenException", "expired") : null;
        using var aws = new AwsClients(TestAws.Settings(ecs.Url));
        var operation = Operation(aws);
        var plan = await operation.PlanAsync(default);
        (await Should.ThrowAsync<AwsException>(operation.RunAsync(plan, default))).IsCredentials.ShouldBeTrue();
        operation.State.ShouldContain("ECS goes on without us");
        expired = false;
        var again = await Deploy(ecs);
        again.Outcome.ShouldBe(DeployOutcome.Unchanged);
        ecs.Operations.Count(o => o == "RegisterTaskDefinition").ShouldBe(1);
    }

    [Fact]
    public async Task A_network_cut_at_any_call_tells_the_state_and_the_same_command_goes_on()
    {
        int calls;
        using (var whole = new EcsStandIn(Play.Success))
        {
            await Deploy(whole);
            calls = whole.Operations.Count;
        }

        for (var cut = 1; cut <= calls; cut++)
        {
            using var ecs = new EcsStandIn(Play.Success);
            var at = cut;
            ecs.Fault = (_, count) => count == at ? new Answer("") { Cut = true } : null;
            using var aws = new AwsClients(TestAws.Settings(ecs.Url));
            var operation = Operation(aws);
            try
            {
                await operation.RunAsync(await operation.PlanAsync(default), default);
            }
            catch (AwsException e)
            {
                e.ErrorCode.ShouldBe(AwsException.Unreachable, $"cut at call {cut}");
                operation.State.ShouldNotBeEmpty();
            }

            ecs.Fault = (_, _) => null;
            (await Deploy(ecs)).ExitCode.ShouldBe(0, $"after a cut at call {cut}");
            ecs.ServiceDefinition.ShouldNotBe(EcsStandIn.Name(1));
        }
    }

    [Fact]
    public async Task The_same_image_again_changes_nothing()
    {
        using var ecs = new EcsStandIn(Play.Success);
        var result = await Deploy(ecs, digest: EcsStandIn.OldDigest);
        result.Outcome.ShouldBe(DeployOutcome.Unchanged);
        ecs.Operations.Intersect(Writing).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_rollback_refuses_what_is_not_attested()
    {
        using var ecs = new EcsStandIn(Play.Success);
        await Deploy(ecs);
        using var aws = new AwsClients(TestAws.Settings(ecs.Url));
        var operation = new DeployOperation(aws, Request(EcsStandIn.NewDigest, TimeSpan.FromSeconds(5)), TimeProvider.System, said.Add, (_, _) => Task.FromResult(false), new HashSet<string>());
        (await Should.ThrowAsync<SecOpsException>(operation.RollbackAsync(default))).Message.ShouldContain("nothing to roll back to");
    }

    [Fact]
    public async Task A_rollback_goes_to_the_last_service_deployment_that_succeeded()
    {
        using var ecs = new EcsStandIn(Play.BlueGreen);
        await Deploy(ecs);
        using var aws = new AwsClients(TestAws.Settings(ecs.Url));
        var asked = new List<string?>();
        var operation = new DeployOperation(aws, Request(EcsStandIn.NewDigest, TimeSpan.FromSeconds(5)) with { NoWait = true }, TimeProvider.System, said.Add, (image, _) => { asked.Add(image.Digest); return Task.FromResult(true); }, new HashSet<string>());
        (await operation.RollbackAsync(default)).TaskDefinition.ShouldBe(EcsStandIn.Name(1));
        asked.ShouldBe([EcsStandIn.OldDigest]);
        ecs.ServiceDefinition.ShouldBe(EcsStandIn.Name(1));
    }

    [Fact]
    public void An_image_goes_to_the_container_that_runs_its_repository_and_a_guess_is_refused()
    {
        var two = JsonNode.Parse("""{"containerDefinitions":[{"name":"a","image":"r.example/x:1"},{"name":"b","image":"r.example/y:1"}]}""")!.AsObject();
        DeployDefinition.WithImage(two, EcrImage.Parse("r.example/y@" + EcsStandIn.NewDigest), null).Container.ShouldBe("b");
        Should.Throw<SecOpsException>(() => DeployDefinition.WithImage(two, EcrImage.Parse("r.example/z@" + EcsStandIn.NewDigest), null)).Message.ShouldContain("--container: a, b");
    }

    private async Task<DeployResult> Deploy(EcsStandIn ecs, TimeSpan? timeout = null, string? digest = null)
    {
        using var aws = new AwsClients(TestAws.Settings(ecs.Url));
        var operation = Operation(aws, timeout, digest);
        return await operation.RunAsync(await operation.PlanAsync(default), default);
    }

    private DeployOperation Operation(AwsClients aws, TimeSpan? timeout = null, string? digest = null) =>
        new(aws, Request(digest ?? EcsStandIn.NewDigest, timeout ?? TimeSpan.FromSeconds(20)), TimeProvider.System, said.Add, null, new HashSet<string> { digest ?? EcsStandIn.NewDigest });

    private static DeployRequest Request(string digest, TimeSpan timeout) => new()
    {
        Cluster = "c",
        Service = "shop",
        Image = EcrImage.Parse($"{EcsStandIn.Repository}@{digest}"),
        Timeout = timeout,
        Poll = TimeSpan.FromMilliseconds(10),
        Tags = new Dictionary<string, string> { ["secops:commit"] = "abc" },
    };
}
