using System.Text.Json.Serialization;

namespace SecOps.Aws.Ec2;

// Members under their official names; see https://docs.aws.amazon.com/AWSEC2/latest/APIReference. What an answer leaves out is null, a list empty.

public sealed class Filter
{
    [JsonPropertyName("Name")]
    public string? Name { get; set; }

    [JsonPropertyName("Value")]
    public List<string> Values { get; set; } = [];
}

public sealed class DescribeSecurityGroupsRequest
{
    [JsonPropertyName("GroupId")]
    public List<string> GroupIds { get; set; } = [];

    [JsonPropertyName("Filter")]
    public List<Filter> Filters { get; set; } = [];

    [JsonPropertyName("NextToken")]
    public string? NextToken { get; set; }
}

public sealed class DescribeSecurityGroupsResponse
{
    [JsonPropertyName("securityGroupInfo")]
    public List<SecurityGroup> SecurityGroups { get; set; } = [];

    public string? NextToken { get; set; }
}

public sealed class SecurityGroup
{
    public string? GroupId { get; set; }

    public string? GroupName { get; set; }

    public string? VpcId { get; set; }

    public List<IpPermission> IpPermissions { get; set; } = [];

    public List<IpPermission> IpPermissionsEgress { get; set; } = [];
}

// The official name.
#pragma warning disable CA1711
/// <summary>Protocol "-1" is every protocol and port.</summary>
public sealed class IpPermission
{
    public string? IpProtocol { get; set; }

    public int? FromPort { get; set; }

    public int? ToPort { get; set; }

    [JsonPropertyName("groups")]
    public List<UserIdGroupPair> UserIdGroupPairs { get; set; } = [];

    public List<IpRange> IpRanges { get; set; } = [];

    public List<Ipv6Range> Ipv6Ranges { get; set; } = [];

    public List<PrefixListId> PrefixListIds { get; set; } = [];
}
#pragma warning restore CA1711

public sealed class UserIdGroupPair
{
    public string? GroupId { get; set; }
}

public sealed class IpRange
{
    public string? CidrIp { get; set; }
}

public sealed class Ipv6Range
{
    public string? CidrIpv6 { get; set; }
}

public sealed class PrefixListId
{
    [JsonPropertyName("prefixListId")]
    public string? Id { get; set; }
}

public sealed class DescribeSubnetsRequest
{
    [JsonPropertyName("SubnetId")]
    public List<string> SubnetIds { get; set; } = [];

    [JsonPropertyName("Filter")]
    public List<Filter> Filters { get; set; } = [];

    [JsonPropertyName("NextToken")]
    public string? NextToken { get; set; }
}

public sealed class DescribeSubnetsResponse
{
    [JsonPropertyName("subnetSet")]
    public List<Subnet> Subnets { get; set; } = [];

    public string? NextToken { get; set; }
}

public sealed class Subnet
{
    public string? SubnetId { get; set; }

    public string? VpcId { get; set; }

    public string? CidrBlock { get; set; }

    public string? AvailabilityZone { get; set; }

    public bool? MapPublicIpOnLaunch { get; set; }

    public int? AvailableIpAddressCount { get; set; }
}

public sealed class DescribeRouteTablesRequest
{
    [JsonPropertyName("Filter")]
    public List<Filter> Filters { get; set; } = [];

    [JsonPropertyName("NextToken")]
    public string? NextToken { get; set; }
}

public sealed class DescribeRouteTablesResponse
{
    [JsonPropertyName("routeTableSet")]
    public List<RouteTable> RouteTables { get; set; } = [];

    public string? NextToken { get; set; }
}

public sealed class RouteTable
{
    public string? RouteTableId { get; set; }

    public string? VpcId { get; set; }

    [JsonPropertyName("associationSet")]
    public List<RouteTableAssociation> Associations { get; set; } = [];

    [JsonPropertyName("routeSet")]
    public List<Route> Routes { get; set; } = [];
}

