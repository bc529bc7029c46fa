using System.Buffers;
using System.Runtime.ExceptionServices;
using System.Text.Json;

namespace SecOps.Findings;

/// <summary>Writes the findings of <c>findings.json</c>.</summary>
internal static class FindingWriter
{
    /// <summary>So many findings are rendered at a time: half a megabyte, which is still in the core's cache when it is written.</summary>
    private const int Chunk = 250;

    /// <summary>The elements of the array that the writer has just begun.</summary>
    /// <param name="stream">The one that the writer writes to.</param>
    public static void Write(Utf8JsonWriter json, Stream stream, IReadOnlyList<Finding> findings)
    {
        if (findings.Count > 4 * Chunk)
        {
            json.Flush();
            WriteChunks(stream, findings);
            return;
        }

        foreach (var f in findings)
        {
            Write(json, f);
        }
    }

    /// <summary>Renders a large document on all cores, chunk by chunk. The chunks are written in their order: while one is, the next are being rendered.</summary>
    private static void WriteChunks(Stream stream, IReadOnlyList<Finding> findings)
    {
        var chunks = (findings.Count + Chunk - 1) / Chunk;
        var (taken, written) = (-1, 0);
        Exception? failure = null;
        var turn = new object();

        void Work()
        {
            var buffer = new ArrayBufferWriter<byte>(1 << 20);
            while (Interlocked.Increment(ref taken) is var chunk && chunk < chunks)
            {
                var start = Render(buffer, findings, chunk * Chunk);
                lock (turn)
                {
                    while (written < chunk && failure is null)
                    {
                        Monitor.Wait(turn);
                    }

                    if (failure is not null)
                    {
                        return;
                    }

                    // Only the very first finding has no comma before it.
                    stream.Write(chunk == 0 ? default : ","u8);
                    stream.Write(buffer.WrittenSpan[start..]);
                    written++;
                    Monitor.PulseAll(turn);
                }
            }
        }

        void TryWork()
        {
            try
            {
                Work();
            }
            catch (Exception e)
            {
                lock (turn)
                {
                    failure ??= e;
                    Monitor.PulseAll(turn);
                }
            }
        }

        Parallel.Invoke([.. Enumerable.Repeat(TryWork, Math.Min(4, Environment.ProcessorCount))]);
        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        // The array's end would stand right behind: its writer knows of no element.
        stream.Write("\n  "u8);
    }

    /// <summary>Renders one chunk as it stands in the document, and says where it begins in the buffer.</summary>
    private static int Render(ArrayBufferWriter<byte> buffer, IReadOnlyList<Finding> findings, int from)
    {
        buffer.ResetWrittenCount();
        using var json = new Utf8JsonWriter(buffer, FindingsWriter.Options);
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

    private static void Write(Utf8JsonWriter json, Finding f)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, f.Id);
        Write(json, "aliases"u8, f.Aliases);
        json.WriteString("category"u8, Words.Of(f.Category));
        json.WriteString("severity"u8, Words.Of(f.Severity));
        json.WriteString("confidence"u8, f.Confidence);
        json.WriteString("title"u8, f.Title);
        json.WriteString("message"u8, f.Message);
        json.WriteStartObject("rule"u8);
        json.WriteString("id"u8, f.Rule.Id);
        json.WriteString("name"u8, f.Rule.Name);
        json.WriteString("url"u8, f.Rule.Url);
        Write(json, "cwe"u8, f.Rule.Cwe);
        Write(json, "advisories"u8, f.Rule.Advisories);
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
        FixJson.Write(json, f.Fix);
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
        Optional(json, "path"u8, l.Path);
        Optional(json, "startLine"u8, l.StartLine);
        Optional(json, "endLine"u8, l.EndLine);
        Optional(json, "startColumn"u8, l.StartColumn);
        Optional(json, "snippet"u8, l.Snippet);
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

        Optional(json, "url"u8, l.Url);
        Optional(json, "method"u8, l.Method);
        Optional(json, "parameter"u8, l.Parameter);
        Optional(json, "resource"u8, l.Resource);
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

    internal static void Optional(Utf8JsonWriter json, ReadOnlySpan<byte> name, int? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }
}
