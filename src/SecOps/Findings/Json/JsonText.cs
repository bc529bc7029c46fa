using System.Buffers;
using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SecOps.Findings.Json;

/// <summary>
/// Renders elements of a document's array in memory, each on a line of its own: one finding is one line to grep and to diff, and the file a
/// quarter shorter than indented. Inside it is byte for byte what <see cref="Utf8JsonWriter"/> writes without indentation. It knows that names
/// need no escaping and checks nothing, and so takes half the time, which is most of writing a long document.
/// </summary>
internal sealed class JsonText : IDisposable
{
    /// <summary>How findings documents are laid out around the elements.</summary>
    public static readonly JsonWriterOptions Layout = new()
    {
        Indented = true,
        // Not for embedding in HTML; leaves é and 漏 readable. HTML reports encode on their own.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
        NewLine = "\n",
    };

    private static readonly JavaScriptEncoder Escaping = Layout.Encoder!;

    /// <summary>Of shorter ones there is less to copy than to look up.</summary>
    private const int LongText = 100;

    /// <summary>Long texts that came before, each with what it became when it came twice: descriptions come again thousands of times.</summary>
    private readonly (string? Text, byte[]? Rendered)[] again = new (string? Text, byte[]? Rendered)[1 << 10];

    private byte[] bytes = ArrayPool<byte>.Shared.Rent(16 * 1024);
    private byte[] unescaped = [];
    private byte[] line = [];
    private int length;
    private int depth;
    private bool afterValue;

