using System.Text.Json.Serialization;

namespace SecOps.Aws.Kms;

/// <summary>AWS KMS: a signing key that never leaves it.</summary>
public sealed class KmsClient(AwsSettings settings) : AwsServiceClient(Service, settings, KmsJson.Default)
{
    internal static readonly AwsService Service = new("kms", "KMS", "kms", AwsProtocol.Json) { Target = "TrentService" };

    /// <summary>With <c>MessageType</c> DIGEST the message is the hash itself, at most 4096 bytes otherwise.</summary>
    public Task<SignResponse> SignAsync(SignRequest request, CancellationToken cancellation) =>
        SendAsync<SignRequest, SignResponse>(request, cancellation);

    /// <summary>The key as DER SubjectPublicKeyInfo.</summary>
    public Task<GetPublicKeyResponse> GetPublicKeyAsync(GetPublicKeyRequest request, CancellationToken cancellation) =>
        SendAsync<GetPublicKeyRequest, GetPublicKeyResponse>(request, cancellation);
}

[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(SignRequest))]
[JsonSerializable(typeof(SignResponse))]
[JsonSerializable(typeof(GetPublicKeyRequest))]
[JsonSerializable(typeof(GetPublicKeyResponse))]
internal sealed partial class KmsJson : JsonSerializerContext;
