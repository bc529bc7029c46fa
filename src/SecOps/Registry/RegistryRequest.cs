using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace SecOps.Registry;

/// <summary>A request that can be sent again: after a challenge, a redirect, or trouble.</summary>
/// <param name="Path">Relative to the registry, or absolute where the registry named it (an upload's location).</param>
internal sealed record RegistryRequest(HttpMethod Method, string Path)
{
    public byte[]? Body { get; init; }

    public string? ContentType { get; init; }

    public IReadOnlyList<string> Accept { get; init; } = [];

    public HttpRequestMessage Build(Uri uri)
    {
        var message = new HttpRequestMessage(Method, uri);
        foreach (var type in Accept)
        {
            message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(type));
        }

        if (Body is not null)
        {
            message.Content = new ByteArrayContent(Body);
            message.Content.Headers.ContentType = new MediaTypeHeaderValue(ContentType ?? "application/octet-stream");
        }

        return message;
    }
}

/// <summary>The errors that a registry answers with: <c>{"errors":[{"code","message"}]}</c>.</summary>
internal static class RegistryError
{
    /// <returns><c> CODE: message</c>, or nothing where the body says nothing.</returns>
    public static string Read(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            if (json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("errors", out var errors)
                && errors.ValueKind == JsonValueKind.Array && errors.GetArrayLength() > 0)
            {
                var first = errors[0];
                return " " + Short($"{Text(first, "code")}: {Text(first, "message")}");
            }

            // Token servers: Docker Hub's, and others'.
            if ((string[])["details", "message"] is var names && names.Select(n => Text(json.RootElement, n)).FirstOrDefault(t => t.Length > 0) is { } words)
            {
                return " " + Short(words);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A proxy's HTML page, or nothing.
        }

        var text = Encoding.UTF8.GetString(body).Trim();
        return text.Length == 0 || text.StartsWith('<') || text.StartsWith('{') ? "" : " " + Short(text);
    }

    private static string Text(JsonElement e, string name) =>
        e.ValueKind == JsonValueKind.Object && e.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static string Short(string text) => Terminal.Clean(text.Length > 300 ? text[..300] + "…" : text);
}
