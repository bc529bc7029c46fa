using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using SecOps.Registry;

namespace SecOps.Commands;

/// <param name="Referrer">The digest of the attached manifest.</param>
/// <param name="IsNew">False: the very same was attached before.</param>
internal sealed record PushedAttestation(bool Passed, string Referrer, bool IsNew, string Policy, string KeyId);

/// <summary>What <c>secops push</c> prints: the digest for people, JSON for programs.</summary>
internal sealed record PushResult(ImageReference Image, string? Digest, bool Pushed)
{
    public bool DryRun { get; init; }

    public IReadOnlyList<string> Signatures { get; init; } = [];

    public PushedAttestation? Attestation { get; init; }

    public void Tell(Terminal terminal)
    {
        if (!terminal.Json)
        {
            terminal.Result($"{Image.Name}@{Digest}\n");
            return;
        }

        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("reference", Image.FamiliarName + ":" + Image.Tag);
            json.WriteString("digest", Digest);
            json.WriteBoolean("pushed", Pushed);
            if (DryRun)
            {
                json.WriteBoolean("dryRun", true);
            }

            json.WriteStartArray("signatures");
            foreach (var signature in Signatures)
            {
                json.WriteStringValue(signature);
            }

            json.WriteEndArray();
            json.WritePropertyName("attestation");
            Write(json, Attestation);
            json.WriteEndObject();
        }

        terminal.Result(Encoding.UTF8.GetString(bytes.ToArray()) + "\n");
    }

    private static void Write(Utf8JsonWriter json, PushedAttestation? attestation)
    {
        if (attestation is null)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartObject();
        json.WriteString("verdict", attestation.Passed ? "PASSED" : "FAILED");
        json.WriteString("digest", attestation.Referrer);
        json.WriteBoolean("attached", attestation.IsNew);
        json.WriteString("policy", attestation.Policy);
        json.WriteString("key", attestation.KeyId);
        json.WriteEndObject();
    }
}
