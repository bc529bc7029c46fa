using System.Security.Cryptography;
using SecOps.Aws;
using SecOps.Aws.Kms;

namespace SecOps.Delivery;

/// <summary>Signs with a key that never leaves AWS KMS (key spec ECC_NIST_P256).</summary>
public sealed class KmsSigner : IAttestationSigner
{
    private readonly KmsClient kms;
    private readonly string key;

    private KmsSigner(KmsClient kms, string key, AttestationKey publicKey) => (this.kms, this.key, PublicKey) = (kms, key, publicKey);

    public AttestationKey PublicKey { get; }

    /// <param name="key">Key id, alias or ARN.</param>
    /// <exception cref="SecOpsException">No such key, not allowed, or not a signing key on P-256.</exception>
    public static async Task<KmsSigner> OpenAsync(KmsClient kms, string key, CancellationToken cancellation)
    {
        try
        {
            var answer = await kms.GetPublicKeyAsync(new GetPublicKeyRequest { KeyId = key }, cancellation);
            return new KmsSigner(kms, key, AttestationKey.Import(PemEncoding.WriteString("PUBLIC KEY", answer.PublicKey ?? []), null, $"the KMS key {key}"));
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
            var answer = await kms.SignAsync(
                new SignRequest { KeyId = key, Message = SHA256.HashData(message), MessageType = "DIGEST", SigningAlgorithm = "ECDSA_SHA_256" }, cancellation);
            return answer.Signature is { Length: > 0 } signature ? signature : throw SecOpsException.Tool("KMS answered Sign without a signature.");
        }
        catch (AwsException e)
        {
            throw SecOpsException.Tool(e.Message, e);
        }
    }
}