    public ReadOnlySpan<byte> Written => bytes.AsSpan(0, length);

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(bytes);
        bytes = [];
    }

    /// <summary>Begins anew, within an array.</summary>
    /// <param name="at">How many objects and arrays are open.</param>
    /// <param name="afterElement">Whether an element stands before the first one here.</param>
    public void Restart(int at, bool afterElement)
    {
        (length, depth, afterValue) = (0, 0, afterElement);
        if (line.Length != 1 + (2 * at))
        {
            line = [(byte)'\n', .. Enumerable.Repeat((byte)' ', 2 * at)];
        }
    }

    public void WriteStartObject() => Open(default, (byte)'{');

    public void WriteStartObject(ReadOnlySpan<byte> name) => Open(name, (byte)'{');

    public void WriteEndObject() => Close((byte)'}');

    public void WriteStartArray(ReadOnlySpan<byte> name) => Open(name, (byte)'[');

    public void WriteEndArray() => Close((byte)']');

    public void WriteNull(ReadOnlySpan<byte> name) => WriteString(name, default(string));

    public void WriteStringValue(string value) => WriteString(default, value);

    /// <param name="name">ASCII; empty for an array's element.</param>
    public void WriteString(ReadOnlySpan<byte> name, string? value)
    {
        if (value is null)
        {
            "null"u8.CopyTo(Begin(name, 4));
            length += 4;
        }
        else if (value.Length < LongText)
        {
            WriteText(name, value);
        }
        else
        {
            WriteLong(name, value);
        }
    }

    /// <inheritdoc cref="WriteString(ReadOnlySpan{byte}, string?)"/>
    public void WriteString(ReadOnlySpan<byte> name, ReadOnlySpan<char> value) => WriteText(name, value);

    /// <summary>One text of several parts.</summary>
    public void WriteString(ReadOnlySpan<byte> name, ReadOnlySpan<string> parts)
    {
        Begin(name, 2)[0] = (byte)'"';
        length++;
        foreach (var part in parts)
        {
            Room((3 * part.Length) + 1);
            Append(part, bytes.AsSpan(length));
        }

        bytes[length++] = (byte)'"';
    }

    public void WriteNumber(ReadOnlySpan<byte> name, int value)
    {
        Utf8Formatter.TryFormat(value, Begin(name, 11), out var written);
        length += written;
    }

    /// <summary>Nothing where there is nothing.</summary>
    public void WriteOptional(ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            WriteString(name, value);
        }
    }

    /// <summary>Nothing where there is nothing.</summary>
    public void WriteOptional(ReadOnlySpan<byte> name, int? value)
    {
        if (value is { } number)
        {
            WriteNumber(name, number);
        }
    }

    /// <summary>An array of texts.</summary>
    public void WriteStrings(ReadOnlySpan<byte> name, IReadOnlyList<string> values)
    {
        WriteStartArray(name);
        for (var i = 0; i < values.Count; i++)
        {
            WriteStringValue(values[i]);
        }

        WriteEndArray();
    }

    private void WriteLong(ReadOnlySpan<byte> name, string value)
    {
        ref var slot = ref again[RuntimeHelpers.GetHashCode(value) & (again.Length - 1)];
        var isKnown = ReferenceEquals(slot.Text, value);
        if (isKnown && slot.Rendered is { } rendered)
        {
            rendered.CopyTo(Begin(name, rendered.Length));
            length += rendered.Length;
            return;
        }

        var start = WriteText(name, value);
        slot = (value, isKnown ? bytes[start..length] : null);
    }

    /// <returns>Where the text begins, with its quotation mark.</returns>
    private int WriteText(ReadOnlySpan<byte> name, ReadOnlySpan<char> value)
    {
        var to = Begin(name, (3 * value.Length) + 2);
        var start = length;
        to[0] = (byte)'"';
        length++;
        Append(value, to[1..]);
        bytes[length++] = (byte)'"';
        return start;
    }

    private void Open(ReadOnlySpan<byte> name, byte bracket)
    {
        Begin(name, 1)[0] = bracket;
        length++;
        depth++;
        afterValue = false;
    }

    private void Close(byte bracket)
    {
        Room(1);
        depth--;
        bytes[length++] = bracket;
        afterValue = true;
    }

    /// <summary>Comma, an element's line, name, and room for a value.</summary>
    private Span<byte> Begin(ReadOnlySpan<byte> name, int size)
    {
        Room(size + name.Length + line.Length + 4);
        var to = bytes.AsSpan(length);
        var at = 0;
        if (afterValue)
        {
            to[at++] = (byte)',';
        }

        afterValue = true;
        if (depth == 0)
        {
            line.CopyTo(to[at..]);
            at += line.Length;
        }

        if (name.Length > 0)
        {
            to[at++] = (byte)'"';
            name.CopyTo(to[at..]);
            at += name.Length;
            "\":"u8.CopyTo(to[at..]);
            at += 2;
        }

        length += at;
        return to[at..];
    }

    /// <param name="to">The room for it, which is all of three bytes a unit.</param>
    private void Append(ReadOnlySpan<char> value, Span<byte> to)
    {
        var plain = JsonPlainText.Copy(value, to);
        length += plain;
        if (plain < value.Length)
        {
            AppendOther(value[plain..]);
        }
    }

    /// <summary>What is not plain, and room for a quotation mark behind it.</summary>
    private void AppendOther(ReadOnlySpan<char> value)
    {
        var text = bytes.AsSpan(length, Encoding.UTF8.GetBytes(value, bytes.AsSpan(length)));
        var escape = Escaping.FindFirstCharacterToEncodeUtf8(text);
        if (escape < 0)
        {
            length += text.Length;
            return;
        }

        length += escape;
        Escaped(text[escape..]);
    }

    /// <summary>Escapes are six bytes a UTF-16 unit at most, and a unit is at least one byte.</summary>
    private void Escaped(ReadOnlySpan<byte> text)
    {
        if (unescaped.Length < text.Length)
        {
            unescaped = new byte[2 * text.Length];
        }

        var rest = unescaped.AsSpan(0, text.Length);
        text.CopyTo(rest);
        Room((6 * rest.Length) + 1);
        Escaping.EncodeUtf8(rest, bytes.AsSpan(length), out _, out var written);
        length += written;
    }

    private void Room(int size)
    {
        if (bytes.Length - length < size)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(2 * bytes.Length, length + size));
            Written.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(bytes);
            bytes = larger;
        }
    }
}
