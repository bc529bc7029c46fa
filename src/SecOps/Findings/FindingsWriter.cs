using System.Text.Json;
using SecOps.Findings.Json;

namespace SecOps.Findings;

/// <summary>Writes <c>findings.json</c> (schema version 1, described in README.md beside this file) and <c>gate.json</c>.</summary>
public static class FindingsWriter
{
    public static void Write(Stream stream, FindingsDocument document)
    {
        using var json = new Utf8JsonWriter(stream, JsonText.Layout);
        json.WriteStartObject();
        json.WriteNumber("schemaVersion"u8, FindingsDocument.CurrentSchema);
        WriteRun(json, document.Run);
        json.WriteStartArray("coverage"u8);
        foreach (var c in document.Coverage)
        {
            Write(json, c);
        }

        json.WriteEndArray();
        json.WriteStartArray("findings"u8);
        JsonChunks.Write(json, stream, document.Findings, 250, FindingWriter.Write, f => f.Touch());
        json.WriteEndArray();
        Write(json, document.Summary);
        if (document.WaiverNotes.Count > 0)
        {
            Write(json, "waiverNotes"u8, document.WaiverNotes);
        }

        if (document.Gate is { } gate)
        {
            json.WritePropertyName("gate"u8);
            Write(json, stream, gate);
        }

        json.WriteEndObject();
        json.Flush();
        stream.Write("\n"u8);
    }

    /// <summary>About how many bytes a long document will have, rather too many, by a sample of what makes it long; 0 for a short one.</summary>
    public static long Length(FindingsDocument document) =>
        document.Findings.Count < Identity.Many ? 0 : Length(document.Findings, 2, FindingWriter.Write) + Length(document.Gate?.Reasons ?? [], 3, Write);

    /// <summary>As above, of the verdict alone.</summary>
    public static long Length(GateResult gate) => gate.Reasons.Count < Identity.Many ? 0 : Length(gate.Reasons, 2, Write);

    private static long Length<T>(IReadOnlyList<T> elements, int depth, Action<JsonText, T> render)
    {
        using var text = new JsonText();
        var (sample, length) = (Math.Min(1000, elements.Count), 0L);
        for (var i = 0; i < sample; i++)
        {
            text.Restart(depth, afterElement: true);
            render(text, elements[(int)((long)i * elements.Count / sample)]);
            length += text.Written.Length;
        }

        return sample == 0 ? 0 : (long)(1.02 * length / sample * elements.Count);
    }

    /// <summary>Writes the verdict alone.</summary>
    public static void Write(Stream stream, GateResult gate)
    {
        using var json = new Utf8JsonWriter(stream, JsonText.Layout);
        Write(json, stream, gate);
        json.Flush();
        stream.Write("\n"u8);
    }

    private static void WriteRun(Utf8JsonWriter json, RunInfo run)
    {
        json.WriteStartObject("run"u8);
        json.WriteString("id"u8, run.Id);
        json.WriteString("startedAt"u8, run.StartedAt.ToUniversalTime());
        json.WriteString("finishedAt"u8, run.FinishedAt.ToUniversalTime());
        json.WriteString("commit"u8, run.Commit);
        json.WriteString("branch"u8, run.Branch);
        json.WriteString("secopsVersion"u8, run.SecopsVersion);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Coverage c)
    {
        json.WriteStartObject();
        Optional(json, "run"u8, c.Run);
        json.WriteString("scanner"u8, c.Scanner);
        json.WriteString("version"u8, c.Version);
        json.WriteString("target"u8, c.Target);
        json.WriteString("status"u8, Words.Of(c.Status));
        json.WriteNumber("findings"u8, c.Findings);
        json.WriteNumber("durationMs"u8, c.DurationMs);
        json.WriteString("message"u8, c.Message);
        json.WriteBoolean("required"u8, c.Required);
        Optional(json, "source"u8, c.Source);
        if (c.NothingToScan)
        {
            json.WriteBoolean("nothingToScan"u8, true);
        }

        if (c.DatabaseDate is { } date)
        {
            json.WriteString("databaseDate"u8, date.ToUniversalTime());
        }

        if (c.Quality is { } quality)
        {
            ProjectQualityJson.Write(json, quality);
        }

        if (c.Unread.Count > 0)
        {
            json.WriteStartArray("unread"u8);
            foreach (var file in c.Unread)
            {
                json.WriteStartObject();
                json.WriteString("path"u8, file.Path);
                json.WriteString("reason"u8, file.Reason);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        if (c.Scope is { } scope)
        {
            Write(json, "scope"u8, scope);
        }

        if (c.Parts.Count > 0)
        {
            json.WriteStartArray("parts"u8);
            foreach (var part in c.Parts)
            {
                Write(json, part);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Summary s)
    {
        json.WriteStartObject("summary"u8);
        json.WriteNumber("total"u8, s.Total);
        json.WriteNumber("critical"u8, s.Critical);
        json.WriteNumber("high"u8, s.High);
        json.WriteNumber("medium"u8, s.Medium);
        json.WriteNumber("low"u8, s.Low);
        json.WriteNumber("info"u8, s.Info);
        json.WriteNumber("unknown"u8, s.Unknown);
        json.WriteNumber("new"u8, s.New);
        json.WriteNumber("existing"u8, s.Existing);
        json.WriteNumber("waived"u8, s.Waived);
        json.WriteNumber("fixed"u8, s.Fixed);
        json.WriteNumber("notRescanned"u8, s.NotRescanned);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Stream stream, GateResult gate)
    {
        json.WriteStartObject();
        json.WriteString("verdict"u8, Words.Of(gate.Verdict));
        json.WriteStartArray("reasons"u8);
        JsonChunks.Write(json, stream, gate.Reasons, 2500, Write, r => (r.Finding?.Length ?? 0) + (r.Rule?.Length ?? 0));
        json.WriteEndArray();
        if (gate.Notes.Count > 0)
        {
            Write(json, "notes"u8, gate.Notes);
        }

        if (gate.Policy is { } policy)
        {
            Write(json, policy);
        }

        json.WriteEndObject();
    }

    private static void Write(JsonText json, GateReason r)
    {
        json.WriteStartObject();
        json.WriteOptional("finding"u8, r.Finding);
        json.WriteOptional("rule"u8, r.Rule);
        json.WriteOptional("scanner"u8, r.Scanner);
        json.WriteOptional("waiver"u8, r.Waiver);
        json.WriteString("because"u8, r.Because);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, GatePolicy policy)
    {
        json.WriteStartObject("policy"u8);
        json.WriteString("failOn"u8, Words.Of(policy.FailOn));
        json.WriteStartObject("categories"u8);
        foreach (var (category, severity) in policy.Categories.OrderBy(c => c.Key))
        {
            json.WriteString(Words.Of(category), Words.Of(severity));
        }

        json.WriteEndObject();
        json.WriteBoolean("newOnly"u8, policy.NewOnly);
        Write(json, "require"u8, policy.Require);
        if (policy.QualityGate)
        {
            json.WriteBoolean("qualityGate"u8, true);
        }

        if (policy.MaxDatabaseAge is { } age)
        {
            json.WriteNumber("maxDatabaseAgeSeconds"u8, (long)age.TotalSeconds);
        }

        json.WriteEndObject();
    }

    internal static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyList<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    internal static void Optional(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}
