using System.Text.Json.Serialization;

namespace SecOps.Aws.ElasticLoadBalancingV2;

/// <summary>Elastic Load Balancing v2: load balancers, listeners, target groups. Reads only.</summary>
public sealed class ElasticLoadBalancingV2Client(AwsSettings settings) : AwsServiceClient(Service, settings, ElasticLoadBalancingV2Json.Default)
{
    internal static readonly AwsService Service = new("elasticloadbalancing", "Elastic Load Balancing v2", "elasticloadbalancing", AwsProtocol.Query) { Version = "2015-12-01" };

    public Task<DescribeLoadBalancersResponse> DescribeLoadBalancersAsync(DescribeLoadBalancersRequest request, CancellationToken cancellation) =>
        SendAsync<DescribeLoadBalancersRequest, DescribeLoadBalancersResponse>(request, cancellation);

    public Task<DescribeListenersResponse> DescribeListenersAsync(DescribeListenersRequest request, CancellationToken cancellation) =>
        SendAsync<DescribeListenersRequest, DescribeListenersResponse>(request, cancellation);

    public Task<DescribeRulesResponse> DescribeRulesAsync(DescribeRulesRequest request, CancellationToken cancellation) =>
        SendAsync<DescribeRulesRequest, DescribeRulesResponse>(request, cancellation);

    public Task<DescribeTargetGroupsResponse> DescribeTargetGroupsAsync(DescribeTargetGroupsRequest request, CancellationToken cancellation) =>
        SendAsync<DescribeTargetGroupsRequest, DescribeTargetGroupsResponse>(request, cancellation);

    public Task<DescribeTargetHealthResponse> DescribeTargetHealthAsync(DescribeTargetHealthRequest request, CancellationToken cancellation) =>
        SendAsync<DescribeTargetHealthRequest, DescribeTargetHealthResponse>(request, cancellation);
}

[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(DescribeLoadBalancersRequest))]
[JsonSerializable(typeof(DescribeLoadBalancersResponse))]
[JsonSerializable(typeof(DescribeListenersRequest))]
[JsonSerializable(typeof(DescribeListenersResponse))]
[JsonSerializable(typeof(DescribeRulesRequest))]
[JsonSerializable(typeof(DescribeRulesResponse))]
[JsonSerializable(typeof(DescribeTargetGroupsRequest))]
[JsonSerializable(typeof(DescribeTargetGroupsResponse))]
[JsonSerializable(typeof(DescribeTargetHealthRequest))]
[JsonSerializable(typeof(DescribeTargetHealthResponse))]
internal sealed partial class ElasticLoadBalancingV2Json : JsonSerializerContext;
