using SecOps.Aws;
using SecOps.Aws.Ec2;
using SecOps.Aws.Ecs;
using SecOps.Aws.ElasticLoadBalancingV2;
using SecOps.Delivery.Deploy;
using SecOps.Delivery.Protect;

namespace SecOps.Delivery.Diagnose;

/// <summary>Reads what the checks look at. Reads only; what may not be read becomes an unknown check, and the rest goes on.</summary>
internal sealed class DiagnoseReader(AwsClients aws, CancellationToken cancellation)
{
    private readonly List<DiagnoseCheck> unknown = [];

    /// <summary>What could not be read.</summary>
    public IReadOnlyList<DiagnoseCheck> Unknown => unknown;

    /// <summary>One read; null, and an unknown check, when it fails for want of a permission or of an answer.</summary>
    /// <exception cref="AwsException">The credentials are refused: nothing else would work.</exception>
    public async Task<T?> TryAsync<T>(string resource, Func<Task<T>> read)
        where T : class
    {
        try
        {
            return await read();
        }
        catch (AwsException e) when (!e.IsCredentials)
        {
            unknown.Add(DiagnoseCheck.Unknown("read." + e.Action.Split(':')[^1], resource, e.Message));
            return null;
        }
    }

    public async Task<DiagnoseFacts> ReadAsync(Service service, TaskDefinitionView task, AddressRange client)
    {
        var targets = new List<RoutedTargetGroup>();
        foreach (var wiring in service.LoadBalancers.Where(l => l.TargetGroupArn is not null))
        {
            if (await ReadTargetAsync(wiring) is { } target)
            {
                targets.Add(target);
            }
        }

        var network = service.NetworkConfiguration?.AwsvpcConfiguration;
        var balancers = targets.Select(t => t.LoadBalancer).OfType<Aws.ElasticLoadBalancingV2.LoadBalancer>().ToList();
        var subnetIds = (network?.Subnets ?? []).Concat(balancers.SelectMany(b => b.AvailabilityZones).Select(z => z.SubnetId).OfType<string>()).Distinct().ToList();
        var subnets = subnetIds.Count == 0 ? [] : (await TryAsync("subnets", () => aws.Ec2.DescribeSubnetsAsync(new() { SubnetIds = subnetIds }, cancellation)))?.Subnets ?? [];
        var vpcs = subnets.Select(s => s.VpcId).OfType<string>().Distinct().ToList();
        var inVpc = new List<Filter> { new() { Name = "vpc-id", Values = vpcs } };
        var none = vpcs.Count == 0;
        var tables = none ? [] : await PagesAsync("route tables", async next => (await aws.Ec2.DescribeRouteTablesAsync(new() { Filters = inVpc, NextToken = next }, cancellation)) is var a ? (a.RouteTables, a.NextToken) : default);
        var endpoints = none ? [] : await PagesAsync("VPC endpoints", async next => (await aws.Ec2.DescribeVpcEndpointsAsync(new() { Filters = inVpc, NextToken = next }, cancellation)) is var a ? (a.VpcEndpoints, a.NextToken) : default);
        var acls = none ? [] : await PagesAsync("network ACLs", async next => (await aws.Ec2.DescribeNetworkAclsAsync(new() { Filters = inVpc, NextToken = next }, cancellation)) is var a ? (a.NetworkAcls, a.NextToken) : default);
        var nats = tables.SelectMany(t => t.Routes).Select(r => r.NatGatewayId).OfType<string>().Distinct().ToList();
        var gateways = nats.Count == 0 ? [] : (await TryAsync("NAT gateways", () => aws.Ec2.DescribeNatGatewaysAsync(new() { NatGatewayIds = nats }, cancellation)))?.NatGateways ?? [];
        var groupIds = (network?.SecurityGroups ?? []).Concat(balancers.SelectMany(b => b.SecurityGroups)).Concat(endpoints.SelectMany(e => e.Groups).Select(g => g.GroupId).OfType<string>()).Distinct().ToList();
        var groups = groupIds.Count == 0 ? [] : (await TryAsync("security groups", () => aws.Ec2.DescribeSecurityGroupsAsync(new() { GroupIds = groupIds }, cancellation)))?.SecurityGroups ?? [];
        return new DiagnoseFacts
        {
            Region = aws.Region,
            Service = service,
            Task = task,
            Client = client,
            Targets = targets,
            Subnets = subnets.Where(s => s.SubnetId is not null).ToDictionary(s => s.SubnetId!),
            RouteTables = tables,
            Endpoints = [.. endpoints.Where(e => e.State is null || e.State.Equals("available", StringComparison.OrdinalIgnoreCase))],
            NetworkAcls = acls,
            NatGateways = gateways.Where(g => g.NatGatewayId is not null).ToDictionary(g => g.NatGatewayId!),
            Groups = groups.Where(g => g.GroupId is not null).ToDictionary(g => g.GroupId!),
            Stopped = await StoppedAsync(service),
        };
    }

