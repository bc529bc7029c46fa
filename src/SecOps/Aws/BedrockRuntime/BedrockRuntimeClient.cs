using System.Text.Json.Serialization;

namespace SecOps.Aws.BedrockRuntime;

/// <summary>Amazon Bedrock Runtime. Whoever keeps a budget sets <see cref="AwsSettings.MaxErrorRetry"/> to 0: a hidden repetition costs too.</summary>
public sealed class BedrockRuntimeClient(AwsSettings settings) : AwsServiceClient(Service, settings, BedrockRuntimeJson.Default)
{
    internal static readonly AwsService Service = new("bedrock", "Bedrock Runtime", "bedrock-runtime", AwsProtocol.RestJson) { CamelCase = true };

    public Task<ConverseResponse> ConverseAsync(ConverseRequest request, CancellationToken cancellation) =>
        SendAsync<ConverseRequest, ConverseResponse>(request, "POST", "/model/{modelId}/converse", cancellation);
}

[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ConverseRequest))]
[JsonSerializable(typeof(ConverseResponse))]
internal sealed partial class BedrockRuntimeJson : JsonSerializerContext;
