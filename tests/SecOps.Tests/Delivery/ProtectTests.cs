using System.Text.Json.Nodes;
using SecOps.Aws;
using SecOps.Delivery.Deploy;
using SecOps.Delivery.Permissions;
using SecOps.Delivery.Protect;
using SecOps.StandIns;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Delivery;

public sealed class ProtectTests
{
    private const string Balancer = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/lb/1";

    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task Everything_is_turned_on_once_and_found_again()
    {
        using var aws = TestAws.Moto("eu-north-1");
        var balancer = MakeBalancer();
        var request = Request(balancer);
        var planned = await new ProtectOperation(aws, request with { DryRun = true }, TimeProvider.System).RunAsync(default);
        planned.ShouldNotContain(r => r.Outcome == ProtectOutcome.Changed);
        planned.Single(r => r.Part == "waf").Outcome.ShouldBe(ProtectOutcome.WouldChange);

        var first = await new ProtectOperation(aws, request, TimeProvider.System).RunAsync(default);
        first.Select(r => r.Part).ShouldBe(["waf", "waf-association", "guardduty", "inspector"]);
        first.ShouldNotContain(r => r.Outcome == ProtectOutcome.Refused, string.Join("\n", first));
        first[1].Outcome.ShouldBe(ProtectOutcome.Changed);

        var second = await new ProtectOperation(aws, request, TimeProvider.System).RunAsync(default);
        second.Select(r => r.Outcome).Distinct().ShouldBe([ProtectOutcome.Already], string.Join('\n', second));

        var counting = await new ProtectOperation(aws, request with { Count = true }, TimeProvider.System).RunAsync(default);
        counting[0].Message.ShouldContain("AWSManagedRulesCommonRuleSet set to count");
        var summary = (await aws.WafV2.ListWebACLsAsync(new() { Scope = "REGIONAL" }, default)).WebACLs.Single(a => a.Name == request.Name);
        var acl = (await aws.WafV2.GetWebACLAsync(new() { Name = request.Name, Id = summary.Id, Scope = "REGIONAL" }, default)).WebACL!;
        TaskDefinitionView.Objects(acl["Rules"]).Select(r => r["OverrideAction"]!.ToJsonString()).ShouldBe(["""{"Count":{}}""", """{"Count":{}}"""]);
    }

    [Fact]
    public async Task A_lock_token_conflict_is_read_again_and_other_rules_stay()
    {
        var updates = 0;
        JsonObject? sent = null;
        using var server = new StandIn(asked =>
        {
            switch (asked.Operation)
            {
                case "ListWebACLs":
                    return new Answer("""{"WebACLs":[{"Name":"secops","Id":"1","ARN":"arn:acl"}]}""");
                case "GetWebACL":
                    return new Answer("""{"LockToken":"t#","WebACL":{"Name":"secops","ARN":"arn:acl","DefaultAction":{"Allow":{}},"VisibilityConfig":{"MetricName":"m"},"TokenDomains":["x.example"],"Rules":[{"Name":"mine","Priority":7,"Statement":{"GeoMatchStatement":{"CountryCodes":["XX"]}},"Action":{"Block":{}}}]}}""".Replace("t#", $"t{updates}", StringComparison.Ordinal));
                case "UpdateWebACL" when ++updates == 1:
                    return Answer.Error("WAFOptimisticLockException", "somebody was faster");
                case "UpdateWebACL":
                    sent = JsonNode.Parse(asked.Body)!.AsObject();
                    return new Answer("""{"NextLockToken":"t9"}""");
                case "CheckCapacity":
                    return new Answer("""{"Capacity":900}""");
                default:
                    return new Answer("""{"WebACL":{"ARN":"arn:acl"}}""");
            }
        });
        using var aws = new AwsClients(TestAws.Settings(server.Url));
        var results = await new ProtectOperation(aws, Request(Balancer) with { Name = "secops", GuardDuty = false, Inspector = false }, TimeProvider.System).RunAsync(default);
        results.Select(r => r.Outcome).ShouldBe([ProtectOutcome.Changed, ProtectOutcome.Already]);
        ((string)sent!["LockToken"]!).ShouldBe("t1");
        sent["Rules"]!.AsArray().Select(r => (string)r!["Name"]!).ShouldBe(["mine", "AWSManagedRulesCommonRuleSet", "AWSManagedRulesLinuxRuleSet"]);
        sent["Rules"]!.AsArray().Select(r => (int)r!["Priority"]!).ShouldBe([7, 8, 9]);
        sent["TokenDomains"]!.ToJsonString().ShouldBe("""["x.example"]""");
    }

