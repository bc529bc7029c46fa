using System.Text.Json;
using SecOps.Findings;

namespace SecOps.Reports;

/// <summary>
/// A finding's place in SARIF. Code scanning shows a result only at a file of the repository, so what is elsewhere gets a relative address made of what
/// stays the same between runs: an image without tag and digest, a web page without its scheme, a resource's name.
/// </summary>
internal static class SarifPlace
{
    public static void Locations(Utf8JsonWriter json, Finding f)
    {
        var l = f.Location;
        json.WriteStartArray("locations"u8);
        json.WriteStartObject();
        json.WriteStartObject("physicalLocation"u8);
        Artifact(json, Address(l));
        Region(json, l);
        json.WriteEndObject();
        if (LogicalName(f) is { } name)
        {
            json.WriteStartArray("logicalLocations"u8);
            json.WriteStartObject();
            json.WriteString("fullyQualifiedName"u8, name);
            json.WriteEndObject();
            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.WriteEndArray();
    }

    public static void Artifact(Utf8JsonWriter json, string path)
    {
        json.WriteStartObject("artifactLocation"u8);
        var slashed = path.Replace('\\', '/');
        var outside = slashed.StartsWith('/') || (slashed.Length > 1 && slashed[1] == ':' && char.IsAsciiLetter(slashed[0]));
        var escaped = string.Join('/', slashed.TrimStart('/').Split('/').Select(Uri.EscapeDataString));
        json.WriteString("uri"u8, outside ? "file:///" + escaped : escaped);
        if (!outside)
        {
            json.WriteString("uriBaseId"u8, "%SRCROOT%");
        }

        json.WriteEndObject();
    }

    /// <summary>The file, or what stands for one.</summary>
    internal static string Address(Location l)
    {
        var address = l.Path ?? l.Package?.Manifest ?? (l.Image is { } image ? Repository(image.Reference) : null) ?? Page(l.Url) ?? l.Resource ?? l.Package?.Name;
        return string.IsNullOrEmpty(address) ? "unknown" : address;
    }

    /// <summary>An image's name without tag and digest: <c>registry:5000/a/b:1@sha256:…</c> is <c>registry:5000/a/b</c>.</summary>
    internal static string Repository(string reference)
    {
        var name = reference.Split('@')[0];
        var colon = name.LastIndexOf(':');
        return colon > name.LastIndexOf('/') ? name[..colon] : name;
    }

    private static string? Page(string? url) =>
        url is null ? null : Uri.TryCreate(url, UriKind.Absolute, out var uri) ? (uri.Authority + uri.AbsolutePath).TrimEnd('/') : url;

    private static void Region(Utf8JsonWriter json, Location l)
    {
        json.WriteStartObject("region"u8);
        var start = l.StartLine is > 0 and var line ? line : 1;
        json.WriteNumber("startLine"u8, start);
        if (l.StartLine is > 0)
        {
            if (l.StartColumn is > 0 and var column)
            {
                json.WriteNumber("startColumn"u8, column);
            }

            if (l.EndLine is { } end && end > start)
            {
                json.WriteNumber("endLine"u8, end);
            }

            if (l.Snippet is { Length: > 0 } snippet)
            {
                json.WriteStartObject("snippet"u8);
                json.WriteString("text"u8, snippet);
                json.WriteEndObject();
            }
        }

        json.WriteEndObject();
    }

    private static string? LogicalName(Finding f) =>
        f.Location.Package is { } package ? package.Purl ?? package.Name
        : f.Location.Url is { } url ? $"{f.Location.Method} {url}{(f.Location.Parameter is { } parameter ? " " + parameter : "")}".Trim()
        : f.Location.Resource;
}
