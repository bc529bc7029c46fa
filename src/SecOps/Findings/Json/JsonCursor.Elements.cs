using System.Text.Json;

namespace SecOps.Findings.Json;

/// <content>Takes long arrays.</content>
public ref partial struct JsonCursor
{
    /// <summary>Over an array in memory, which is entered.</summary>
    /// <param name="start">Where what follows its bracket stands in the document, in bytes.</param>
    internal JsonCursor(byte[] array, int length, long start, string name, StringPool pool)
    {
        stream = Stream.Null;
        this.name = name;
        this.pool = pool;
        buffer = array;
        this.length = length;
        before = start - 1;
        ended = true;
        reader = new Utf8JsonReader(buffer.AsSpan(0, length), isFinalBlock: true, new JsonReaderState(Options));
        reader.Read();
    }

    /// <summary>Adds all elements of the array that was entered, in their order; those of a long one are read on all cores.</summary>
    internal void Elements<T>(List<T> all, JsonElements.Read<T> read)
    {
        if (!ended && JsonSkip.EndOf(buffer.AsSpan(Consumed, length - Consumed), isObject: false) < 0)
        {
            pool.Grow();
            var (state, elements) = (reader.CurrentState, new JsonElements(stream, buffer, Consumed, length, before + Consumed));
            elements.ReadInto(all, read, name, pool);
            (buffer, origin, length) = (elements.Buffer, elements.From, elements.Length);
            before = elements.Position - origin;
            reader = new Utf8JsonReader(buffer.AsSpan(origin, length - origin), isFinalBlock: false, state);
        }

        while (NextElement())
        {
            read(ref this, all);
        }
    }
}