    [Fact]
    public async Task A_new_web_ACL_that_is_not_ready_is_waited_for_and_another_one_is_never_replaced()
    {
        var tries = 0;
        var other = false;
        using var server = new StandIn(asked => asked.Operation switch
        {
            "ListWebACLs" => new Answer("""{"WebACLs":[]}"""),
            "CheckCapacity" => new Answer("""{"Capacity":900}"""),
            "CreateWebACL" => new Answer("""{"Summary":{"Name":"secops","Id":"1","ARN":"arn:acl"}}"""),
            "GetWebACLForResource" => new Answer(other ? """{"WebACL":{"ARN":"arn:theirs"}}""" : "{}"),
            "AssociateWebACL" => ++tries < 3 ? Answer.Error("WAFUnavailableEntityException", "not yet") : new Answer("{}"),
            _ => Answer.Error("AccessDeniedException", "not allowed", 403),
        });
        using var aws = new AwsClients(TestAws.Settings(server.Url));
        var request = Request(Balancer) with { GuardDuty = false, Inspector = false };
        (await new ProtectOperation(aws, request, TimeProvider.System).RunAsync(default)).Select(r => r.Outcome).ShouldBe([ProtectOutcome.Changed, ProtectOutcome.Changed]);
        tries.ShouldBe(3);
        other = true;
        (await new ProtectOperation(aws, request, TimeProvider.System).RunAsync(default))[1].Message.ShouldContain("arn:theirs");
        tries.ShouldBe(3);
    }

    [Fact]
    public async Task A_refused_part_names_its_permission_and_the_others_go_on()
    {
        using var server = new StandIn(asked => asked.Body.Contains("GetCallerIdentity", StringComparison.Ordinal) ? Answer.Caller
            : asked.Url.StartsWith("/status", StringComparison.Ordinal)
            ? new Answer("""{"accounts":[{"accountId":"1","resourceState":{"ecr":{"status":"ENABLED"}}}]}""")
            : new Answer("""{"message":"no"}""", 403) with { Headers = new() { ["x-amzn-ErrorType"] = "AccessDeniedException" } });
        using var aws = new AwsClients(TestAws.Settings(server.Url));
        var results = await new ProtectOperation(aws, Request(Balancer), TimeProvider.System).RunAsync(default);
        results.Select(r => (r.Part, r.Outcome)).ShouldBe([("waf", ProtectOutcome.Refused), ("guardduty", ProtectOutcome.Refused), ("inspector", ProtectOutcome.Already)]);
        results[1].Message.ShouldContain("Allow guardduty:ListDetectors");
    }

    [Fact]
    public void The_policy_names_what_the_configuration_uses_and_no_more()
    {
        var policy = LeastPrivilege.Policy(new PolicyScope { Ecs = true, Cluster = "c", Service = "s", Roles = ["arn:aws:iam::1:role/x"], StateBucket = "b", StateKey = "k" }, "aws", "eu-west-1", "1");
        var statements = JsonNode.Parse(policy)!["Statement"]!.AsArray().ToDictionary(s => (string)s!["Sid"]!);
        statements.Keys.ShouldBe(["EcsService", "EcsTasks", "Roles", "PassRoles", "Diagnose", "StateBucket", "State", "StateLock", "Findings"], ignoreOrder: true);
        statements["EcsService"]!["Resource"]![0]!.ToString().ShouldBe("arn:aws:ecs:eu-west-1:1:service/c/s");
        statements["PassRoles"]!["Resource"]!.ToJsonString().ShouldBe("""["arn:aws:iam::1:role/x"]""");
        statements["PassRoles"]!["Condition"]!.ToJsonString().ShouldContain("ecs-tasks.amazonaws.com");
        statements["StateLock"]!["Resource"]![0]!.ToString().ShouldBe("arn:aws:s3:::b/k.tflock");
    }

    private static ProtectRequest Request(string balancer) => new()
    {
        LoadBalancer = balancer,
        Name = "secops-" + Guid.NewGuid().ToString("N")[..8],
        RuleGroups = ["AWSManagedRulesCommonRuleSet", "AWSManagedRulesLinuxRuleSet"],
        Poll = TimeSpan.FromMilliseconds(5),
    };

    private static string MakeBalancer()
    {
        var emulator = new Emulator("eu-north-1");
        var vpc = emulator.Ec2("CreateVpc", "vpcId", ("CidrBlock", "10.0.0.0/16"));
        var a = emulator.Ec2("CreateSubnet", "subnetId", ("VpcId", vpc), ("CidrBlock", "10.0.0.0/24"), ("AvailabilityZone", "eu-north-1a"));
        var b = emulator.Ec2("CreateSubnet", "subnetId", ("VpcId", vpc), ("CidrBlock", "10.0.1.0/24"), ("AvailabilityZone", "eu-north-1b"));
        return emulator.Elb("CreateLoadBalancer", "LoadBalancerArn", ("Name", "p-" + Guid.NewGuid().ToString("N")[..12]), ("Subnets.member.1", a), ("Subnets.member.2", b));
    }
}
