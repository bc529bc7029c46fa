using System.Text.Json.Serialization;

namespace SecOps.Aws.WafV2;

/// <summary>AWS WAF: web ACLs. Rules stay as AWS writes them, so that none of theirs is lost when ours are added.</summary>
public sealed class WafV2Client(AwsSettings settings) : AwsServiceClient(Service, settings, WafV2Json.Default)
{
    internal static readonly AwsService Service = new("wafv2", "WAFV2", "wafv2", AwsProtocol.Json) { Target = "AWSWAF_20190729" };

    public Task<ListWebACLsResponse> ListWebACLsAsync(ListWebACLsRequest request, CancellationToken cancellation) =>
        SendAsync<ListWebACLsRequest, ListWebACLsResponse>(request, cancellation);

    public Task<GetWebACLResponse> GetWebACLAsync(GetWebACLRequest request, CancellationToken cancellation) =>
        SendAsync<GetWebACLRequest, GetWebACLResponse>(request, cancellation);

    public Task<CreateWebACLResponse> CreateWebACLAsync(CreateWebACLRequest request, CancellationToken cancellation) =>
        SendAsync<CreateWebACLRequest, CreateWebACLResponse>(request, cancellation);

    public Task<UpdateWebACLResponse> UpdateWebACLAsync(UpdateWebACLRequest request, CancellationToken cancellation) =>
        SendAsync<UpdateWebACLRequest, UpdateWebACLResponse>(request, cancellation);

    public Task<CheckCapacityResponse> CheckCapacityAsync(CheckCapacityRequest request, CancellationToken cancellation) =>
        SendAsync<CheckCapacityRequest, CheckCapacityResponse>(request, cancellation);

    public Task<AssociateWebACLResponse> AssociateWebACLAsync(AssociateWebACLRequest request, CancellationToken cancellation) =>
        SendAsync<AssociateWebACLRequest, AssociateWebACLResponse>(request, cancellation);

    public Task<GetWebACLForResourceResponse> GetWebACLForResourceAsync(GetWebACLForResourceRequest request, CancellationToken cancellation) =>
        SendAsync<GetWebACLForResourceRequest, GetWebACLForResourceResponse>(request, cancellation);
}

[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ListWebACLsRequest))]
[JsonSerializable(typeof(ListWebACLsResponse))]
[JsonSerializable(typeof(GetWebACLRequest))]
[JsonSerializable(typeof(GetWebACLResponse))]
[JsonSerializable(typeof(CreateWebACLRequest))]
[JsonSerializable(typeof(CreateWebACLResponse))]
[JsonSerializable(typeof(UpdateWebACLRequest))]
[JsonSerializable(typeof(UpdateWebACLResponse))]
[JsonSerializable(typeof(CheckCapacityRequest))]
[JsonSerializable(typeof(CheckCapacityResponse))]
[JsonSerializable(typeof(AssociateWebACLRequest))]
[JsonSerializable(typeof(AssociateWebACLResponse))]
[JsonSerializable(typeof(GetWebACLForResourceRequest))]
[JsonSerializable(typeof(GetWebACLForResourceResponse))]
internal sealed partial class WafV2Json : JsonSerializerContext;
