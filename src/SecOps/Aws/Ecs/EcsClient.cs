using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace SecOps.Aws.Ecs;

/// <summary>Amazon ECS: clusters, services, deployments, tasks. Task definitions stay as AWS writes them, so that no field of theirs is lost.</summary>
public sealed class EcsClient(AwsSettings settings) : AwsServiceClient(Service, settings, EcsJson.Default)
{
    internal static readonly AwsService Service = new("ecs", "ECS", "ecs", AwsProtocol.Json) { Target = "AmazonEC2ContainerServiceV20141113", CamelCase = true };

    public Task<DescribeClustersResponse> DescribeClustersAsync(DescribeClustersRequest request, CancellationToken cancellation) =>
        SendAsync<DescribeClustersRequest, DescribeClustersResponse>(request, cancellation);

    public Task<DescribeServicesResponse> DescribeServicesAsync(DescribeServicesRequest request, CancellationToken cancellation) =>
        SendAsync<DescribeServicesRequest, DescribeServicesResponse>(request, cancellation);

    public Task<UpdateServiceResponse> UpdateServiceAsync(UpdateServiceRequest request, CancellationToken cancellation) =>
        SendAsync<UpdateServiceRequest, UpdateServiceResponse>(request, cancellation);

    public Task<DescribeTaskDefinitionResponse> DescribeTaskDefinitionAsync(DescribeTaskDefinitionRequest request, CancellationToken cancellation) =>
        SendAsync<DescribeTaskDefinitionRequest, DescribeTaskDefinitionResponse>(request, cancellation);

    /// <summary>Registers what the members say, those that we do not know included.</summary>
    public Task<RegisterTaskDefinitionResponse> RegisterTaskDefinitionAsync(JsonObject request, CancellationToken cancellation) =>
        SendAsync<JsonObject, RegisterTaskDefinitionResponse>(request, cancellation);

    public Task<ListTasksResponse> ListTasksAsync(ListTasksRequest request, CancellationToken cancellation) =>
        SendAsync<ListTasksRequest, ListTasksResponse>(request, cancellation);

    public Task<DescribeTasksResponse> DescribeTasksAsync(DescribeTasksRequest request, CancellationToken cancellation) =>
        SendAsync<DescribeTasksRequest, DescribeTasksResponse>(request, cancellation);

    public Task<ListServiceDeploymentsResponse> ListServiceDeploymentsAsync(ListServiceDeploymentsRequest request, CancellationToken cancellation) =>
        SendAsync<ListServiceDeploymentsRequest, ListServiceDeploymentsResponse>(request, cancellation);

    public Task<DescribeServiceDeploymentsResponse> DescribeServiceDeploymentsAsync(DescribeServiceDeploymentsRequest request, CancellationToken cancellation) =>
        SendAsync<DescribeServiceDeploymentsRequest, DescribeServiceDeploymentsResponse>(request, cancellation);

    public Task<DescribeServiceRevisionsResponse> DescribeServiceRevisionsAsync(DescribeServiceRevisionsRequest request, CancellationToken cancellation) =>
        SendAsync<DescribeServiceRevisionsRequest, DescribeServiceRevisionsResponse>(request, cancellation);

    public Task<StopServiceDeploymentResponse> StopServiceDeploymentAsync(StopServiceDeploymentRequest request, CancellationToken cancellation) =>
        SendAsync<StopServiceDeploymentRequest, StopServiceDeploymentResponse>(request, cancellation);

    public Task<TagResourceResponse> TagResourceAsync(TagResourceRequest request, CancellationToken cancellation) =>
        SendAsync<TagResourceRequest, TagResourceResponse>(request, cancellation);

    public Task<UntagResourceResponse> UntagResourceAsync(UntagResourceRequest request, CancellationToken cancellation) =>
        SendAsync<UntagResourceRequest, UntagResourceResponse>(request, cancellation);

    public Task<ListTagsForResourceResponse> ListTagsForResourceAsync(ListTagsForResourceRequest request, CancellationToken cancellation) =>
        SendAsync<ListTagsForResourceRequest, ListTagsForResourceResponse>(request, cancellation);
}

[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(DescribeClustersRequest))]
[JsonSerializable(typeof(DescribeClustersResponse))]
[JsonSerializable(typeof(DescribeServicesRequest))]
[JsonSerializable(typeof(DescribeServicesResponse))]
[JsonSerializable(typeof(UpdateServiceRequest))]
[JsonSerializable(typeof(UpdateServiceResponse))]
[JsonSerializable(typeof(DescribeTaskDefinitionRequest))]
[JsonSerializable(typeof(DescribeTaskDefinitionResponse))]
[JsonSerializable(typeof(ListTasksRequest))]
[JsonSerializable(typeof(ListTasksResponse))]
[JsonSerializable(typeof(DescribeTasksRequest))]
[JsonSerializable(typeof(DescribeTasksResponse))]
[JsonSerializable(typeof(ListServiceDeploymentsRequest))]
[JsonSerializable(typeof(ListServiceDeploymentsResponse))]
[JsonSerializable(typeof(DescribeServiceDeploymentsRequest))]
[JsonSerializable(typeof(DescribeServiceDeploymentsResponse))]
[JsonSerializable(typeof(DescribeServiceRevisionsRequest))]
[JsonSerializable(typeof(DescribeServiceRevisionsResponse))]
[JsonSerializable(typeof(StopServiceDeploymentRequest))]
[JsonSerializable(typeof(StopServiceDeploymentResponse))]
[JsonSerializable(typeof(TagResourceRequest))]
[JsonSerializable(typeof(TagResourceResponse))]
[JsonSerializable(typeof(UntagResourceRequest))]
[JsonSerializable(typeof(UntagResourceResponse))]
[JsonSerializable(typeof(ListTagsForResourceRequest))]
[JsonSerializable(typeof(ListTagsForResourceResponse))]
[JsonSerializable(typeof(RegisterTaskDefinitionResponse))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class EcsJson : JsonSerializerContext;
