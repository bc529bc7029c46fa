using System.Globalization;
using System.Text.Json;

namespace SecOps.Graylog;

/// <summary>
/// A message in the Graylog Extended Log Format 1.1 (https://go2docs.graylog.org/current/getting_in_log_data/gelf.html). Fields are texts and numbers;
/// their names get an underscore in front, and <c>id</c> is not allowed among them.
/// </summary>
/// <param name="Id">Sent as <c>_message_id</c>, and the name under which the message waits when the server is away.</param>
/// <param name="Level">Syslog: 2 critical, 3 error, 4 warning, 5 notice, 6 informational.</param>
public sealed record GelfMessage(string Id, string Host, string Short, DateTimeOffset Time, int Level, IReadOnlyList<KeyValuePair<string, object?>> Fields)
{
    /// <summary>Texts of any length are cut here: Graylog's index takes 32,766 bytes a field.</summary>
    private const int MaxText = 8000;

    /// <summary>UTF-8 JSON without line breaks.</summary>
    public byte[] ToJson()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("version"u8, "1.1");
            json.WriteString("host"u8, Host);
            json.WriteString("short_message"u8, Cut(Short));
            json.WriteNumber("timestamp"u8, Math.Round((decimal)Time.ToUnixTimeMilliseconds() / 1000, 3));
            json.WriteNumber("level"u8, Level);
            json.WriteString("_message_id"u8, Id);
            foreach (var (name, value) in Fields)
            {
                Write(json, "_" + name, value);
            }

            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void Write(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case null or "":
                break;
            case int number:
                json.WriteNumber(name, number);
                break;
            case long number:
                json.WriteNumber(name, number);
                break;
            default:
                json.WriteString(name, Cut(Convert.ToString(value, CultureInfo.InvariantCulture)!));
                break;
        }
    }

    private static string Cut(string text) => text.Length <= MaxText ? text : text[..(char.IsHighSurrogate(text[MaxText - 2]) ? MaxText - 2 : MaxText - 1)] + "…";
}
