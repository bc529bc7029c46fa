using System.Buffers.Text;
using System.Numerics;
using System.Runtime.Intrinsics;
using System.Text.Json;

namespace SecOps.Findings.Json;

/// <content>
/// Takes members of an object without the tokenizer, as long as they are plain: names, texts and whole numbers that stand in the buffer as a whole
/// and without escapes, nothing but white space between them. Nearly all are; what is not is left to the tokenizer, which goes on behind the last value
/// that was taken, and says what is wrong.
/// </content>
public ref partial struct JsonCursor
{
    /// <summary>Null when the tokenizer has to take the next member, or the object's end.</summary>
    private bool? NextPlainMember()
    {
        // The tokenizer takes the first one, so that what it knows is that a value lies behind.
        if (plain < 0 && (reader.TokenType == JsonTokenType.StartObject || Consumed == 0))
        {
            return null;
        }

        var from = Consumed;
        var at = AfterBlanks(from);
        var isFirst = buffer[from - 1] == '{';
        if (at >= 0 && buffer[at] == '}' && outer >= 0)
        {
            (plain, outer) = (at + 1, -1);
            return false;
        }

        if (at >= 0 && !isFirst)
        {
            at = buffer[at] == ',' ? AfterBlanks(at + 1) : -1;
        }

        var end = at >= 0 ? PlainEnd(at) : -1;
        var value = end >= 0 && buffer[end] == ':' ? AfterBlanks(end + 1) : -1;
        if (value < 0)
        {
            Resume(from);
            return null;
        }

        (behind, nameStart, nameEnd, plain) = (from, at + 1, end - 1, value);
        return true;
    }

    private bool TakePlainText(out ReadOnlySpan<byte> utf8)
    {
        var (start, end) = (plain, plain < 0 ? -1 : PlainEnd(plain));
        utf8 = end < 0 ? default : buffer.AsSpan(start + 1, end - start - 2);
        plain = end < 0 ? plain : end;
        return end >= 0;
    }

    /// <summary>Nine digits at most, and what may follow a number.</summary>
    private bool TakePlainInteger(out int number)
    {
        number = 0;
        var text = plain < 0 ? default : buffer.AsSpan(plain, Math.Min(10, length - plain));
        var digits = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (digits <= 0 || (digits > 1 && text[0] == '0') || text[digits] is not ((byte)',' or (byte)'}' or (byte)']' or (byte)' ' or (byte)'\n' or (byte)'\r'))
        {
            return false;
        }

        plain += digits;
        return Utf8Parser.TryParse(text[..digits], out number, out _);
    }

    private bool TakePlainTexts(List<string> texts)
    {
        if (plain < 0 || buffer[plain] != '[')
        {
            return false;
        }

        var (at, before) = (plain, texts.Count);
        do
        {
            var start = AfterBlanks(at + 1);
            var end = start < 0 ? -1 : PlainEnd(start);
            at = end < 0 ? -1 : AfterBlanks(end);
            if (at < 0)
            {
                break;
            }

            texts.Add(pool.Get(buffer.AsSpan(start + 1, end - start - 2)));
        }
        while (buffer[at] == ',');
        if (at >= 0 && buffer[at] == ']')
        {
            plain = at + 1;
            return true;
        }

        texts.RemoveRange(before, texts.Count - before);
        return false;
    }

    private bool SkipPlain()
    {
        if (plain < 0)
        {
            return false;
        }

        var first = buffer[plain];
        if (first is (byte)'{' or (byte)'[')
        {
            var end = JsonSkip.EndOf(buffer.AsSpan(plain + 1, length - plain - 1), first == '{');
            plain += end < 0 ? 0 : end + 2;
            return end >= 0;
        }

        return TakePlainText(out _) || TakePlainInteger(out _);
    }

    /// <summary>Objects in objects in objects are left to the tokenizer.</summary>
    private bool BeginPlainObject()
    {
        if (plain < 0 || outer >= 0 || buffer[plain] != '{')
        {
            return false;
        }

        (outer, plain) = (behind, plain + 1);
        return true;
    }

    /// <summary>The tokenizer goes on at a place that it would reach between two tokens.</summary>
    private void Resume(int at)
    {
        if (plain < 0)
        {
            return;
        }

        (plain, origin, outer) = (-1, outer >= 0 ? outer : at, -1);
        reader = new Utf8JsonReader(buffer.AsSpan(origin, length - origin), ended, reader.CurrentState);
        while (Consumed < at)
        {
            Read();
        }
    }

    /// <summary>The index of the first byte from there on that is no white space; -1 near the end of the buffer.</summary>
    private readonly int AfterBlanks(int from)
    {
        for (; from <= length - Vector128<byte>.Count; from += Vector128<byte>.Count)
        {
            if (buffer[from] > ' ')
            {
                return from;
            }

            var bytes = Vector128.Create<byte>(buffer.AsSpan(from));
            var blank = Vector128.Equals(bytes, Vector128.Create((byte)' ')) | Vector128.Equals(bytes, Vector128.Create((byte)'\n'))
                | Vector128.Equals(bytes, Vector128.Create((byte)'\r')) | Vector128.Equals(bytes, Vector128.Create((byte)'\t'));
            var others = ~blank.ExtractMostSignificantBits() & 0xFFFF;
            if (others != 0)
            {
                return from + BitOperations.TrailingZeroCount(others);
            }
        }

        return -1;
    }

    /// <summary>Behind the closing quotation mark of the text that begins there; -1 when none does, it is not plain, or not all in the buffer.</summary>
    private readonly int PlainEnd(int from)
    {
        if (buffer[from] != '"')
        {
            return -1;
        }

        for (from++; from <= length - Vector128<byte>.Count; from += Vector128<byte>.Count)
        {
            var bytes = Vector128.Create<byte>(buffer.AsSpan(from));
            var special = Vector128.Equals(bytes, Vector128.Create((byte)'"')) | Vector128.Equals(bytes, Vector128.Create((byte)'\\'))
                | Vector128.Equals(Vector128.Min(bytes, Vector128.Create((byte)0x1F)), bytes);
            if (special != Vector128<byte>.Zero)
            {
                from += BitOperations.TrailingZeroCount(special.ExtractMostSignificantBits());
                return buffer[from] == '"' && from + 1 < length ? from + 1 : -1;
            }
        }

        return -1;
    }
}
