using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SecOps.Registry;

/// <summary>Writes the two documents that we put into a registry: the manifest of an attached artifact, and the index behind a fallback tag.</summary>
internal static class OciJson
{
    public static readonly byte[] Empty = "{}"u8.ToArray();

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Artifact(string artifactType, OciDescriptor blob, OciDescriptor subject, IReadOnlyDictionary<string, string> annotations) => Bytes(json =>
    {
        json.WriteNumber("schemaVersion", 2);
        json.WriteString("mediaType", MediaTypes.OciManifest);
        json.WriteString("artifactType", artifactType);
        json.WritePropertyName("config");
        Write(json, new OciDescriptor(MediaTypes.OciEmpty, OciManifest.DigestOf(Empty), Empty.Length));
        json.WriteStartArray("layers");
        Write(json, blob);
        json.WriteEndArray();
        json.WritePropertyName("subject");
        Write(json, subject);
        Write(json, annotations);
    });

    public static byte[] Index(IEnumerable<OciDescriptor> manifests) => Bytes(json =>
    {
        json.WriteNumber("schemaVersion", 2);
        json.WriteString("mediaType", MediaTypes.OciIndex);
        json.WriteStartArray("manifests");
        foreach (var manifest in manifests)
        {
            Write(json, manifest);
        }

        json.WriteEndArray();
    });

    private static void Write(Utf8JsonWriter json, OciDescriptor d)
    {
        json.WriteStartObject();
        json.WriteString("mediaType", d.MediaType);
        json.WriteString("digest", d.Digest);
        json.WriteNumber("size", d.Size);
        if (d.ArtifactType is { } type)
        {
            json.WriteString("artifactType", type);
        }

        if (d.Annotations.Count > 0)
        {
            Write(json, d.Annotations);
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyDictionary<string, string> annotations)
    {
        json.WriteStartObject("annotations");
        foreach (var (name, value) in annotations.OrderBy(a => a.Key, StringComparer.Ordinal))
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
    }

    private static byte[] Bytes(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
