using System.Security.Cryptography;
using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using SecOps.Aws;

namespace SecOps.Delivery.Attest;

/// <summary>Signs with a key that never leaves AWS KMS (key spec ECC_NIST_P256).</summary>
public sealed class KmsSigner : IAttestationSigner
{
    private readonly AwsClients aws;
    private readonly string key;

    private KmsSigner(AwsClients aws, string key, AttestationKey publicKey) => (this.aws, this.key, PublicKey) = (aws, key, publicKey);

    public AttestationKey PublicKey { get; }

    /// <summary>The region that the key's ARN names; null for an id or an alias.</summary>
    public static string? RegionOf(string key) => key.Split(':') is ["arn", _, "kms", { Length: > 0 } region, ..] ? region : null;

    /// <param name="key">Key id, alias or ARN.</param>
    /// <exception cref="SecOpsException">No such key, not allowed, or not a signing key on P-256.</exception>
    public static async Task<KmsSigner> OpenAsync(AwsClients aws, string key, CancellationToken cancellation)
    {
        try
        {
            var answer = await aws.KmsAsync("GetPublicKey", kms => kms.GetPublicKeyAsync(new GetPublicKeyRequest { KeyId = key }, cancellation));
            var pem = PemEncoding.WriteString("PUBLIC KEY", answer.PublicKey?.ToArray() ?? []);
            return new KmsSigner(aws, key, AttestationKey.Import(pem, null, $"the KMS key {Terminal.Clean(key)}"));
        }
        catch (AwsException e)
        {
            throw SecOpsException.Tool(e.Message, e);
        }
    }

    public async Task<byte[]> SignAsync(byte[] message, CancellationToken cancellation)
    {
        try
        {
            // As a digest: KMS takes no more than 4096 bytes of message.
            using var digest = new MemoryStream(SHA256.HashData(message));
            var answer = await aws.KmsAsync("Sign", kms => kms.SignAsync(
                new SignRequest { KeyId = key, Message = digest, MessageType = MessageType.DIGEST, SigningAlgorithm = SigningAlgorithmSpec.ECDSA_SHA_256 }, cancellation));
            return answer.Signature?.ToArray() is { } signature && PublicKey.Verify(message, signature)
                ? signature
                : throw SecOpsException.Tool($"KMS answered Sign with nothing that the public key of {Terminal.Clean(key)} verifies; it is not attached.");
        }
        catch (AwsException e)
        {
            throw SecOpsException.Tool(e.Message, e);
        }
    }
}
