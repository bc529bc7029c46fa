using System.Text.Json;

namespace SecOps.Delivery.Build;

/// <summary><c>.secops/image.json</c>: the image that this project built, and where it was pushed.</summary>
public sealed record ImageRecord
{
    public const string FileName = "image.json";

    /// <summary>As built, e.g. <c>registry.example.com/team/app:1.2.0</c>.</summary>
    public required string Reference { get; init; }

    /// <summary>Registry and repository.</summary>
    public required string Repository { get; init; }

    /// <summary>The Engine's id of the image; null when it was built for other platforms and not loaded.</summary>
    public string? ImageId { get; init; }

    /// <summary>The manifest's digest in the registry; null until it is pushed.</summary>
    public string? Digest { get; init; }

    public string? Platform { get; init; }

    public string? Version { get; init; }

    /// <summary>The commit in the image's label.</summary>
    public string? Revision { get; init; }

    /// <summary>The commit of the bumped version file, made after the build; the same content but for that file.</summary>
    public string? ReleaseRevision { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <returns>Null when there is none.</returns>
    /// <exception cref="SecOpsException">It cannot be read.</exception>
    public static ImageRecord? Read(string folder)
    {
        var file = Path.Combine(folder, FileName);
        if (!File.Exists(file))
        {
            return null;
        }

        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(file));
            var root = json.RootElement;
            string? Text(string name) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
            return new ImageRecord
            {
                Reference = Text("reference") ?? throw new FormatException("it names no image"),
                Repository = Text("repository") ?? "",
                ImageId = Text("imageId"),
                Digest = Text("digest"),
                Platform = Text("platform"),
                Version = Text("version"),
                Revision = Text("revision"),
                ReleaseRevision = Text("releaseRevision"),
                Tags = root.TryGetProperty("tags", out var tags) && tags.ValueKind == JsonValueKind.Array ? [.. tags.EnumerateArray().Select(t => t.ToString())] : [],
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or FormatException)
        {
            throw SecOpsException.Tool($"{file} cannot be read: {e.Message}. Build again, or name the image.", e);
        }
    }

    public void Write(string folder) => AtomicFile.Write(Path.Combine(folder, FileName), Write);

    /// <summary>As JSON.</summary>
    public void Write(Stream stream)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteNumber("schemaVersion", 1);
        json.WriteString("reference", Reference);
        json.WriteString("repository", Repository);
        json.WriteString("imageId", ImageId);
        json.WriteString("digest", Digest);
        json.WriteString("platform", Platform);
        json.WriteString("version", Version);
        json.WriteString("revision", Revision);
        json.WriteString("releaseRevision", ReleaseRevision);
        json.WriteStartArray("tags");
        foreach (var tag in Tags)
        {
            json.WriteStringValue(tag);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        stream.Write("\n"u8);
    }
}
