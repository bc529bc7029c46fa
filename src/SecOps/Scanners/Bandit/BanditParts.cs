using System.Text;
using System.Text.Json;

namespace SecOps.Scanners.Bandit;

/// <summary>Takes a report apart by file and puts parts together again. A part is a report of one file, in Bandit's own words.</summary>
internal static class BanditParts
{
    public static IReadOnlyDictionary<string, string> Split(Stream report, Func<string, string> relative)
    {
        using var document = Parse(report);
        var parts = new Dictionary<string, (List<string> Results, List<string> Errors)>(StringComparer.Ordinal);
        (List<string> Results, List<string> Errors) Of(string file) => parts.TryGetValue(file, out var part) ? part : parts[file] = ([], []);

        // Every file that was looked at has metrics, findings or not.
        foreach (var file in Member(document, "metrics", JsonValueKind.Object).EnumerateObject().Select(m => m.Name))
        {
            if (file != "_totals")
            {
                Of(file);
            }
        }

        foreach (var result in Member(document, "results", JsonValueKind.Array).EnumerateArray())
        {
            Of(FileOf(result)).Results.Add(Named(result, relative(FileOf(result))));
        }

        foreach (var error in Member(document, "errors", JsonValueKind.Array).EnumerateArray())
        {
            Of(FileOf(error)).Errors.Add(Named(error, relative(FileOf(error))));
        }

        return parts.ToDictionary(p => p.Key, p => Text(relative(p.Key), p.Value.Results, p.Value.Errors), StringComparer.Ordinal);
    }

    public static void Join(IEnumerable<string> parts, Stream report)
    {
        List<string> results = [], errors = [], metrics = [];
        foreach (var part in parts)
        {
            using var document = JsonDocument.Parse(part);
            results.AddRange(document.RootElement.GetProperty("results").EnumerateArray().Select(r => r.GetRawText()));
            errors.AddRange(document.RootElement.GetProperty("errors").EnumerateArray().Select(e => e.GetRawText()));
            metrics.AddRange(document.RootElement.GetProperty("metrics").EnumerateObject().Select(m => m.Name));
        }

        Write(report, metrics, results, errors);
    }

    private static JsonDocument Parse(Stream report)
    {
        try
        {
            return JsonDocument.Parse(Banner.Skip(report, "the Bandit report"));
        }
        catch (JsonException e)
        {
            throw SecOpsException.Tool($"the Bandit report is not valid JSON: {e.Message}", e);
        }
    }

    private static JsonElement Member(JsonDocument document, string name, JsonValueKind kind) =>
        document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty(name, out var member) && member.ValueKind == kind
            ? member
            : throw SecOpsException.Tool($"the Bandit report has no \"{name}\".");

    private static string FileOf(JsonElement entry) =>
        entry.TryGetProperty("filename", out var file) && file.GetString() is { } name ? name : throw SecOpsException.Tool("an entry of the Bandit report lacks its \"filename\".");

    /// <summary>The entry with another name of its file.</summary>
    private static string Named(JsonElement entry, string file)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            foreach (var member in entry.EnumerateObject())
            {
                if (member.NameEquals("filename"))
                {
                    json.WriteString("filename", file);
                }
                else
                {
                    member.WriteTo(json);
                }
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length);
    }

    private static string Text(string file, List<string> results, List<string> errors)
    {
        using var text = new MemoryStream();
        Write(text, [file], results, errors);
        return Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length);
    }

    private static void Write(Stream stream, IEnumerable<string> files, IEnumerable<string> results, IEnumerable<string> errors)
    {
        using var json = new Utf8JsonWriter(stream);
        json.WriteStartObject();
        List(json, "errors", errors);
        json.WriteStartObject("metrics");
        foreach (var file in files)
        {
            json.WriteStartObject(file);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        List(json, "results", results);
        json.WriteEndObject();
    }

    private static void List(Utf8JsonWriter json, string name, IEnumerable<string> entries)
    {
        json.WriteStartArray(name);
        foreach (var entry in entries)
        {
            json.WriteRawValue(entry);
        }

        json.WriteEndArray();
    }
}
