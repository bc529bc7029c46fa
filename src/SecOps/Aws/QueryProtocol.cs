using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using System.Xml;
using System.Xml.Linq;

namespace SecOps.Aws;

/// <summary>
/// The query protocols (https://smithy.io/2.0/aws/protocols/aws-query-protocol.html and …/aws-ec2-query-protocol.html):
/// form parameters out, XML back. Answers are turned into the JSON of the same shape, guided by the record's own metadata,
/// so that records are read in one way whatever the service speaks.
/// </summary>
internal static class QueryProtocol
{
    /// <summary>No document type: entities from the network are never expanded.</summary>
    public static readonly XmlReaderSettings XmlSettings = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };

    /// <summary>The members as parameters: <c>Name.member.1</c>, for EC2 <c>Name.1</c>.</summary>
    public static string Form(string operation, string version, JsonObject members, bool ec2)
    {
        var parameters = new List<KeyValuePair<string, string>> { new("Action", operation), new("Version", version) };
        Flatten("", members, ec2, parameters);
        return string.Join('&', parameters.Select(p => Uri.EscapeDataString(p.Key) + "=" + Uri.EscapeDataString(p.Value)));
    }

    private static void Flatten(string name, JsonNode? value, bool ec2, List<KeyValuePair<string, string>> parameters)
    {
        switch (value)
        {
            case null:
                break;
            case JsonObject members:
                foreach (var (member, child) in members)
                {
                    Flatten(name.Length == 0 ? member : name + "." + member, child, ec2, parameters);
                }

                break;
            case JsonArray items:
                for (var i = 0; i < items.Count; i++)
                {
                    Flatten(string.Create(CultureInfo.InvariantCulture, $"{name}{(ec2 ? "." : ".member.")}{i + 1}"), items[i], ec2, parameters);
                }

                break;
            default:
                parameters.Add(new(name, value.ToString()));
                break;
        }
    }

    /// <summary>The answer's XML as the JSON that the record reads.</summary>
    /// <exception cref="XmlException">Not XML.</exception>
    public static byte[] ToJson(byte[] xml, string operation, JsonTypeInfo type)
    {
        using var reader = XmlReader.Create(new MemoryStream(xml), XmlSettings);
        var root = XDocument.Load(reader).Root!;
        if (!root.Name.LocalName.StartsWith(operation, StringComparison.Ordinal))
        {
            throw new XmlException($"the answer is {root.Name.LocalName}, not {operation}");
        }

        var result = root.Elements().FirstOrDefault(e => e.Name.LocalName == operation + "Result") ?? root;
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
        {
            Write(writer, result, type);
        }

        return json.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, XElement element, JsonTypeInfo type)
    {
        switch (type.Kind)
        {
            case JsonTypeInfoKind.Object:
                writer.WriteStartObject();
                foreach (var property in type.Properties)
                {
                    if (element.Elements().FirstOrDefault(e => e.Name.LocalName == property.Name) is { } child)
                    {
                        writer.WritePropertyName(property.Name);
                        Write(writer, child, type.Options.GetTypeInfo(property.PropertyType));
                    }
                }

                writer.WriteEndObject();
                break;
            case JsonTypeInfoKind.Enumerable:
                writer.WriteStartArray();
                var items = type.Options.GetTypeInfo(type.ElementType!);
                foreach (var item in element.Elements())
                {
                    Write(writer, item, items);
                }

                writer.WriteEndArray();
                break;
            case var _ when (Nullable.GetUnderlyingType(type.Type) ?? type.Type) == typeof(bool):
                writer.WriteBooleanValue(element.Value == "true");
                break;
            default:
                // Numbers are read from strings.
                writer.WriteStringValue(element.Value);
                break;
        }
    }
}
