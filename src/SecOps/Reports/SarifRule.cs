using System.Text.Json;
using SecOps.Findings;

namespace SecOps.Reports;

/// <summary>A rule's descriptor, made of the first finding that has it.</summary>
internal static class SarifRule
{
    /// <summary>GitHub takes 20 and shows 10; ours come first.</summary>
    private const int MaxTags = 20;

    /// <summary>GitHub takes names of 255 and descriptions of 1,024 characters; all of it stands in the help.</summary>
    private const int MaxName = 255;
    private const int MaxDescription = 1024;

    public static string Level(Severity severity) => severity switch
    {
        Severity.Critical or Severity.High => "error",
        Severity.Medium or Severity.Unknown => "warning",
        _ => "note",
    };

    public static void Write(Utf8JsonWriter json, Finding f)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, f.Rule.Id);
        if (f.Rule.Name is { Length: > 0 } name && name != f.Rule.Id)
        {
            json.WriteString("name"u8, MarkdownText.Cut(name, MaxName));
        }

        Text(json, "shortDescription", MarkdownText.Cut(FirstText(f.Title, f.Rule.Id), MaxDescription));
        Text(json, "fullDescription", MarkdownText.Cut(FirstText(f.Message, f.Title, f.Rule.Id), MaxDescription));
        json.WriteStartObject("help"u8);
        json.WriteString("text"u8, Help(f, "\n", FindingText.Clean));
        json.WriteString("markdown"u8, Help(f, "\n\n", MarkdownText.Escape));
        json.WriteEndObject();
        json.Optional("helpUri", ReportJson.Address(f.Rule.Url));
        json.WriteStartObject("defaultConfiguration"u8);
        json.WriteString("level"u8, Level(f.Severity));
        json.WriteEndObject();
        json.WriteStartObject("properties"u8);
        json.Texts("tags", Tags(f).Distinct().Take(MaxTags));
        if (f.Confidence is "high" or "medium" or "low")
        {
            json.WriteString("precision"u8, f.Confidence);
        }

        if (SeverityScale.Score(f.Severity) is { } score)
        {
            json.WriteString("security-severity"u8, score);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static IEnumerable<string> Tags(Finding f) =>
        ["security", Words.Of(f.Category), .. f.Rule.Cwe.Select(c => "external/cwe/" + c.ToLowerInvariant()), .. f.Rule.Advisories];

    private static string Help(Finding f, string between, Func<string, string> safe)
    {
        string?[] parts =
        [
            f.Message is not null && FindingText.Full(f) == f.Message ? null : f.Title,
            string.IsNullOrWhiteSpace(f.Message) ? null : f.Message,
            f.Fix?.Outcome is null && FindingText.Mends(f) is { } fix ? "Fix: " + fix : null,
            f.Rule.Cwe.Count > 0 ? "Weakness: " + string.Join(", ", f.Rule.Cwe) : null,
        ];
        var text = string.Join(between, parts.OfType<string>().Select(safe));
        return ReportJson.Address(f.Rule.Url) is { } url ? text + between + url : text;
    }

    /// <summary>GitHub refuses a report with an empty description.</summary>
    private static string FirstText(params string?[] texts) => texts.FirstOrDefault(t => !string.IsNullOrWhiteSpace(t)) ?? "unnamed";

    private static void Text(Utf8JsonWriter json, string name, string text)
    {
        json.WriteStartObject(name);
        json.WriteString("text"u8, FindingText.Clean(text));
        json.WriteEndObject();
    }
}
