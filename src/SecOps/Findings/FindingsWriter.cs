using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SecOps.Findings;

/// <summary>Writes <c>findings.json</c> (schema version 1, described in README.md beside this file) and <c>gate.json</c>.</summary>
public static class FindingsWriter
{
    private static readonly JsonWriterOptions Options = new()
    {
        Indented = true,
        // Not for embedding in HTML; leaves é and 漏 readable. HTML reports encode on their own.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <summary>So many findings are rendered at a time: about a megabyte.</summary>
    private const int Chunk = 500;

    public static void Write(Stream stream, FindingsDocument document)
    {
        using var json = new Utf8JsonWriter(stream, Options);
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
        if (document.Findings.Count > 2 * Chunk)
        {
            json.Flush();
            WriteChunks(stream, document.Findings);
        }
        else
        {
            foreach (var f in document.Findings)
            {
                Write(json, f);
            }
        }

        json.WriteEndArray();
        Write(json, document.Summary);
        if (document.WaiverNotes.Count > 0)
        {
            Write(json, "waiverNotes", document.WaiverNotes);
        }

        if (document.Gate is { } gate)
        {
            json.WritePropertyName("gate"u8);
            Write(json, gate);
        }

        json.WriteEndObject();
        json.Flush();
        stream.Write("\n"u8);
    }

    /// <summary>Renders a large document on all cores: chunks of findings at once, written in their order.</summary>
    private static void WriteChunks(Stream stream, IReadOnlyList<Finding> findings)
    {
        var chunks = (findings.Count + Chunk - 1) / Chunk;
        var cores = Math.Min(4, Environment.ProcessorCount);
        var buffers = Enumerable.Range(0, cores).Select(_ => new ArrayBufferWriter<byte>(1 << 20)).ToArray();
        for (var chunk = 0; chunk < chunks; chunk += cores)
        {
            var count = Math.Min(cores, chunks - chunk);
            var starts = new int[count];
            Parallel.For(0, count, i => starts[i] = Render(buffers[i], findings, (chunk + i) * Chunk));
            for (var i = 0; i < count; i++)
            {
                // Only the very first finding has no comma before it.
                stream.Write(chunk + i == 0 ? buffers[i].WrittenSpan[starts[i]..] : ","u8);
                stream.Write(chunk + i == 0 ? default : buffers[i].WrittenSpan[starts[i]..]);
            }
        }

        // The array's end would stand right behind: its writer knows of no element.
        stream.Write("\n  "u8);
    }

    /// <summary>Renders one chunk as it stands in the document, and says where it begins in the buffer.</summary>
    private static int Render(ArrayBufferWriter<byte> buffer, IReadOnlyList<Finding> findings, int from)
    {
        buffer.ResetWrittenCount();
        using var json = new Utf8JsonWriter(buffer, Options);
        // For the indentation of where the findings will stand.
        json.WriteStartObject();
        json.WriteStartArray("findings"u8);
        json.Flush();
        var start = buffer.WrittenCount;
        for (var i = from; i < Math.Min(from + Chunk, findings.Count); i++)
        {
            Write(json, findings[i]);
        }

        json.Flush();
        return start;
    }

    /// <summary>Writes the verdict alone.</summary>
    public static void Write(Stream stream, GateResult gate)
    {
        using var json = new Utf8JsonWriter(stream, Options);
        Write(json, gate);
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
        Optional(json, "run", c.Run);
        json.WriteString("scanner"u8, c.Scanner);
        json.WriteString("version"u8, c.Version);
        json.WriteString("target"u8, c.Target);
        json.WriteString("status"u8, Words.Of(c.Status));
        json.WriteNumber("findings"u8, c.Findings);
        json.WriteNumber("durationMs"u8, c.DurationMs);
        json.WriteString("message"u8, c.Message);
        json.WriteBoolean("required"u8, c.Required);
        Optional(json, "source", c.Source);
        if (c.NothingToScan)
        {
            json.WriteBoolean("nothingToScan"u8, true);
        }

        if (c.DatabaseDate is { } date)
        {
            json.WriteString("databaseDate"u8, date.ToUniversalTime());
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
            Write(json, "scope", scope);
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

    private static void Write(Utf8JsonWriter json, Finding f)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, f.Id);
        Write(json, "aliases", f.Aliases);
        json.WriteString("category"u8, Words.Of(f.Category));
        json.WriteString("severity"u8, Words.Of(f.Severity));
        json.WriteString("confidence"u8, f.Confidence);
        json.WriteString("title"u8, f.Title);
        json.WriteString("message"u8, f.Message);
        json.WriteStartObject("rule"u8);
        json.WriteString("id"u8, f.Rule.Id);
        json.WriteString("name"u8, f.Rule.Name);
        json.WriteString("url"u8, f.Rule.Url);
        Write(json, "cwe", f.Rule.Cwe);
        Write(json, "advisories", f.Rule.Advisories);
        json.WriteEndObject();
        Write(json, f.Location);
        json.WriteStartArray("scanners"u8);
        foreach (var s in f.Scanners)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, s.Name);
            json.WriteString("ruleId"u8, s.RuleId);
            json.WriteString("severity"u8, s.Severity);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        Write(json, f.Fix);
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

    private static void Write(Utf8JsonWriter json, Location l)
    {
        json.WriteStartObject("location"u8);
        Optional(json, "path", l.Path);
        Optional(json, "startLine", l.StartLine);
        Optional(json, "endLine", l.EndLine);
        Optional(json, "startColumn", l.StartColumn);
        Optional(json, "snippet", l.Snippet);
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

        Optional(json, "url", l.Url);
        Optional(json, "method", l.Method);
        Optional(json, "parameter", l.Parameter);
        Optional(json, "resource", l.Resource);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Fix? fix)
    {
        if (fix is null)
        {
            json.WriteNull("fix"u8);
            return;
        }

        json.WriteStartObject("fix"u8);
        json.WriteString("description"u8, fix.Description);
        Optional(json, "version", fix.Version);
        Optional(json, "outcome", fix.Outcome);
        Optional(json, "gate", fix.Gate);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, AppliedWaiver? waiver)
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

    private static void Write(Utf8JsonWriter json, GateResult gate)
    {
        json.WriteStartObject();
        json.WriteString("verdict"u8, Words.Of(gate.Verdict));
        json.WriteStartArray("reasons"u8);
        foreach (var r in gate.Reasons)
        {
            json.WriteStartObject();
            Optional(json, "finding", r.Finding);
            Optional(json, "rule", r.Rule);
            Optional(json, "scanner", r.Scanner);
            Optional(json, "waiver", r.Waiver);
            json.WriteString("because"u8, r.Because);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (gate.Notes.Count > 0)
        {
            Write(json, "notes", gate.Notes);
        }

        if (gate.Policy is { } policy)
        {
            Write(json, policy);
        }

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
        Write(json, "require", policy.Require);
        if (policy.MaxDatabaseAge is { } age)
        {
            json.WriteNumber("maxDatabaseAgeSeconds"u8, (long)age.TotalSeconds);
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    private static void Optional(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    private static void Optional(Utf8JsonWriter json, string name, int? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }
}
