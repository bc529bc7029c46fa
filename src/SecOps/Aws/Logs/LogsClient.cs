using System.Text.Json.Serialization;

namespace SecOps.Aws.Logs;

/// <summary>Amazon CloudWatch Logs: what a task printed.</summary>
public sealed class LogsClient(AwsSettings settings) : AwsServiceClient(Service, settings, LogsJson.Default)
{
    internal static readonly AwsService Service = new("logs", "CloudWatch Logs", "logs", AwsProtocol.Json) { Target = "Logs_20140328", CamelCase = true };

    public Task<DescribeLogGroupsResponse> DescribeLogGroupsAsync(DescribeLogGroupsRequest request, CancellationToken cancellation) =>
        SendAsync<DescribeLogGroupsRequest, DescribeLogGroupsResponse>(request, cancellation);

    public Task<GetLogEventsResponse> GetLogEventsAsync(GetLogEventsRequest request, CancellationToken cancellation) =>
        SendAsync<GetLogEventsRequest, GetLogEventsResponse>(request, cancellation);
}

[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(DescribeLogGroupsRequest))]
[JsonSerializable(typeof(DescribeLogGroupsResponse))]
[JsonSerializable(typeof(GetLogEventsRequest))]
[JsonSerializable(typeof(GetLogEventsResponse))]
internal sealed partial class LogsJson : JsonSerializerContext;