    private async Task<RoutedTargetGroup?> ReadTargetAsync(Aws.Ecs.LoadBalancer wiring)
    {
        var elb = aws.ElasticLoadBalancingV2;
        var arn = wiring.TargetGroupArn!;
        var found = await TryAsync(arn, () => elb.DescribeTargetGroupsAsync(new() { TargetGroupArns = [arn] }, cancellation));
        if (found?.TargetGroups.FirstOrDefault() is not { } group)
        {
            return null;
        }

        var health = await TryAsync(arn, () => elb.DescribeTargetHealthAsync(new() { TargetGroupArn = arn }, cancellation));
        var target = new RoutedTargetGroup(wiring, group) { Health = health?.TargetHealthDescriptions ?? [] };
        if (group.LoadBalancerArns.FirstOrDefault() is not { } balancerArn)
        {
            return target;
        }

        var balancers = await TryAsync(balancerArn, () => elb.DescribeLoadBalancersAsync(new() { LoadBalancerArns = [balancerArn] }, cancellation));
        var listeners = await PagesAsync(balancerArn, async next => (await elb.DescribeListenersAsync(new() { LoadBalancerArn = balancerArn, Marker = next }, cancellation)) is var a ? (a.Listeners, a.NextMarker) : default);
        var forwarding = new List<Listener>();
        foreach (var listener in listeners)
        {
            if (Forwards(listener.DefaultActions, arn)
                || (await PagesAsync(listener.ListenerArn!, async next => (await elb.DescribeRulesAsync(new() { ListenerArn = listener.ListenerArn, Marker = next }, cancellation)) is var a ? (a.Rules, a.NextMarker) : default)).Exists(r => Forwards(r.Actions, arn)))
            {
                forwarding.Add(listener);
            }
        }

        return target with { LoadBalancer = balancers?.LoadBalancers.FirstOrDefault(), Listeners = listeners, Forwarding = forwarding };
    }

    private static bool Forwards(List<Aws.ElasticLoadBalancingV2.Action> actions, string arn) =>
        actions.Exists(a => a.TargetGroupArn == arn || a.ForwardConfig?.TargetGroups.Exists(t => t.TargetGroupArn == arn) == true);

    private async Task<IReadOnlyList<EcsTask>> StoppedAsync(Service service)
    {
        var list = await TryAsync(service.ServiceArn!, () => aws.Ecs.ListTasksAsync(new() { Cluster = service.ClusterArn, ServiceName = service.ServiceName, DesiredStatus = "STOPPED", MaxResults = 20 }, cancellation));
        if (list is null || list.TaskArns.Count == 0)
        {
            return [];
        }

        var tasks = await TryAsync(service.ServiceArn!, () => aws.Ecs.DescribeTasksAsync(new() { Cluster = service.ClusterArn, Tasks = list.TaskArns }, cancellation));
        return [.. (tasks?.Tasks ?? []).OrderByDescending(t => t.StoppedAt)];
    }

    /// <summary>All pages; ends also when a server repeats its token for ever.</summary>
    private async Task<List<T>> PagesAsync<T>(string resource, Func<string?, Task<(List<T> Items, string? Next)>> page)
    {
        var all = new List<T>();
        string? next = null;
        for (var i = 0; i < 200; i++)
        {
            var token = next;
            var (items, following) = await TryAsync(resource, async () => new Page<T>(await page(token))) is { } read ? read.Value : ([], null);
            all.AddRange(items);
            if (string.IsNullOrEmpty(following) || following == token)
            {
                break;
            }

            next = following;
        }

        return all;
    }

    private sealed record Page<T>((List<T> Items, string? Next) Value);
}
