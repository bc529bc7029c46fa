using System.Text.Json.Serialization;

namespace SecOps.Aws.Ec2;

/// <summary>Amazon EC2: what a network path is made of. Reads only.</summary>
public sealed class Ec2Client(AwsSettings settings) : AwsServiceClient(Service, settings, Ec2Json.Default)
{
    internal static readonly AwsService Service = new("ec2", "EC2", "ec2", AwsProtocol.Ec2Query) { Version = "2016-11-15", CamelCase = true };

    public Task<DescribeSecurityGroupsResponse> DescribeSecurityGroupsAsync(DescribeSecurityGroupsRequest request, CancellationToken cancellation) =>
        SendAsync<DescribeSecurityGroupsRequest, DescribeSecurityGroupsResponse>(request, cancellation);

    public Task<DescribeSubnetsResponse> DescribeSubnetsAsync(DescribeSubnetsRequest request, CancellationToken cancellation) =>
        SendAsync<DescribeSubnetsRequest, DescribeSubnetsResponse>(request, cancellation);

    public Task<DescribeRouteTablesResponse> DescribeRouteTablesAsync(DescribeRouteTablesRequest request, CancellationToken cancellation) =>
        SendAsync<DescribeRouteTablesRequest, DescribeRouteTablesResponse>(request, cancellation);

    public Task<DescribeVpcEndpointsResponse> DescribeVpcEndpointsAsync(DescribeVpcEndpointsRequest request, CancellationToken cancellation) =>
        SendAsync<DescribeVpcEndpointsRequest, DescribeVpcEndpointsResponse>(request, cancellation);

    public Task<DescribeNetworkAclsResponse> DescribeNetworkAclsAsync(DescribeNetworkAclsRequest request, CancellationToken cancellation) =>
        SendAsync<DescribeNetworkAclsRequest, DescribeNetworkAclsResponse>(request, cancellation);

    public Task<DescribeNatGatewaysResponse> DescribeNatGatewaysAsync(DescribeNatGatewaysRequest request, CancellationToken cancellation) =>
        SendAsync<DescribeNatGatewaysRequest, DescribeNatGatewaysResponse>(request, cancellation);
}

[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(DescribeSecurityGroupsRequest))]
[JsonSerializable(typeof(DescribeSecurityGroupsResponse))]
[JsonSerializable(typeof(DescribeSubnetsRequest))]
[JsonSerializable(typeof(DescribeSubnetsResponse))]
[JsonSerializable(typeof(DescribeRouteTablesRequest))]
[JsonSerializable(typeof(DescribeRouteTablesResponse))]
[JsonSerializable(typeof(DescribeVpcEndpointsRequest))]
[JsonSerializable(typeof(DescribeVpcEndpointsResponse))]
[JsonSerializable(typeof(DescribeNetworkAclsRequest))]
[JsonSerializable(typeof(DescribeNetworkAclsResponse))]
[JsonSerializable(typeof(DescribeNatGatewaysRequest))]
[JsonSerializable(typeof(DescribeNatGatewaysResponse))]
internal sealed partial class Ec2Json : JsonSerializerContext;
