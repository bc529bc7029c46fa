using SecOps.Findings.Json;

namespace SecOps.Findings;

/// <summary>Writes the findings of <c>findings.json</c>.</summary>
internal static class FindingWriter
{
    public static void Write(JsonText json, Finding f)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, f.Id);
        json.WriteStrings("aliases"u8, f.Aliases);
        json.WriteString("category"u8, Words.Of(f.Category));
        json.WriteString("severity"u8, Words.Of(f.Severity));
        json.WriteString("confidence"u8, f.Confidence);
        json.WriteString("title"u8, f.Title);
        json.WriteString("message"u8, f.Message);
        json.WriteStartObject("rule"u8);
        json.WriteString("id"u8, f.Rule.Id);
        json.WriteString("name"u8, f.Rule.Name);
        json.WriteString("url"u8, f.Rule.Url);
        json.WriteStrings("cwe"u8, f.Rule.Cwe);
        json.WriteStrings("advisories"u8, f.Rule.Advisories);
        json.WriteEndObject();
        Write(json, f.Location);
        json.WriteStartArray("scanners"u8);
        for (var i = 0; i < f.Scanners.Count; i++)
        {
            var s = f.Scanners[i];
            json.WriteStartObject();
            json.WriteString("name"u8, s.Name);
            json.WriteString("ruleId"u8, s.RuleId);
            json.WriteString("severity"u8, s.Severity);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        FixJson.Write(json, f);
        json.WriteString("state"u8, Words.Of(f.State));
        Write(json, f.Waiver);
        if (f.Joined.Count > 0)
        {
            json.WriteStartArray("joined"u8);
            foreach (var part in f.Joined)
            {
                Write(json, part);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void Write(JsonText json, Location l)
    {
        json.WriteStartObject("location"u8);
        json.WriteOptional("path"u8, l.Path);
        json.WriteOptional("startLine"u8, l.StartLine);
        json.WriteOptional("endLine"u8, l.EndLine);
        json.WriteOptional("startColumn"u8, l.StartColumn);
        json.WriteOptional("snippet"u8, l.Snippet);
        if (l.Package is { } p)
        {
            json.WriteStartObject("package"u8);
            json.WriteString("purl"u8, p.Purl);
            json.WriteString("name"u8, p.Name);
            json.WriteString("version"u8, p.Version);
            json.WriteString("fixedVersion"u8, p.FixedVersion);
            json.WriteString("manifest"u8, p.Manifest);
            json.WriteEndObject();
        }

        if (l.Image is { } i)
        {
            json.WriteStartObject("image"u8);
            json.WriteString("reference"u8, i.Reference);
            json.WriteString("digest"u8, i.Digest);
            json.WriteEndObject();
        }

        json.WriteOptional("url"u8, l.Url);
        json.WriteOptional("method"u8, l.Method);
        json.WriteOptional("parameter"u8, l.Parameter);
        json.WriteOptional("resource"u8, l.Resource);
        json.WriteEndObject();
    }

    private static void Write(JsonText json, AppliedWaiver? waiver)
    {
        if (waiver is null)
        {
            json.WriteNull("waiver"u8);
            return;
        }

        json.WriteStartObject("waiver"u8);
        json.WriteString("reason"u8, waiver.Reason);
        json.WriteString("owner"u8, waiver.Owner);
        json.WriteString("expires"u8, waiver.Expires.ToString("O", null));
        json.WriteEndObject();
    }
}
