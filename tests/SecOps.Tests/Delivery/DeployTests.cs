using System.Text.Json.Nodes;
using SecOps.Aws;
using SecOps.Delivery.Deploy;
using SecOps.Delivery.Push;
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
    [InlineData(Play.CircuitBreakerAlone, "circuit breaker")]
    [InlineData(Play.Alarm, "shop-5xx")]
    [InlineData(Play.Stopped, "Stopped by the user")]
    [InlineData(Play.OtherDigest, "runs sha256:1111")]
    [InlineData(Play.BlueGreenAlarm, "shop-5xx")]
    [InlineData(Play.BlueGreenHook, "lifecycle hook")]
    [InlineData(Play.BlueGreenCrash, "exited with 1")]
    [InlineData(Play.CanaryAlarm, "shop-5xx")]
    public async Task A_failed_deploy_is_rolled_back_with_its_reason_and_never_exits_0(object play, string reason)
    {
        // Also without the permission to read service deployments, but for the strategies that ECS tells there alone.
        foreach (var withServiceDeployments in (bool[])[true, false])
        {
            if (!withServiceDeployments && play is Play.Stopped or Play.BlueGreenAlarm or Play.BlueGreenHook or Play.CanaryAlarm)
            {
                continue;
            }

            using var ecs = new EcsStandIn((Play)play) { HasServiceDeployments = withServiceDeployments };
            var result = await Deploy(ecs, timeout: TimeSpan.FromSeconds(play is Play.NeverStable ? 0.3 : 20));
            result.Outcome.ShouldBe(DeployOutcome.RolledBack, string.Join('\n', [.. result.Reasons, .. said]));
            result.ExitCode.ShouldBe(5);
            string.Join('\n', result.Reasons).ShouldContain(withServiceDeployments || play is not Play.Alarm ? reason : "CloudWatch alarm");
            ecs.ServiceDefinition.ShouldBe(EcsStandIn.Name(1));
        }
    }

    [Theory]
    [InlineData(Play.BlueGreen, "stage PRODUCTION_TRAFFIC_SHIFT, 100 % of the traffic")]
    [InlineData(Play.Canary, "stage PRODUCTION_TRAFFIC_SHIFT, 10 % of the traffic")]
    [InlineData(Play.Linear, "stage PRODUCTION_TRAFFIC_SHIFT, 60 % of the traffic")]
    public async Task Traffic_that_moves_by_stages_is_told_and_the_end_is_when_the_service_deployment_says_so(object play, string stage)
    {
        using var ecs = new EcsStandIn((Play)play);
        (await Deploy(ecs)).ExitCode.ShouldBe(0);
        said.ShouldContain(stage);
        said.FindIndex(l => l.StartsWith("stage BAKE_TIME", StringComparison.Ordinal)).ShouldBeGreaterThan(said.IndexOf(stage));
        said.FindIndex(l => l.StartsWith("every running task", StringComparison.Ordinal)).ShouldBeGreaterThan(said.FindIndex(l => l.StartsWith("stage CLEAN_UP", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(Play.BlueGreenCrash, 1)]
    [InlineData(Play.OtherDigest, 2)]
    public async Task What_is_still_under_way_is_taken_back_by_ECS_itself_and_what_is_done_by_an_update(object play, int updates)
    {
        using var ecs = new EcsStandIn((Play)play);
        (await Deploy(ecs)).ExitCode.ShouldBe(5);
        ecs.Operations.Count(o => o == "UpdateService").ShouldBe(updates);
        ecs.Operations.Count(o => o == "StopServiceDeployment").ShouldBe(2 - updates);
    }

    [Fact]
    public async Task A_rollback_that_fails_as_well_says_so_and_exits_5()
    {
        using var ecs = new EcsStandIn(Play.RollbackFails) { HasServiceDeployments = false };
        var result = await Deploy(ecs, timeout: TimeSpan.FromSeconds(2));
        result.ExitCode.ShouldBe(5);
        result.Outcome.ShouldBe(DeployOutcome.RollbackFailed);
        result.Reasons[^1].ShouldContain("the rollback to shop:1 did not complete");
    }

    [Fact]
    public async Task A_fault_in_the_middle_of_the_rollback_still_tells_why_the_deployment_failed()
    {
        foreach (var fault in (Answer[])[Answer.Error("ExpiredTokenException", "expired"), Answer.Error("AccessDeniedException", "no", 403), new("") { Cut = true }])
        {
            using var ecs = new EcsStandIn(Play.Crash) { HasServiceDeployments = false };
            ecs.Fault = (asked, _) => asked.Operation == "UpdateService" && ecs.Operations.Count(o => o == "UpdateService") > 1 ? fault : null;
            var result = await Deploy(ecs);
            result.Outcome.ShouldBe(DeployOutcome.RollbackFailed);
            result.Reasons[^1].ShouldStartWith("the rollback could not be carried out: ecs:UpdateService");
            string.Join('\n', result.Reasons).ShouldContain("exited with 1");
        }
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

    [Theory]
    [InlineData(Play.Success)]
    [InlineData(Play.BlueGreen)]
    public async Task A_network_cut_at_any_call_tells_the_state_and_the_same_command_goes_on(object play)
    {
        int calls;
        using (var whole = new EcsStandIn((Play)play))
        {
            await Deploy(whole);
            calls = whole.Operations.Count;
        }

        // Before the call is done, and after it, so that only the answer is lost.
        for (var cut = 2; cut <= (2 * calls) + 1; cut++)
        {
            using var ecs = new EcsStandIn((Play)play);
            var (at, late) = (cut / 2, cut % 2 == 1);
            ecs.Fault = (_, count) => count == at ? new Answer("") { Cut = true, Late = late } : null;
            using var aws = new AwsClients(TestAws.Settings(ecs.Url));
            var operation = Operation(aws);
            var wrote = false;
            try
            {
                (await RunAsync(operation)).ExitCode.ShouldBe(0);
            }
            catch (AwsException e)
            {
                e.ErrorCode.ShouldBe(AwsException.Unreachable, $"cut at call {at}");
                wrote = ecs.Operations.Intersect(Writing).Any();
                operation.State.ShouldContain(wrote ? "run the same command again" : "", Case.Sensitive, $"cut at call {at}");
            }

            ecs.Fault = (_, _) => null;
            (await Deploy(ecs)).ExitCode.ShouldBe(0, $"after a cut at call {at}");
            ecs.ServiceDefinition.ShouldBe(EcsStandIn.Name(2), $"registered once, cut at call {at}, {(late ? "late" : "early")}");
            ecs.Registered.ShouldNotBeNull();
        }
    }

    [Fact]
    public async Task A_lost_answer_does_not_make_the_runtime_register_twice()
    {
        using var ecs = new EcsStandIn(Play.Success);
        ecs.Fault = (asked, _) => asked.Operation == "RegisterTaskDefinition" ? new Answer("") { Cut = true, Late = true } : null;
        using var aws = new AwsClients(TestAws.Settings(ecs.Url, retries: 2));
        (await RunAsync(Operation(aws))).ExitCode.ShouldBe(0);
        ecs.ServiceDefinition.ShouldBe(EcsStandIn.Name(2));
        ecs.Operations.Count(o => o == "RegisterTaskDefinition").ShouldBe(1);
    }

    [Fact]
    public void A_definition_from_a_file_does_not_differ_by_what_ECS_fills_in()
    {
        JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
        DeployDefinition.Diff(
            Parse("""{"family":"f","networkMode":"awsvpc","containerDefinitions":[{"name":"web","cpu":0,"essential":true,"environment":[],"mountPoints":[],"portMappings":[{"containerPort":80,"hostPort":80,"protocol":"tcp"}]}]}"""),
            Parse("""{"family":"f","networkMode":"awsvpc","containerDefinitions":[{"name":"web","portMappings":[{"containerPort":80}]}]}""")).ShouldBeEmpty();
        DeployDefinition.Diff(Parse("""{"containerDefinitions":[{"name":"web","essential":true}]}"""), Parse("""{"containerDefinitions":[{"name":"web","essential":false}]}""")).ShouldBe(["+ web.essential: false"]);
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
        return await RunAsync(Operation(aws, timeout, digest));
    }

    private static async Task<DeployResult> RunAsync(DeployOperation operation) =>
        await operation.RunAsync(await operation.PlanAsync(default) with { Tags = new Dictionary<string, string> { ["secops:commit"] = "abc" } }, default);

    private DeployOperation Operation(AwsClients aws, TimeSpan? timeout = null, string? digest = null) =>
        new(aws, Request(digest ?? EcsStandIn.NewDigest, timeout ?? TimeSpan.FromSeconds(20)), TimeProvider.System, said.Add, null, new HashSet<string> { digest ?? EcsStandIn.NewDigest });

    private static DeployRequest Request(string digest, TimeSpan timeout) => new()
    {
        Cluster = "c",
        Service = "shop",
        Image = EcrImage.Parse($"{EcsStandIn.Repository}@{digest}"),
        Timeout = timeout,
        Poll = TimeSpan.FromMilliseconds(10),
    };
}
