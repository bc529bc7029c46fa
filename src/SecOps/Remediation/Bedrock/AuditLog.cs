using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace SecOps.Remediation.Bedrock;

/// <summary>
/// What was sent to the model, what came back and what was decided, as JSON lines. Each line holds the hash of the one before it
/// and its own, so that a line that was changed or taken out shows. Texts stand as hashes alone.
/// </summary>
public sealed class AuditLog(string file, TimeProvider clock)
{
    private const string First = "0000000000000000000000000000000000000000000000000000000000000000";
    private string? last;

    /// <summary>The hash that the last line of this run ends with: kept elsewhere, it shows when lines are cut off. Null when nothing was written.</summary>
    public string? Head => last;

    public void Add(Action<Utf8JsonWriter> content)
    {
        last ??= Open();
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("time"u8, clock.GetUtcNow());
            json.WriteString("previous"u8, last);
            content(json);
            json.WriteEndObject();
        }

        var body = Encoding.UTF8.GetString(buffer.WrittenSpan);
        last = Hash(body);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.AppendAllText(file, $"{body[..^1]},\"hash\":\"{last}\"}}\n");
    }

    /// <summary>The last line's hash, after what a killed run left of a line was taken away.</summary>
    private string Open()
    {
        if (!File.Exists(file))
        {
            return First;
        }

        var bytes = File.ReadAllBytes(file);
        var whole = Array.LastIndexOf(bytes, (byte)'\n') + 1;
        if (whole < bytes.Length)
        {
            using var stream = File.OpenWrite(file);
            stream.SetLength(whole);
        }

        return Encoding.UTF8.GetString(bytes, 0, whole).Split('\n').LastOrDefault(l => l.Length > 0) is { } line ? HashIn(line) ?? First : First;
    }

    /// <summary>SHA-256, as hex digits.</summary>
    public static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>The number, from 1, of the first line that does not hold; null when all do.</summary>
    public static int? FirstBroken(string file)
    {
        var previous = First;
        var number = 0;
        foreach (var line in File.ReadLines(file))
        {
            number++;
            var hash = HashIn(line);
            var body = hash is null ? "" : line[..^(hash.Length + 11)] + "}";
            if (hash is null || Hash(body) != hash || !body.Contains($"\"previous\":\"{previous}\"", StringComparison.Ordinal))
            {
                return number;
            }

            previous = hash;
        }

        return null;
    }

    /// <summary>The hash that a line ends with; null when it is no line of such a log.</summary>
    public static string? HashIn(string line)
    {
        const string Before = ",\"hash\":\"";
        var at = line.Length - First.Length - 2 - Before.Length;
        return at > 0 && line.EndsWith("\"}", StringComparison.Ordinal) && line.AsSpan(at).StartsWith(Before, StringComparison.Ordinal) ? line[(at + Before.Length)..^2] : null;
    }
}
