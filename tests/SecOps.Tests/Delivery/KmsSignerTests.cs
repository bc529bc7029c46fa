using System.Security.Cryptography;
using System.Text.Json;
using Amazon.Runtime;
using SecOps.Aws;
using SecOps.Delivery.Attest;
using SecOps.Registry;
using Shouldly;
using Xunit;
using Answer = SecOps.Registry.Answer;

namespace SecOps.Delivery;

/// <summary>A KMS that answers as its service model says; the emulator cannot sign a digest.</summary>
public sealed class KmsSignerTests : IDisposable
{
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose() => key.Dispose();

    [Fact]
    public async Task A_key_that_never_leaves_KMS_signs_a_bundle_that_its_public_half_verifies()
    {
        using var server = new LoopbackServer((request, body) => new Answer(200, request.Headers["X-Amz-Target"] switch
        {
            "TrentService.GetPublicKey" => $$"""{"KeyId":"alias/gate","PublicKey":"{{Convert.ToBase64String(key.ExportSubjectPublicKeyInfo())}}","KeySpec":"ECC_NIST_P256"}""",
            _ => $$"""{"KeyId":"alias/gate","Signature":"{{Convert.ToBase64String(Sign(body))}}","SigningAlgorithm":"ECDSA_SHA_256"}""",
        }));
        using var aws = Open(server);

        var signer = await KmsSigner.OpenAsync(aws, "alias/gate", CancellationToken.None);
        var bundle = await SigstoreBundle.SignAsync(new byte[10_000], signer, CancellationToken.None);

        bundle.IsSignedBy(signer.PublicKey).ShouldBeTrue();
        signer.PublicKey.IsPrivate.ShouldBeFalse();
    }

    [Fact]
    public async Task A_signature_that_the_keys_own_public_half_does_not_verify_is_refused()
    {
        using var server = new LoopbackServer((request, _) => new Answer(200, request.Headers["X-Amz-Target"] == "TrentService.GetPublicKey"
            ? $$"""{"PublicKey":"{{Convert.ToBase64String(key.ExportSubjectPublicKeyInfo())}}"}"""
            : $$"""{"Signature":"{{Convert.ToBase64String(key.SignData([1], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence))}}"}"""));
        using var aws = Open(server);
        var signer = await KmsSigner.OpenAsync(aws, "alias/gate", CancellationToken.None);

        (await Should.ThrowAsync<SecOpsException>(() => signer.SignAsync([2], CancellationToken.None))).Message.ShouldContain("it is not attached");
    }

    [Fact]
    public async Task A_missing_permission_is_named()
    {
        using var server = new LoopbackServer(_ => new Answer(400, """{"__type":"AccessDeniedException","Message":"no"}"""));
        using var aws = Open(server);

        var error = await Should.ThrowAsync<SecOpsException>(() => KmsSigner.OpenAsync(aws, "alias/gate", CancellationToken.None));

        error.Code.ShouldBe(ExitCode.ToolFailed);
        error.Message.ShouldContain("kms:GetPublicKey");
    }

    [Theory]
    [InlineData("arn:aws:kms:eu-west-1:123456789012:key/1234abcd", "eu-west-1")]
    [InlineData("arn:aws-cn:kms:cn-north-1:123456789012:alias/gate", "cn-north-1")]
    [InlineData("alias/gate", null)]
    [InlineData("1234abcd-12ab-34cd-56ef-1234567890ab", null)]
    public void A_keys_ARN_names_its_region(string key, string? region) => KmsSigner.RegionOf(key).ShouldBe(region);

    private static AwsClients Open(LoopbackServer server) => new(new AwsSettings
    {
        Region = "eu-west-1", Credentials = new BasicAWSCredentials("test", "test"), Variable = name => name == "AWS_ENDPOINT_URL" ? "http://" + server.Host : null, MaxErrorRetry = 0,
    });

    private byte[] Sign(string body)
    {
        using var json = JsonDocument.Parse(body);
        json.RootElement.GetProperty("MessageType").GetString().ShouldBe("DIGEST");
        return key.SignHash(json.RootElement.GetProperty("Message").GetBytesFromBase64(), DSASignatureFormat.Rfc3279DerSequence);
    }
}
