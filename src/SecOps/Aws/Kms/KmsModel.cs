namespace SecOps.Aws.Kms;

// Members under their official names; see https://docs.aws.amazon.com/kms/latest/APIReference. What an answer leaves out is null, a list empty.

public sealed class SignRequest
{
    public string? KeyId { get; set; }

    public byte[]? Message { get; set; }

    public string? MessageType { get; set; }

    public string? SigningAlgorithm { get; set; }
}

public sealed class SignResponse
{
    public string? KeyId { get; set; }

    public byte[]? Signature { get; set; }

    public string? SigningAlgorithm { get; set; }
}

public sealed class GetPublicKeyRequest
{
    public string? KeyId { get; set; }
}

public sealed class GetPublicKeyResponse
{
    public string? KeyId { get; set; }

    public byte[]? PublicKey { get; set; }

    public string? KeySpec { get; set; }

    public string? KeyUsage { get; set; }

    public List<string> SigningAlgorithms { get; set; } = [];
}
