using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SecOps.Delivery.Attest;

/// <summary>
/// A signed statement: a DSSE envelope (https://github.com/secure-systems-lab/dsse) in a Sigstore bundle of version 0.3
/// (https://docs.sigstore.dev/about/bundle/), verified with a public key that the verifier already has.
/// </summary>
public sealed record SigstoreBundle
{
    public const string MediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";
    public const string PayloadType = "application/vnd.in-toto+json";

    public required byte[] Payload { get; init; }

    /// <summary>DER.</summary>
    public required IReadOnlyList<byte[]> Signatures { get; init; }

    public required string KeyId { get; init; }

    public static async Task<SigstoreBundle> SignAsync(byte[] statement, IAttestationSigner signer, CancellationToken cancellation) => new()
    {
        Payload = statement,
        Signatures = [await signer.SignAsync(PreAuthentication(statement), cancellation)],
        KeyId = signer.PublicKey.Id,
    };

    /// <summary>Whether one of the signatures is this key's. The key's id in the bundle is a hint from a stranger, so it is not looked at.</summary>
    public bool IsSignedBy(AttestationKey key)
    {
        var message = PreAuthentication(Payload);
        return Signatures.Any(s => key.Verify(message, s));
    }

    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("mediaType", MediaType);
            json.WriteStartObject("verificationMaterial");
            json.WriteStartObject("publicKey");
            json.WriteString("hint", KeyId);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteStartObject("dsseEnvelope");
            json.WriteBase64String("payload", Payload);
            json.WriteString("payloadType", PayloadType);
            json.WriteStartArray("signatures");
            foreach (var signature in Signatures)
            {
                json.WriteStartObject();
                json.WriteBase64String("sig", signature);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Null when it is no bundle around an in-toto statement.</summary>
    public static SigstoreBundle? TryParse(byte[] bundle)
    {
        try
        {
            using var json = JsonDocument.Parse(bundle, new JsonDocumentOptions { MaxDepth = 32 });
            var root = json.RootElement;
            var envelope = root.GetProperty("dsseEnvelope");
            if (root.GetProperty("mediaType").GetString() != MediaType || envelope.GetProperty("payloadType").GetString() != PayloadType)
            {
                return null;
            }

            return new SigstoreBundle
            {
                Payload = envelope.GetProperty("payload").GetBytesFromBase64(),
                Signatures = [.. envelope.GetProperty("signatures").EnumerateArray().Select(s => s.GetProperty("sig").GetBytesFromBase64())],
                KeyId = root.TryGetProperty("verificationMaterial", out var material) && material.TryGetProperty("publicKey", out var key) && key.TryGetProperty("hint", out var hint) ? hint.GetString() ?? "" : "",
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>DSSE's PAE: what is signed names its own type and lengths, so nothing can be read as something else.</summary>
    private static byte[] PreAuthentication(byte[] payload)
    {
        var head = string.Create(CultureInfo.InvariantCulture, $"DSSEv1 {PayloadType.Length} {PayloadType} {payload.Length} ");
        return [.. Encoding.UTF8.GetBytes(head), .. payload];
    }
}