public sealed class RouteTableAssociation
{
    public bool? Main { get; set; }

    public string? SubnetId { get; set; }

    public string? RouteTableId { get; set; }
}

public sealed class Route
{
    public string? DestinationCidrBlock { get; set; }

    public string? DestinationPrefixListId { get; set; }

    public string? GatewayId { get; set; }

    public string? NatGatewayId { get; set; }

    public string? TransitGatewayId { get; set; }

    public string? InstanceId { get; set; }

    public string? NetworkInterfaceId { get; set; }

    public string? VpcPeeringConnectionId { get; set; }

    public string? State { get; set; }
}

public sealed class DescribeVpcEndpointsRequest
{
    [JsonPropertyName("Filter")]
    public List<Filter> Filters { get; set; } = [];

    [JsonPropertyName("NextToken")]
    public string? NextToken { get; set; }
}

public sealed class DescribeVpcEndpointsResponse
{
    [JsonPropertyName("vpcEndpointSet")]
    public List<VpcEndpoint> VpcEndpoints { get; set; } = [];

    public string? NextToken { get; set; }
}

public sealed class VpcEndpoint
{
    public string? VpcEndpointId { get; set; }

    public string? VpcEndpointType { get; set; }

    public string? VpcId { get; set; }

    public string? ServiceName { get; set; }

    public string? State { get; set; }

    [JsonPropertyName("routeTableIdSet")]
    public List<string> RouteTableIds { get; set; } = [];

    [JsonPropertyName("subnetIdSet")]
    public List<string> SubnetIds { get; set; } = [];

    [JsonPropertyName("groupSet")]
    public List<SecurityGroupIdentifier> Groups { get; set; } = [];

    public bool? PrivateDnsEnabled { get; set; }
}

public sealed class SecurityGroupIdentifier
{
    public string? GroupId { get; set; }
}

public sealed class DescribeNetworkAclsRequest
{
    [JsonPropertyName("Filter")]
    public List<Filter> Filters { get; set; } = [];

    [JsonPropertyName("NextToken")]
    public string? NextToken { get; set; }
}

public sealed class DescribeNetworkAclsResponse
{
    [JsonPropertyName("networkAclSet")]
    public List<NetworkAcl> NetworkAcls { get; set; } = [];

    public string? NextToken { get; set; }
}

public sealed class NetworkAcl
{
    public string? NetworkAclId { get; set; }

    [JsonPropertyName("associationSet")]
    public List<NetworkAclAssociation> Associations { get; set; } = [];

    [JsonPropertyName("entrySet")]
    public List<NetworkAclEntry> Entries { get; set; } = [];

    [JsonPropertyName("default")]
    public bool? IsDefault { get; set; }
}

public sealed class NetworkAclAssociation
{
    public string? SubnetId { get; set; }
}

public sealed class NetworkAclEntry
{
    public int? RuleNumber { get; set; }

    public string? Protocol { get; set; }

    public string? RuleAction { get; set; }

    public bool? Egress { get; set; }

    public string? CidrBlock { get; set; }

    public PortRange? PortRange { get; set; }
}

public sealed class PortRange
{
    public int? From { get; set; }

    public int? To { get; set; }
}

public sealed class DescribeNatGatewaysRequest
{
    [JsonPropertyName("NatGatewayId")]
    public List<string> NatGatewayIds { get; set; } = [];

    [JsonPropertyName("NextToken")]
    public string? NextToken { get; set; }
}

public sealed class DescribeNatGatewaysResponse
{
    [JsonPropertyName("natGatewaySet")]
    public List<NatGateway> NatGateways { get; set; } = [];

    public string? NextToken { get; set; }
}

public sealed class NatGateway
{
    public string? NatGatewayId { get; set; }

    public string? State { get; set; }

    public string? SubnetId { get; set; }

    public string? ConnectivityType { get; set; }
}
