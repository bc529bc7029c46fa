namespace SecOps.Aws.ElasticLoadBalancingV2;

// Members under their official names; see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference. What an answer leaves out is null, a list empty.

public sealed class DescribeLoadBalancersRequest
{
    public List<string> LoadBalancerArns { get; set; } = [];

    public List<string> Names { get; set; } = [];

    public string? Marker { get; set; }
}

public sealed class DescribeLoadBalancersResponse
{
    public List<LoadBalancer> LoadBalancers { get; set; } = [];

    public string? NextMarker { get; set; }
}

public sealed class LoadBalancer
{
    public string? LoadBalancerArn { get; set; }

    public string? DNSName { get; set; }

    public string? LoadBalancerName { get; set; }

    public string? Scheme { get; set; }

    public string? VpcId { get; set; }

    public LoadBalancerState? State { get; set; }

    public string? Type { get; set; }

    public List<AvailabilityZone> AvailabilityZones { get; set; } = [];

    public List<string> SecurityGroups { get; set; } = [];
}

public sealed class LoadBalancerState
{
    public string? Code { get; set; }

    public string? Reason { get; set; }
}

public sealed class AvailabilityZone
{
    public string? ZoneName { get; set; }

    public string? SubnetId { get; set; }
}

public sealed class DescribeListenersRequest
{
    public string? LoadBalancerArn { get; set; }

    public List<string> ListenerArns { get; set; } = [];

    public string? Marker { get; set; }
}

public sealed class DescribeListenersResponse
{
    public List<Listener> Listeners { get; set; } = [];

    public string? NextMarker { get; set; }
}

public sealed class Listener
{
    public string? ListenerArn { get; set; }

    public string? LoadBalancerArn { get; set; }

    public int? Port { get; set; }

    public string? Protocol { get; set; }

    public List<Action> DefaultActions { get; set; } = [];

    public List<Certificate> Certificates { get; set; } = [];
}

public sealed class Certificate
{
    public string? CertificateArn { get; set; }
}

public sealed class Action
{
    public string? Type { get; set; }

    public string? TargetGroupArn { get; set; }

    public ForwardActionConfig? ForwardConfig { get; set; }
}

public sealed class ForwardActionConfig
{
    public List<TargetGroupTuple> TargetGroups { get; set; } = [];
}

public sealed class TargetGroupTuple
{
    public string? TargetGroupArn { get; set; }

    public int? Weight { get; set; }
}

public sealed class DescribeRulesRequest
{
    public string? ListenerArn { get; set; }

    public string? Marker { get; set; }
}

public sealed class DescribeRulesResponse
{
    public List<Rule> Rules { get; set; } = [];

    public string? NextMarker { get; set; }
}

public sealed class Rule
{
    public string? RuleArn { get; set; }

    public string? Priority { get; set; }

    public bool? IsDefault { get; set; }

    public List<Action> Actions { get; set; } = [];
}

public sealed class DescribeTargetGroupsRequest
{
    public string? LoadBalancerArn { get; set; }

    public List<string> TargetGroupArns { get; set; } = [];

    public List<string> Names { get; set; } = [];

    public string? Marker { get; set; }
}

public sealed class DescribeTargetGroupsResponse
{
    public List<TargetGroup> TargetGroups { get; set; } = [];

    public string? NextMarker { get; set; }
}

public sealed class TargetGroup
{
    public string? TargetGroupArn { get; set; }

    public string? TargetGroupName { get; set; }

    public string? Protocol { get; set; }

    public int? Port { get; set; }

    public string? VpcId { get; set; }

    public string? HealthCheckProtocol { get; set; }

    public string? HealthCheckPort { get; set; }

    public bool? HealthCheckEnabled { get; set; }

    public string? HealthCheckPath { get; set; }

    public Matcher? Matcher { get; set; }

    public List<string> LoadBalancerArns { get; set; } = [];

    public string? TargetType { get; set; }
}

public sealed class Matcher
{
    public string? HttpCode { get; set; }

    public string? GrpcCode { get; set; }
}

public sealed class DescribeTargetHealthRequest
{
    public string? TargetGroupArn { get; set; }
}

public sealed class DescribeTargetHealthResponse
{
    public List<TargetHealthDescription> TargetHealthDescriptions { get; set; } = [];
}

public sealed class TargetHealthDescription
{
    public TargetDescription? Target { get; set; }

    public string? HealthCheckPort { get; set; }

    public TargetHealth? TargetHealth { get; set; }
}

public sealed class TargetDescription
{
    public string? Id { get; set; }

    public int? Port { get; set; }
}

public sealed class TargetHealth
{
    public string? State { get; set; }

    public string? Reason { get; set; }

    public string? Description { get; set; }
}
