using System.Buffers;
using System.Text.Json;

namespace SecOps.Findings.Json;

/// <summary>
/// Reads JSON of any size from a stream, a token at a time, in a buffer that holds little more than the largest token.
/// Forgiving in what real reports get wrong (comments, trailing commas, members of another type than documented), strict
/// in what would hide findings (a cut or broken document is an error, never an early end).
/// </summary>
/// <remarks>
/// Use: <c>if (json.BeginObject()) while (json.NextMember()) { if (json.Is("name"u8)) x = json.Text(); else json.Skip(); }</c>.
/// After <see cref="NextMember"/> or <see cref="NextElement"/> exactly one of Text, Integer, BeginObject, BeginArray, Skip takes the value.
/// </remarks>
public ref partial struct JsonCursor
{
    /// <summary>Larger ones no longer stay in a core's cache; in smaller ones more values lie across the end.</summary>
    private const int BufferSize = 128 * 1024;

    private const string CutOff = "is cut off; the tool may have been stopped while it wrote it";

    private static readonly JsonReaderOptions Options = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
        MaxDepth = 512,
        AllowMultipleValues = true,
    };

    private readonly Stream stream;
    private readonly string name;
    private readonly StringPool pool;
    private byte[] buffer;
    private int length;
    private bool ended;
    private bool atValue;
    private List<string>? texts;
    private long before;
    private int origin;
    private Utf8JsonReader reader;

    /// <summary>How far the plain members were taken in the buffer: behind a value, or at one whose name was taken. -1 while the tokenizer is at work.</summary>
    private int plain = -1;

    /// <summary>Where the value, or the opening brace, before the current plain member ends.</summary>
    private int behind;

    /// <summary>The same of the member whose object was entered without the tokenizer; -1 for none.</summary>
    private int outer = -1;

    private int nameStart, nameEnd;

    /// <param name="stream">UTF-8, positioned at the document; without byte-order mark.</param>
    /// <param name="name">Names the document in errors.</param>
    /// <param name="pool">Shared by the cursors of many small documents; null: one of its own.</param>
    public JsonCursor(Stream stream, string name, StringPool? pool = null)
    {
        this.stream = stream;
        this.name = name;
        this.pool = pool ?? new StringPool();
        buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        length = stream.ReadAtLeast(buffer, 1, throwOnEndOfStream: false);
        reader = new Utf8JsonReader(buffer.AsSpan(0, length), isFinalBlock: false, new JsonReaderState(Options));
    }

    /// <summary>Where the current token begins, in bytes from the stream's beginning. Not of a plain member, nor of an object in one: those the tokenizer has not seen.</summary>
    public readonly long TokenStart => before + origin + reader.TokenStartIndex;

    /// <summary>How far all has been taken, in the buffer. The reader reads from <c>origin</c>, since a skipped value was skipped without it.</summary>
    private readonly int Consumed => plain >= 0 ? plain : origin + (int)reader.BytesConsumed;

    /// <summary>Moves to the first value. False when the document is empty.</summary>
    public bool Start()
    {
        if (length == 0)
        {
            return false;
        }

        var any = Advance();
        atValue = any;
        return any;
    }

    /// <summary>The next member's name is current; false at the object's end.</summary>
    public bool NextMember() => NextPlainMember() ?? Read() != JsonTokenType.EndObject;

    /// <summary>The next element is ready to be taken; false at the array's end.</summary>
    public bool NextElement()
    {
        if (Read() == JsonTokenType.EndArray)
        {
            return false;
        }

        atValue = true;
        return true;
    }

    /// <summary>Whether the current member has this name.</summary>
    public readonly bool Is(ReadOnlySpan<byte> member) => plain >= 0 ? buffer.AsSpan(nameStart, nameEnd - nameStart).SequenceEqual(member)
        : reader.ValueIsEscaped ? IsUnescaped(member) : reader.ValueSpan.SequenceEqual(member);

    /// <summary>The current member's name.</summary>
    public readonly string MemberName() => plain >= 0 ? pool.Get(buffer.AsSpan(nameStart, nameEnd - nameStart)) : pool.Get(in reader);

    /// <summary>Enters the value if it is an object, else skips it.</summary>
    public bool BeginObject() => BeginPlainObject() || Begin(JsonTokenType.StartObject);

    /// <summary>Enters the value if it is an array, else skips it.</summary>
    public bool BeginArray() => Begin(JsonTokenType.StartArray);

    /// <summary>Whether the value about to be taken is an object, an array, or a scalar.</summary>
    public JsonTokenType Peek()
    {
        var token = Value();
        atValue = true;
        return token;
    }

    /// <summary>Passes over the value, whatever it is.</summary>
    public void Skip()
    {
        if (!SkipPlain())
        {
            Value();
            Leave();
        }
    }

    /// <summary>
    /// After a whole document: moves to the first value of another one behind it. False when nothing follows, or only text
    /// that is no document ("[notice] a new release is available").
    /// </summary>
    public bool NextDocument()
    {
        if (reader.CurrentDepth > 0)
        {
            throw Broken("ends too early");
        }

        while (true)
        {
            var rest = buffer.AsSpan(Consumed, length - Consumed);
            var first = rest.IndexOfAnyExcept(" \t\r\n"u8);
            if (first >= 0 && (rest.Length - first >= 64 || ended))
            {
                return LooksLikeDocument(rest[first..]) && Start();
            }

            if (ended)
            {
                return false;
            }

            Refill();
        }
    }

    /// <summary>Whether the text begins like an object or an array, and not like a log line in brackets.</summary>
    public static bool LooksLikeDocument(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text[0] is not ((byte)'{' or (byte)'['))
        {
            return false;
        }

        var next = text[1..].TrimStart(" \t\r\n"u8);
        return next.IsEmpty || next[0] is (byte)'"' or (byte)'/' or (byte)'}' or (byte)']' || (text[0] == '[' && (next[0] is (byte)'{' or (byte)'[' || next.StartsWith("null"u8)));
    }

    /// <summary>Reads on to the end of the document, so that a cut one is noticed. Text after it is left alone.</summary>
    public readonly void Finish()
    {
        if (reader.CurrentDepth > 0)
        {
            throw Broken("ends too early");
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>An error at the current position: the document is not what it should be.</summary>
    public readonly SecOpsException Broken(string what, Exception? cause = null) =>
        SecOpsException.Tool($"{name}: {what} (at byte {before + Consumed}).", cause);

    private bool Begin(JsonTokenType wanted)
    {
        if (Value() == wanted)
        {
            return true;
        }

        Leave();
        return false;
    }

    /// <summary>If the current token opens an object or array, moves to its end.</summary>
    private void Leave()
    {
        if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
        {
            return;
        }

        var end = JsonSkip.EndOf(buffer.AsSpan(Consumed, length - Consumed), reader.TokenType == JsonTokenType.StartObject);
        if (end >= 0)
        {
            // The reader goes on with the closing bracket, as if nothing had stood between.
            origin = Consumed + end;
            reader = new Utf8JsonReader(buffer.AsSpan(origin, length - origin), ended, reader.CurrentState);
            Advance();
            return;
        }

        // Most of a report is passed over, so this loop is as short as it gets.
        var depth = reader.CurrentDepth;
        try
        {
            while (true)
            {
                while (reader.Read())
                {
                    if (reader.CurrentDepth <= depth)
                    {
                        return;
                    }
                }

                if (ended)
                {
                    throw Broken(CutOff);
                }

                Refill();
            }
        }
        catch (JsonException e)
        {
            throw Invalid(e);
        }
    }

    private readonly bool IsUnescaped(ReadOnlySpan<byte> member)
    {
        try
        {
            return reader.ValueTextEquals(member);
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair is in no name that we know.
            return false;
        }
    }

    private JsonTokenType Value()
    {
        if (atValue)
        {
            atValue = false;
            return reader.TokenType;
        }

        if (plain >= 0)
        {
            Resume(behind);
            Read();
        }

        return Read();
    }

    private JsonTokenType Read() => Advance() ? reader.TokenType : throw Broken(CutOff);

    private bool Advance()
    {
        try
        {
            while (!reader.Read())
            {
                if (ended)
                {
                    return false;
                }

                Refill();
            }

            return true;
        }
        catch (JsonException e)
        {
            throw Invalid(e);
        }
    }

    private readonly SecOpsException Invalid(JsonException e)
    {
        // Line numbers count from the last refill, which means nothing to anyone; bytes are exact.
        var reason = e.Message.Split(". LineNumber:")[0].Split(" LineNumber:")[0].TrimEnd('.');
        var cut = e.Message.Contains("end of data", StringComparison.Ordinal) || e.Message.Contains("end of the JSON payload", StringComparison.Ordinal);
        return Broken(before + length == 0 || e.Message.Contains("any JSON tokens", StringComparison.Ordinal) ? "is empty" : cut ? CutOff : "is not valid JSON: " + reason, e);
    }

    private void Refill()
    {
        var consumed = Consumed;
        var rest = length - consumed;
        if (rest == buffer.Length)
        {
            // One token fills the buffer: it needs a larger one.
            if (buffer.Length >= 512 * 1024 * 1024)
            {
                throw Broken("holds a single value of more than 512 MB");
            }

            var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
            buffer.AsSpan(0, length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }
        else
        {
            buffer.AsSpan(consumed, rest).CopyTo(buffer);
        }

        before += consumed;
        origin = 0;
        var read = stream.Read(buffer.AsSpan(rest));
        ended = read == 0;
        length = rest + read;
        reader = new Utf8JsonReader(buffer.AsSpan(0, length), ended, reader.CurrentState);
    }
}
