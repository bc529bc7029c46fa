using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SecOps.Delivery.Attest;

/// <summary>
/// The gate's verdict about an image: an in-toto statement (https://in-toto.io/Statement/v1) whose predicate is a SLSA
/// verification summary (https://slsa.dev/spec/v1.0/verification_summary).
/// </summary>
public sealed record VerificationSummary
{
    public const string StatementType = "https://in-toto.io/Statement/v1";
    public const string PredicateType = "https://slsa.dev/verification_summary/v1";

    /// <summary>Names secops as the verifier.</summary>
    public const string VerifierId = "pkg:nuget/secops";

    /// <summary>What it is about: repository name, and digests (<c>sha256:…</c>) of the manifest and, in an index, of each platform's.</summary>
    public required string Repository { get; init; }

    public required IReadOnlyList<string> Subjects { get; init; }

    public required bool Passed { get; init; }

    /// <summary>When the scan that decided ended: its age counts, not that of the signature.</summary>
    public required DateTimeOffset VerifiedAt { get; init; }

    /// <summary><c>sha256:…</c> of the gate's configuration; see <see cref="PolicyDigest"/>.</summary>
    public required string Policy { get; init; }

    /// <summary>What was judged: name in <c>.secops</c> and <c>sha256:…</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Inputs { get; init; } = [];

    public string? VerifierVersion { get; init; }

    /// <summary>As JSON; the same summary gives the same bytes.</summary>
    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("_type", StatementType);
            json.WriteStartArray("subject");
            foreach (var subject in Subjects)
            {
                json.WriteStartObject();
                json.WriteString("name", Repository);
                Digest(json, subject);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteString("predicateType", PredicateType);
            json.WriteStartObject("predicate");
            Predicate(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads a statement; null when it is another one than a verification summary of secops' shape.</summary>
    public static VerificationSummary? TryParse(byte[] statement)
    {
        try
        {
            using var json = JsonDocument.Parse(statement, new JsonDocumentOptions { MaxDepth = 32 });
            var root = json.RootElement;
            if (root.GetProperty("_type").GetString() != StatementType || root.GetProperty("predicateType").GetString() != PredicateType)
            {
                return null;
            }

            var predicate = root.GetProperty("predicate");
            var subjects = root.GetProperty("subject").EnumerateArray().ToList();
            return new VerificationSummary
            {
                Repository = subjects.Select(s => s.TryGetProperty("name", out var name) ? name.GetString() : null).FirstOrDefault() ?? "",
                Subjects = [.. subjects.Select(DigestOf)],
                // Only this one word passes; whatever else stands there does not.
                Passed = predicate.GetProperty("verificationResult").GetString() == "PASSED",
                VerifiedAt = DateTimeOffset.Parse(predicate.GetProperty("timeVerified").GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
                Policy = DigestOf(predicate.GetProperty("policy")),
                Inputs = predicate.TryGetProperty("inputAttestations", out var inputs)
                    ? [.. inputs.EnumerateArray().Select(i => KeyValuePair.Create(i.GetProperty("uri").GetString() ?? "", DigestOf(i)))]
                    : [],
                VerifierVersion = predicate.GetProperty("verifier").TryGetProperty("version", out var version) && version.TryGetProperty("secops", out var own) ? own.GetString() : null,
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentNullException)
        {
            return null;
        }
    }

    private void Predicate(Utf8JsonWriter json)
    {
        json.WriteStartObject("verifier");
        json.WriteString("id", VerifierId);
        if (VerifierVersion is not null)
        {
            json.WriteStartObject("version");
            json.WriteString("secops", VerifierVersion);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteString("timeVerified", VerifiedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        // A package URL of type oci, as purl-spec writes it.
        json.WriteString("resourceUri", $"pkg:oci/{Repository[(Repository.LastIndexOf('/') + 1)..]}@{Uri.EscapeDataString(Subjects[0])}?repository_url={Uri.EscapeDataString(Repository)}");
        json.WriteStartObject("policy");
        json.WriteString("uri", "secops.yml#gate");
        Digest(json, Policy);
        json.WriteEndObject();
        json.WriteStartArray("inputAttestations");
        foreach (var (name, digest) in Inputs)
        {
            json.WriteStartObject();
            json.WriteString("uri", name);
            Digest(json, digest);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("verificationResult", Passed ? "PASSED" : "FAILED");
        json.WriteStartArray("verifiedLevels");
        // secops judges findings, not how the image was built; the specification has this word for that.
        json.WriteStringValue("SLSA_BUILD_LEVEL_UNEVALUATED");
        json.WriteEndArray();
        json.WriteString("slsaVersion", "1.0");
    }

    private static void Digest(Utf8JsonWriter json, string digest)
    {
        json.WriteStartObject("digest");
        json.WriteString("sha256", digest["sha256:".Length..]);
        json.WriteEndObject();
    }

    private static string DigestOf(JsonElement e) => "sha256:" + (e.GetProperty("digest").GetProperty("sha256").GetString() ?? throw new FormatException("no digest"));
}
