using System.Text.Json;
using SecOps.Findings.Json;

namespace SecOps.Findings;

/// <summary>Reads and writes <c>quality</c> of a coverage entry.</summary>
internal static class ProjectQualityJson
{
    public static void Write(Utf8JsonWriter json, ProjectQuality quality)
    {
        json.WriteStartObject("quality"u8);
        FindingsWriter.Optional(json, "project"u8, quality.ProjectKey);
        FindingsWriter.Optional(json, "gate"u8, quality.Gate);
        json.WriteNumber("bugs"u8, quality.Bugs);
        json.WriteNumber("vulnerabilities"u8, quality.Vulnerabilities);
        json.WriteNumber("codeSmells"u8, quality.CodeSmells);
        json.WriteNumber("hotspots"u8, quality.Hotspots);
        if (quality.Failing.Count > 0)
        {
            json.WriteStartArray("failing"u8);
            foreach (var condition in quality.Failing)
            {
                json.WriteStartObject();
                json.WriteString("metric"u8, condition.Metric);
                FindingsWriter.Optional(json, "comparator"u8, condition.Comparator);
                FindingsWriter.Optional(json, "threshold"u8, condition.Threshold);
                FindingsWriter.Optional(json, "actual"u8, condition.Actual);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    public static ProjectQuality? Read(ref JsonCursor json)
    {
        if (!json.BeginObject())
        {
            return null;
        }

        var quality = new ProjectQuality(null);
        while (json.NextMember())
        {
            if (json.Is("project"u8)) { quality = quality with { ProjectKey = json.Text() }; }
            else if (json.Is("gate"u8)) { quality = quality with { Gate = json.Text() }; }
            else if (json.Is("bugs"u8)) { quality = quality with { Bugs = json.Integer() ?? 0 }; }
            else if (json.Is("vulnerabilities"u8)) { quality = quality with { Vulnerabilities = json.Integer() ?? 0 }; }
            else if (json.Is("codeSmells"u8)) { quality = quality with { CodeSmells = json.Integer() ?? 0 }; }
            else if (json.Is("hotspots"u8)) { quality = quality with { Hotspots = json.Integer() ?? 0 }; }
            else if (json.Is("failing"u8)) { quality = quality with { Failing = Conditions(ref json) }; }
            else { json.Skip(); }
        }

        return quality;
    }

    private static List<QualityCondition> Conditions(ref JsonCursor json)
    {
        var conditions = new List<QualityCondition>();
        var any = json.BeginArray();
        while (any && json.NextElement())
        {
            var condition = new QualityCondition("", null, null, null);
            var members = json.BeginObject();
            while (members && json.NextMember())
            {
                if (json.Is("metric"u8)) { condition = condition with { Metric = json.Text() ?? "" }; }
                else if (json.Is("comparator"u8)) { condition = condition with { Comparator = json.Text() }; }
                else if (json.Is("threshold"u8)) { condition = condition with { Threshold = json.Text() }; }
                else if (json.Is("actual"u8)) { condition = condition with { Actual = json.Text() }; }
                else { json.Skip(); }
            }

            conditions.Add(condition);
        }

        return conditions;
    }
}
