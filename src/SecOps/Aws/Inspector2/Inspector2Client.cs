using System.Text.Json.Serialization;

namespace SecOps.Aws.Inspector2;

/// <summary>Amazon Inspector. Findings stay as AWS writes them, for the report readers.</summary>
public sealed class Inspector2Client(AwsSettings settings) : AwsServiceClient(Service, settings, Inspector2Json.Default)
{
    internal static readonly AwsService Service = new("inspector2", "Inspector2", "inspector2", AwsProtocol.RestJson) { CamelCase = true };

    public Task<BatchGetAccountStatusResponse> BatchGetAccountStatusAsync(BatchGetAccountStatusRequest request, CancellationToken cancellation) =>
        SendAsync<BatchGetAccountStatusRequest, BatchGetAccountStatusResponse>(request, "POST", "/status/batch/get", cancellation);

    public Task<EnableResponse> EnableAsync(EnableRequest request, CancellationToken cancellation) =>
        SendAsync<EnableRequest, EnableResponse>(request, "POST", "/enable", cancellation);

    public Task<ListCoverageResponse> ListCoverageAsync(ListCoverageRequest request, CancellationToken cancellation) =>
        SendAsync<ListCoverageRequest, ListCoverageResponse>(request, "POST", "/coverage/list", cancellation);

    public Task<ListFindingsResponse> ListFindingsAsync(ListFindingsRequest request, CancellationToken cancellation) =>
        SendAsync<ListFindingsRequest, ListFindingsResponse>(request, "POST", "/findings/list", cancellation);
}

[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(BatchGetAccountStatusRequest))]
[JsonSerializable(typeof(BatchGetAccountStatusResponse))]
[JsonSerializable(typeof(EnableRequest))]
[JsonSerializable(typeof(EnableResponse))]
[JsonSerializable(typeof(ListCoverageRequest))]
[JsonSerializable(typeof(ListCoverageResponse))]
[JsonSerializable(typeof(ListFindingsRequest))]
[JsonSerializable(typeof(ListFindingsResponse))]
internal sealed partial class Inspector2Json : JsonSerializerContext;
