namespace SecOps.Configuration;

/// <summary>The <c>push</c> section. Names of variables stand for the secrets that they hold.</summary>
public sealed record PushSection
{
    /// <summary>Registry and repository; null: as the image is named.</summary>
    public string? Repository { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    public bool Latest { get; init; }

    public bool RequireGate { get; init; }

    public bool CreateRepository { get; init; }

    public bool ImmutableTags { get; init; }

    public string? Username { get; init; }

    public string? PasswordVariable { get; init; }

    /// <summary>The region when the registry is ECR though its host does not say so.</summary>
    public string? EcrRegion { get; init; }

    /// <summary><c>cosign</c>, <c>dct</c>.</summary>
    public IReadOnlyList<string> Sign { get; init; } = [];

    public required AttestSection Attest { get; init; }

    public required CosignSection Cosign { get; init; }

    public required ContentTrustSection ContentTrust { get; init; }

    internal static PushSection Read(YamlMap map) => new()
    {
        Repository = map.Text("repository", "Registry and repository to push to, e.g. registry.example.com/team/app. Default: as the image is named."),
        Tags = map.List("tags", "Further tags for the same digest.") ?? [],
        Latest = map.Flag("latest", "Also move the tag latest, last of all. Default: false.") ?? false,
        RequireGate = map.Flag("requireGate", "Refuse to push an image that no scan has judged. Default: false.") ?? false,
        CreateRepository = map.Flag("createRepository", "Create a missing ECR repository, with immutable tags and scan on push. Default: false.") ?? false,
        ImmutableTags = map.Flag("immutableTags", "Refuse to give a tag another digest, on any registry; latest may move. Default: false.") ?? false,
        Username = map.Text("username", "The registry's user. Default: AWS for ECR, else what docker login has kept."),
        PasswordVariable = map.SecretVariable("password", "The registry's password or token."),
        EcrRegion = map.Text("ecrRegion", "Treat the registry as ECR of this region, though its host name does not say so."),
        Sign = map.List("sign", "Signatures besides the attestation.", ["cosign", "dct"]) ?? [],
        Attest = map.Section("attest", "The gate's verdict, signed and attached to the image.", AttestSection.Read),
        Cosign = map.Section("cosign", "Signing with cosign.", CosignSection.Read),
        ContentTrust = map.Section("dct", "Docker Content Trust, through any Notary server.", ContentTrustSection.Read),
    };
}

public sealed record AttestSection
{
    /// <summary>A file, or <c>env:NAME</c>.</summary>
    public string? Key { get; init; }

    public string? PassphraseVariable { get; init; }

    /// <summary>A file, or <c>env:NAME</c>.</summary>
    public string? PublicKey { get; init; }

    public string? Kms { get; init; }

    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(30);

    internal static AttestSection Read(YamlMap map) => new()
    {
        Key = Source(map, "key", "The private P-256 key: a file, or env:NAME of a variable that holds the PEM or its base64. Default: env:SECOPS_ATTEST_KEY."),
        PassphraseVariable = map.SecretVariable("passphrase", "For an encrypted key. Default: env:SECOPS_ATTEST_PASSPHRASE."),
        PublicKey = Source(map, "publicKey", "The public key to verify with: a file, or env:NAME. Default: that of the private key."),
        Kms = map.Text("kms", "Sign with this AWS KMS key (key id, alias or ARN; ECC_NIST_P256) instead."),
        MaxAge = map.Duration("maxAge", "How old the scan behind an attestation may be. Default: 30d.") ?? TimeSpan.FromDays(30),
    };

    private static string? Source(YamlMap map, string key, string description)
    {
        var value = map.Text(key, description);
        return value is not null && value.Contains("-----BEGIN", StringComparison.Ordinal)
            ? throw map.Error($"{key} must name a file or env:NAME. Keys do not belong in this file", key)
            : value;
    }
}

public sealed record CosignSection
{
    /// <summary>A file, a KMS address as cosign writes it, or <c>env:NAME</c>; null: keyless.</summary>
    public string? Key { get; init; }

    public string? PublicKey { get; init; }

    public string? PasswordVariable { get; init; }

    public bool TransparencyLog { get; init; }

    internal static CosignSection Read(YamlMap map) => new()
    {
        Key = map.Text("key", "cosign's private key: a file, an address such as awskms:///…, or env:NAME."),
        PublicKey = map.Text("publicKey", "The public key for push --verify: a file, or env:NAME."),
        PasswordVariable = map.SecretVariable("password", "The key's password. Default: env:COSIGN_PASSWORD."),
        TransparencyLog = map.Flag("transparencyLog", "Record the signature in the public log, which tells everybody the image's name. Default: false.") ?? false,
    };
}

public sealed record ContentTrustSection
{
    public string? Server { get; init; }

    public string? Signer { get; init; }

    public string? KeyVariable { get; init; }

    public string? PassphraseVariable { get; init; }

    public string? RootPassphraseVariable { get; init; }

    internal static ContentTrustSection Read(YamlMap map) => new()
    {
        Server = map.Text("server", "The Notary server, https://…. Default: DOCKER_CONTENT_TRUST_SERVER. Docker has retired its own (notary.docker.io)."),
        Signer = map.Text("signer", "The signer's name, whose key is loaded."),
        KeyVariable = map.SecretVariable("key", "The signer's private key, base64 of its PEM. Default: the keys in Docker's own trust folder."),
        PassphraseVariable = map.SecretVariable("passphrase", "The passphrase of the signer's and the repository's key; base64 with the prefix base64: in the variable's value."),
        RootPassphraseVariable = map.SecretVariable("rootPassphrase", "The passphrase of the root key, for the first signature in a repository."),
    };
}
