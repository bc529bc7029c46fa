using System.Text.Json.Serialization;

namespace SecOps.Aws.GuardDuty;

/// <summary>Amazon GuardDuty. Findings stay as AWS writes them, for the report readers.</summary>
public sealed class GuardDutyClient(AwsSettings settings) : AwsServiceClient(Service, settings, GuardDutyJson.Default)
{
    internal static readonly AwsService Service = new("guardduty", "GuardDuty", "guardduty", AwsProtocol.RestJson) { CamelCase = true };

    public Task<ListDetectorsResponse> ListDetectorsAsync(ListDetectorsRequest request, CancellationToken cancellation) =>
        SendAsync<ListDetectorsRequest, ListDetectorsResponse>(request, "GET", "/detector", cancellation);

    public Task<GetDetectorResponse> GetDetectorAsync(GetDetectorRequest request, CancellationToken cancellation) =>
        SendAsync<GetDetectorRequest, GetDetectorResponse>(request, "GET", "/detector/{DetectorId}", cancellation);

    public Task<CreateDetectorResponse> CreateDetectorAsync(CreateDetectorRequest request, CancellationToken cancellation) =>
        SendAsync<CreateDetectorRequest, CreateDetectorResponse>(request, "POST", "/detector", cancellation);

    public Task<UpdateDetectorResponse> UpdateDetectorAsync(UpdateDetectorRequest request, CancellationToken cancellation) =>
        SendAsync<UpdateDetectorRequest, UpdateDetectorResponse>(request, "POST", "/detector/{DetectorId}", cancellation);

    public Task<ListFindingsResponse> ListFindingsAsync(ListFindingsRequest request, CancellationToken cancellation) =>
        SendAsync<ListFindingsRequest, ListFindingsResponse>(request, "POST", "/detector/{DetectorId}/findings", cancellation);

    public Task<GetFindingsResponse> GetFindingsAsync(GetFindingsRequest request, CancellationToken cancellation) =>
        SendAsync<GetFindingsRequest, GetFindingsResponse>(request, "POST", "/detector/{DetectorId}/findings/get", cancellation);
}

[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ListDetectorsRequest))]
[JsonSerializable(typeof(ListDetectorsResponse))]
[JsonSerializable(typeof(GetDetectorRequest))]
[JsonSerializable(typeof(GetDetectorResponse))]
[JsonSerializable(typeof(CreateDetectorRequest))]
[JsonSerializable(typeof(CreateDetectorResponse))]
[JsonSerializable(typeof(UpdateDetectorRequest))]
[JsonSerializable(typeof(UpdateDetectorResponse))]
[JsonSerializable(typeof(ListFindingsRequest))]
[JsonSerializable(typeof(ListFindingsResponse))]
[JsonSerializable(typeof(GetFindingsRequest))]
[JsonSerializable(typeof(GetFindingsResponse))]
internal sealed partial class GuardDutyJson : JsonSerializerContext;
