using System.Buffers.Binary;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace SecOps.Docker;

/// <summary>Bodies of requests, and the framing of logs.</summary>
internal static class DockerJson
{
    public static HttpContent Container(ContainerPlan plan) => Content(json =>
    {
        json.WriteString("Image", plan.Image);
        if (plan.Command.Count > 0)
        {
            List(json, "Cmd", plan.Command);
        }

        List(json, "Env", plan.Variables.Select(v => $"{v.Key}={v.Value}"));
        Map(json, "Labels", plan.Labels);
        json.WriteStartObject("HostConfig");
        if (plan.Network is { } network)
        {
            json.WriteString("NetworkMode", network);
        }

        if (plan.Publish is { } port)
        {
            json.WriteStartObject("PortBindings");
            json.WriteStartArray(port);
            json.WriteStartObject();
            json.WriteString("HostIp", "127.0.0.1");
            json.WriteString("HostPort", "");
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndObject();
        if (plan.Publish is { } exposed)
        {
            json.WriteStartObject("ExposedPorts");
            json.WriteStartObject(exposed);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        if (plan is { Network: { } at, Alias: { } alias })
        {
            json.WriteStartObject("NetworkingConfig");
            json.WriteStartObject("EndpointsConfig");
            json.WriteStartObject(at);
            List(json, "Aliases", [alias]);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        }
    });

    public static HttpContent Network(string name, IReadOnlyDictionary<string, string> labels) => Content(json =>
    {
        json.WriteString("Name", name);
        json.WriteString("Driver", "bridge");
        Map(json, "Labels", labels);
    });

    /// <summary>Without a terminal both outputs come in frames: a byte for which, three of nothing, four of length, the text.</summary>
    public static string Demultiplex(ReadOnlySpan<byte> stream)
    {
        if (stream.Length < 8 || stream[0] > 2 || stream[1] != 0)
        {
            return Encoding.UTF8.GetString(stream);
        }

        var text = new StringBuilder();
        while (stream.Length >= 8)
        {
            var length = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(stream[4..]), (uint)(stream.Length - 8));
            text.Append(Encoding.UTF8.GetString(stream.Slice(8, length)));
            stream = stream[(8 + length)..];
        }

        return text.ToString();
    }

    private static ByteArrayContent Content(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        var content = new ByteArrayContent(bytes.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    private static void List(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    private static void Map(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string> values)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in values)
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }
}
