using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SecOps.Configuration;

/// <summary>The JSON schema of <c>secops.yml</c> (draft 2020-12), made from what the reading code says of itself.</summary>
public static class ConfigurationSchema
{
    public static string Write()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("$schema", "https://json-schema.org/draft/2020-12/schema");
            json.WriteString("title", "secops.yml");
            json.WriteString("type", "object");
            Properties(json, SecOpsConfiguration.Describe());
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray()) + "\n";
    }

    private static void Properties(Utf8JsonWriter json, IReadOnlyList<ConfigurationKey> keys)
    {
        json.WriteStartObject("properties");
        foreach (var key in keys)
        {
            json.WriteStartObject(key.Name);
            Describe(json, key);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteBoolean("additionalProperties", false);
    }

    private static void Describe(Utf8JsonWriter json, ConfigurationKey key)
    {
        json.WriteString("description", key.Description);
        // An empty key ("gate:") is read as absent; a single value stands for a list of one.
        WriteTypes(json, key.Type is "array" && key.Children.Count == 0 ? ["array", "string", "null"] : key.Type is "string" ? ["string", "number", "boolean", "null"] : [key.Type, "null"]);
        switch (key)
        {
            case { Type: "array", Children.Count: > 0 }:
                json.WriteStartObject("items");
                json.WriteString("type", "object");
                Properties(json, key.Children);
                json.WriteEndObject();
                break;
            case { Type: "array" }:
                json.WriteStartObject("items");
                json.WriteString("type", "string");
                Words(json, key.Words, optional: false);
                json.WriteEndObject();
                break;
            case { FreeKeys: { } names }:
                FreeKeys(json, names, key.Words);
                break;
            case { Children.Count: > 0 }:
                Properties(json, key.Children);
                break;
            default:
                Words(json, key.Words, optional: true);
                break;
        }
    }

    private static void FreeKeys(Utf8JsonWriter json, IReadOnlyList<string> names, IReadOnlyList<string>? words)
    {
        if (names.Count > 0)
        {
            json.WriteStartObject("propertyNames");
            Words(json, names, optional: false);
            json.WriteEndObject();
        }

        json.WriteStartObject("additionalProperties");
        WriteTypes(json, ["string", "number", "boolean"]);
        Words(json, words, optional: false);
        json.WriteEndObject();
    }

    private static void WriteTypes(Utf8JsonWriter json, IReadOnlyList<string> types)
    {
        json.WriteStartArray("type");
        foreach (var type in types)
        {
            json.WriteStringValue(type);
        }

        json.WriteEndArray();
    }

    private static void Words(Utf8JsonWriter json, IReadOnlyList<string>? words, bool optional)
    {
        if (words is null)
        {
            return;
        }

        json.WriteStartArray("enum");
        foreach (var word in words)
        {
            json.WriteStringValue(word);
        }

        if (optional)
        {
            json.WriteNullValue();
        }

        json.WriteEndArray();
    }
}
