using SecOps.Delivery.Deploy;
using SecOps.Delivery.Diagnose;
using SecOps.Delivery.Protect;
using SecOps.Testing;
using Shouldly;

namespace SecOps.Delivery;

/// <summary>Networks and services built in the emulator, broken in one place each: the doctor names that place and no other.</summary>
public sealed class DiagnoseTests
{
    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task A_healthy_public_service_is_healthy() => (await new Surroundings().Build().DiagnoseAsync()).Where(c => c.Status != CheckStatus.Ok).ShouldBeEmpty();

    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task A_healthy_private_service_behind_a_NAT_gateway_is_healthy() =>
        (await new Surroundings { Private = true, AssignPublicIp = "DISABLED" }.Build().DiagnoseAsync()).Where(c => c.Status != CheckStatus.Ok).ShouldBeEmpty();

    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task A_healthy_private_service_with_endpoints_is_healthy()
    {
        var s = new Surroundings { Private = true, Nat = false, AssignPublicIp = "DISABLED" }.Build();
        var group = s.Group("endpoints");
        s.LetIn(group, 443, "10.0.0.0/16");
        foreach (var service in new[] { "ecr.api", "ecr.dkr", "logs" })
        {
            s.Endpoint(service, "Interface", group);
        }

        s.Endpoint("s3", "Gateway");
        (await s.DiagnoseAsync()).Where(c => c.Status != CheckStatus.Ok).ShouldBeEmpty();
    }

    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task War_story_the_load_balancers_security_group_lets_nothing_in()
    {
        var s = new Surroundings().Build();
        s.Rule("RevokeSecurityGroupIngress", s.BalancerGroup, "tcp", 80, "0.0.0.0/0");
        await Only(s, "load-balancer.security-group", s.BalancerGroup, "lets nothing in", "TCP 80 from 0.0.0.0/0");
    }

    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task War_story_the_service_sends_to_port_80_while_the_container_listens_on_5000()
    {
        var s = new Surroundings { ContainerPort = 80, TargetGroupPort = 80 }.Build();
        await Only(s, "target.port", "", "502", "5000", others: ["task.security-group"]);
    }

    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task War_story_the_target_group_sends_to_port_80_while_the_container_listens_on_5000()
    {
        var s = new Surroundings { TargetGroupPort = 80 }.Build();
        await Only(s, "target.port", s.TargetGroup, "502", "5000");
    }

    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task War_story_the_environment_says_that_the_program_listens_elsewhere()
    {
        var s = new Surroundings { ContainerPort = 80, MappedPort = 80, TargetGroupPort = 80, Environment = """[{"name":"FLASK_RUN_PORT","value":"5000"}]""" }.Build();
        await Only(s, "target.port", "", "FLASK_RUN_PORT=5000", "5000", others: ["task.security-group"]);
    }

    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task A_registered_target_on_another_port_is_found()
    {
        var s = new Surroundings().Build();
        s.Aws.Elb("RegisterTargets", "", ("TargetGroupArn", s.TargetGroup), ("Targets.member.1.Id", "10.0.0.9"), ("Targets.member.1.Port", "80"));
        await Only(s, "target.port", s.TargetGroup, "registered on port 80", "Deregister");
    }

    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task War_story_tasks_in_a_public_subnet_without_public_address_stay_pending()
    {
        var s = new Surroundings { AssignPublicIp = "DISABLED" }.Build();
        await Only(s, "task.route", s.Public[0], "PENDING", "assignPublicIp to ENABLED");
    }

    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task A_private_subnet_with_neither_NAT_nor_endpoints_is_found()
    {
        var s = new Surroundings { Private = true, Nat = false, AssignPublicIp = "DISABLED" }.Build();
        await Only(s, "task.route", s.TaskSubnets[0], "no way out in " + s.PrivateTable, "NAT gateway");
    }

    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task A_missing_endpoint_among_several_is_named()
    {
        var s = new Surroundings { Private = true, Nat = false, AssignPublicIp = "DISABLED" }.Build();
        var group = s.Group("endpoints");
        s.LetIn(group, 443, "10.0.0.0/16");
        s.Endpoint("ecr.api", "Interface", group);
        s.Endpoint("ecr.dkr", "Interface", group);
        s.Endpoint("logs", "Interface", group);
        await Only(s, "task.route", s.TaskSubnets[0], "s3 is missing", "s3");
    }

    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task An_endpoint_that_lets_nobody_in_is_found()
    {
        var s = new Surroundings { Private = true, Nat = false, AssignPublicIp = "DISABLED" }.Build();
        var group = s.Group("endpoints");
        foreach (var service in new[] { "ecr.api", "ecr.dkr", "logs" })
        {
            s.Endpoint(service, "Interface", group);
        }

        s.Endpoint("s3", "Gateway");
        await Only(s, "task.endpoint", "vpce-", "lets nobody in", group);
    }

    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task Tasks_in_a_subnet_that_falls_back_to_the_main_route_table_are_found()
    {
        var s = new Surroundings().Build();
        // Without a table of its own a subnet uses the main one, which has no way out.
        using var aws = Aws.TestAws.Moto();
        var subnet = s.Aws.Ec2("CreateSubnet", "subnetId", ("VpcId", s.Vpc), ("CidrBlock", "10.0.50.0/24"), ("AvailabilityZone", "us-east-1a"));
        s.Aws.Ecs("UpdateService", $$"""{"cluster":"{{s.Cluster}}","service":"{{s.Service}}","networkConfiguration":{"awsvpcConfiguration":{"subnets":["{{subnet}}"],"securityGroups":["{{s.TaskGroup}}"],"assignPublicIp":"ENABLED"} } }""");
        var network = (await aws.Ecs.DescribeServicesAsync(new() { Cluster = s.Cluster, Services = [s.Service] }, default)).Services.Single().NetworkConfiguration!.AwsvpcConfiguration!;
        if (network.Subnets.SequenceEqual([subnet]))
        {
            await Only(s, "task.route", subnet, "main table", "internet gateway");
            return;
        }

        // This emulator does not change a service's network: the same facts, given directly.
        var facts = new DiagnoseFacts
        {
            Region = "us-east-1",
            Client = AddressRange.Everywhere,
            Service = new() { NetworkConfiguration = new() { AwsvpcConfiguration = new() { Subnets = [subnet], AssignPublicIp = "ENABLED" } } },
            Task = new TaskDefinitionView([]),
            Subnets = new Dictionary<string, Aws.Ec2.Subnet> { [subnet] = new() { SubnetId = subnet, VpcId = s.Vpc, CidrBlock = "10.0.50.0/24" } },
            RouteTables = (await aws.Ec2.DescribeRouteTablesAsync(new() { Filters = [new() { Name = "vpc-id", Values = [s.Vpc] }] }, default)).RouteTables,
        };
        DiagnoseTask.Check(facts).Single(c => c.Status == CheckStatus.Failed).Message.ShouldContain("main table");
    }

    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task A_closed_way_out_is_found()
    {
        var s = new Surroundings().Build();
        s.Aws.Ec2("RevokeSecurityGroupEgress", "", ("GroupId", s.TaskGroup), ("IpPermissions.1.IpProtocol", "-1"), ("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0"));
        await Only(s, "task.egress", s.TaskGroup, "nothing out on port 443", "TCP 443");
    }

    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task A_task_that_does_not_let_the_load_balancer_in_is_found()
    {
        var s = new Surroundings().Build();
        s.Aws.Ec2("RevokeSecurityGroupIngress", "", ("GroupId", s.TaskGroup), ("IpPermissions.1.IpProtocol", "tcp"), ("IpPermissions.1.FromPort", "5000"), ("IpPermissions.1.ToPort", "5000"), ("IpPermissions.1.Groups.1.GroupId", s.BalancerGroup));
        await Only(s, "task.security-group", s.TaskGroup, "504", s.BalancerGroup);
    }

    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task A_load_balancer_that_lets_nothing_out_to_the_tasks_is_found()
    {
        var s = new Surroundings().Build();
        s.Aws.Ec2("RevokeSecurityGroupEgress", "", ("GroupId", s.BalancerGroup), ("IpPermissions.1.IpProtocol", "-1"), ("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0"));
        await Only(s, "load-balancer.egress", s.BalancerGroup, "nothing out on port 5000", "outbound rule");
    }

    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task A_load_balancer_without_listener_is_found()
    {
        var s = new Surroundings { Listener = false }.Build();
        // Without a listener the emulator, like AWS, does not tie the group to the load balancer.
        await Only(s, "load-balancer.present", s.TargetGroup, "no load balancer", "listener");
    }

    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task An_internal_load_balancer_is_found_unless_clients_are_inside()
    {
        var s = new Surroundings { Scheme = "internal" }.Build();
        await Only(s, "load-balancer.scheme", s.Balancer, "internal", "internet-facing");
        (await s.DiagnoseAsync("10.0.0.0/8")).Where(c => c.Status != CheckStatus.Ok).ShouldBeEmpty();
    }

    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task A_load_balancer_in_a_subnet_without_internet_gateway_is_found()
    {
        var s = new Surroundings { Private = true, AssignPublicIp = "DISABLED" }.Build();
        s.Aws.Ec2("DeleteRoute", "", ("RouteTableId", s.PublicTable), ("DestinationCidrBlock", "0.0.0.0/0"));
        await Only(s, "load-balancer.subnet-route", s.Public[0], "no route to an internet gateway in " + s.PublicTable, "0.0.0.0/0");
    }

    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task A_health_check_on_a_port_where_nobody_listens_is_found() =>
        await Only(new Surroundings { HealthCheckPort = "8080" }.Build(), "target.health-check", "tg-", "port 8080", "traffic-port");

    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task A_health_check_that_never_accepts_200_is_found() =>
        await Only(new Surroundings { Matcher = "301-302" }.Build(), "target.health-check", "tg-", "301-302", "200");

    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task An_execution_role_that_may_not_pull_is_found() =>
        await Only(new Surroundings { Policy = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"logs:*","Resource":"*"}}""" }.Build(), "task.execution-role", "role/", "ecr:BatchGetImage", "AmazonECSTaskExecutionRolePolicy");

    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task A_role_that_does_not_trust_tasks_is_found() =>
        await Only(new Surroundings { Trusts = """["ec2.amazonaws.com"]""" }.Build(), "task.execution-role", "role/", "ecs-tasks.amazonaws.com", "trust policy");

    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task A_missing_image_is_found() => await Only(new Surroundings { PushImage = false }.Build(), "task.image", ":1", "does not exist", "Push");

    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task A_missing_log_group_is_found() => await Only(new Surroundings { LogGroup = false }.Build(), "task.log-group", "/ecs/", "does not exist", "Make the log group");

    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task A_network_ACL_that_drops_the_answers_is_found()
    {
        var s = new Surroundings().Build();
        using var aws = Aws.TestAws.Moto();
        var acl = (await aws.Ec2.DescribeNetworkAclsAsync(new() { Filters = [new() { Name = "vpc-id", Values = [s.Vpc] }] }, default)).NetworkAcls.Single().NetworkAclId!;
        s.Aws.Ec2("CreateNetworkAclEntry", "", ("NetworkAclId", acl), ("RuleNumber", "50"), ("Protocol", "6"), ("RuleAction", "deny"), ("Egress", "false"), ("CidrBlock", "0.0.0.0/0"), ("PortRange.From", "1024"), ("PortRange.To", "65535"));
        await Only(s, "task.network-acl", acl, "rule 50", "1024-65535");
    }

    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task A_cluster_or_service_that_is_not_there_is_named()
    {
        using var aws = Aws.TestAws.Moto();
        var doctor = new DiagnoseOperation(aws, AddressRange.Everywhere);
        (await doctor.RunAsync("no-such-cluster", "s", default)).Single().ShouldSatisfyAllConditions(c => c.Id.ShouldBe("cluster.present"), c => c.Status.ShouldBe(CheckStatus.Failed));
        var s = new Surroundings().Build();
        (await doctor.RunAsync(s.Cluster, "no-such-service", default)).Single().Id.ShouldBe("service.present");
    }

    /// <summary>The one failed check (once a subnet or so) is this one, about this resource, and says this.</summary>
    private static async Task Only(Surroundings s, string id, string resource, string message, string fix, string[]? others = null)
    {
        var failed = (await s.DiagnoseAsync()).Where(c => c.Status != CheckStatus.Ok && others?.Contains(c.Id) != true).ToList();
        failed.Select(c => c.Id).Distinct().ShouldBe([id], string.Join('\n', failed));
        failed[0].Resource.ShouldContain(resource);
        failed[0].Message.ShouldContain(message);
        failed[0].Fix.ShouldNotBeNull().ShouldContain(fix);
    }
}
