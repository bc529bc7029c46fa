using SecOps.Aws.Ec2;
using SecOps.Aws.Ecs;
using SecOps.Aws.ElasticLoadBalancingV2;
using SecOps.Delivery.Deploy;
using SecOps.Delivery.Protect;

namespace SecOps.Delivery.Diagnose;

/// <summary>What the doctor has read of a service's surroundings. The checks are functions of this alone.</summary>
public sealed record DiagnoseFacts
{
    public required string Region { get; init; }

    public required Service Service { get; init; }

    public required TaskDefinitionView Task { get; init; }

    /// <summary>The range that clients come from; 0.0.0.0/0 is the internet.</summary>
    public required AddressRange Client { get; init; }

    public IReadOnlyList<RoutedTargetGroup> Targets { get; init; } = [];

    public IReadOnlyDictionary<string, SecurityGroup> Groups { get; init; } = new Dictionary<string, SecurityGroup>();

    public IReadOnlyDictionary<string, Subnet> Subnets { get; init; } = new Dictionary<string, Subnet>();

    public IReadOnlyList<RouteTable> RouteTables { get; init; } = [];

    public IReadOnlyList<VpcEndpoint> Endpoints { get; init; } = [];

    public IReadOnlyList<NetworkAcl> NetworkAcls { get; init; } = [];

    public IReadOnlyDictionary<string, NatGateway> NatGateways { get; init; } = new Dictionary<string, NatGateway>();

    /// <summary>Tasks that stopped lately, newest first.</summary>
    public IReadOnlyList<EcsTask> Stopped { get; init; } = [];

    public AwsVpcConfiguration? TaskNetwork => Service.NetworkConfiguration?.AwsvpcConfiguration;

    public IEnumerable<Subnet> TaskSubnets => (TaskNetwork?.Subnets ?? []).Where(Subnets.ContainsKey).Select(id => Subnets[id]);

    public IReadOnlyList<SecurityGroup> TaskGroups => [.. (TaskNetwork?.SecurityGroups ?? []).Where(Groups.ContainsKey).Select(id => Groups[id])];

    /// <summary>The table that a subnet uses: its own, else the main one of its VPC.</summary>
    public RouteTable? RoutesOf(Subnet subnet) =>
        RouteTables.FirstOrDefault(t => t.Associations.Exists(a => a.SubnetId == subnet.SubnetId))
        ?? RouteTables.FirstOrDefault(t => t.VpcId == subnet.VpcId && t.Associations.Exists(a => a.Main == true));

    public NetworkAcl? AclOf(Subnet subnet) => NetworkAcls.FirstOrDefault(a => a.Associations.Exists(s => s.SubnetId == subnet.SubnetId));
}

/// <summary>A target group of the service, with what stands before it.</summary>
public sealed record RoutedTargetGroup(Aws.Ecs.LoadBalancer Wiring, TargetGroup Group)
{
    /// <summary>Null: no load balancer uses the group.</summary>
    public Aws.ElasticLoadBalancingV2.LoadBalancer? LoadBalancer { get; init; }

    /// <summary>All listeners of the load balancer.</summary>
    public IReadOnlyList<Listener> Listeners { get; init; } = [];

    /// <summary>The listeners that forward to the group, by default or by a rule.</summary>
    public IReadOnlyList<Listener> Forwarding { get; init; } = [];

    public IReadOnlyList<TargetHealthDescription> Health { get; init; } = [];
}
