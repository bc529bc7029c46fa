using System.Buffers;
using System.Runtime.ExceptionServices;

namespace SecOps.Findings.Json;

/// <summary>
/// Reads the elements of a long array on all cores. Whoever is free takes the next half megabyte, up to its last whole element. The elements
/// keep their order, and an error is that of the first broken one.
/// </summary>
/// <remarks>
/// Finding the last whole element takes a tenth to a sixth of what reading all takes. In an indented array it is guessed: an object ends where a line
/// begins as the array's first element does. Who reads a part sees whether that was so, since then it ends between two elements; if not, or
/// if the array ends within it, all from there on is read again without guessing. So what is read is the same, as is the error.
/// </remarks>
/// <param name="stream">Behind the rest.</param>
/// <param name="buffer">Rented. It holds the rest, what was read from the stream and not yet taken, until <paramref name="length"/>.</param>
/// <param name="from">Where the rest begins in it.</param>
/// <param name="position">Of the rest, in bytes from the stream's beginning.</param>
internal sealed class JsonElements(Stream stream, byte[] buffer, int from, int length, long position)
{
    private const int BatchSize = 1 << 19;

    /// <summary>So many parts are never guessed: what is read in vain behind the end of a short array takes longer than guesses would save.</summary>
    private const int Sure = 8;

    /// <summary>Takes one element, whose value is about to be taken from the cursor.</summary>
    public delegate void Read<T>(ref JsonCursor json, List<T> into);

    /// <summary>1 while it is somebody's turn.</summary>
    private int taken;
    private bool ended;

    private bool guesses = stream.CanSeek;

    /// <summary>What ends an object and begins the next one in an indented array; null in others.</summary>
    private byte[]? separator;

    /// <summary>From the stream's own position to ours.</summary>
    private readonly long shift = stream.CanSeek ? stream.Position - position - (length - from) : 0;

    /// <summary>Holds what the elements that were read leave of the stream, from <see cref="From"/> to <see cref="Length"/>: there the array goes on as if it began there. Rented.</summary>
    public byte[] Buffer { get; private set; } = buffer;

    public int From { get; private set; } = from;

    public int Length { get; private set; } = length;

    /// <summary>Where the rest stands, in bytes from the stream's beginning.</summary>
    public long Position { get; private set; } = position;

    /// <summary>Reads what can be read in whole batches; the end of the array is left.</summary>
    public void ReadInto<T>(List<T> all, Read<T> read, string name, StringPool pool)
    {
        var results = new List<List<T>>();
        var usual = 0;
        while (ReadBatches(results, ref usual, read, name, pool) is { } stop)
        {
            if (!guesses)
            {
                stop.Failure!.Throw();
            }

            results.RemoveRange(stop.Index, results.Count - stop.Index);
            (guesses, ended) = (false, false);
            (From, Length, Position) = (0, 0, stop.Start);
            stream.Position = Position + shift;
        }

        // A few are left to the caller.
        all.EnsureCapacity(all.Count + results.Sum(r => r.Count) + (2 * usual));
        results.ForEach(all.AddRange);
    }

    /// <summary>Reads until the end, or the first batch that is not an array of whole elements.</summary>
    private Stop? ReadBatches<T>(List<List<T>> results, ref int usual, Read<T> read, string name, StringPool pool)
    {
        var stops = new SortedDictionary<int, Stop>();
        var size = usual;
        bool TakeBatch(byte[] part, StringPool own)
        {
            // They are about as large as those before.
            var (index, start, batch) = (0, 0L, new List<T>(size + (size / 8)));
            Stop stop;
            try
            {
                int length;
                Enter();
                try
                {
                    (index, start) = (results.Count, Position);
                    length = stops.Count == 0 ? Next(part, index) : 0;
                    if (length == 0)
                    {
                        return false;
                    }

                    results.Add(batch);
                }
                finally
                {
                    Leave();
                }

                var json = new JsonCursor(part, length, start, name, own);
                while (json.NextElement())
                {
                    read(ref json, batch);
                }

                if (!guesses || json.TokenStart == start + length - 2)
                {
                    size = batch.Count;
                    return true;
                }

                stop = new Stop(index + 1, json.TokenStart, null);
            }
            catch (Exception e)
            {
                stop = new Stop(index, start, ExceptionDispatchInfo.Capture(e));
            }

            Enter();
            stops.TryAdd(index, stop);
            Leave();
            return false;
        }

        void Work()
        {
            var (part, own) = (ArrayPool<byte>.Shared.Rent(BatchSize), pool.Lend());
            while (TakeBatch(part, own))
            {
            }

            ArrayPool<byte>.Shared.Return(part);
            pool.TakeBack(own);
        }

        Parallel.Invoke([.. Enumerable.Repeat(Work, Math.Min(4, Environment.ProcessorCount))]);
        usual = size;
        return stops.Values.FirstOrDefault();
    }

    /// <summary>Waits awake for its turn: it comes within the tenth of a millisecond, and waking up takes as long.</summary>
    private void Enter()
    {
        var spin = default(SpinWait);
        while (Interlocked.CompareExchange(ref taken, 1, 0) != 0)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    private void Leave() => Volatile.Write(ref taken, 0);

    /// <summary>Fills the part with an array of the next elements, and says how long it is; 0 when what follows is not cut up.</summary>
    private int Next(byte[] part, int index)
    {
        var rest = Buffer.AsSpan(From, Length - From);
        if (ended || rest.Length + 2 > part.Length)
        {
            return 0;
        }

        // A bracket before the elements and one behind them make an array of them; one comma before its end is allowed.
        part[0] = (byte)'[';
        rest.CopyTo(part.AsSpan(1));
        var text = part.AsSpan(1, part.Length - 2);
        text = text[..(rest.Length + stream.ReadAtLeast(text[rest.Length..], text.Length - rest.Length, throwOnEndOfStream: false))];
        separator = index == 0 ? Separator(text) : separator;
        // Where the document ends within the part, so does the array.
        var next = !guesses || separator is null || index < Sure || text.Length < part.Length - 2 ? 0 : text.LastIndexOf(separator) + 2;
        if (next < 2)
        {
            ended = JsonSkip.EndOfArray(text, out next) >= 0 || next == 0;
        }

        Keep(text[next..]);
        Position += next;
        part[next + 1] = (byte)']';
        return next == 0 ? 0 : next + 2;
    }

    /// <summary>What ends an object and begins the next, if the first begins a line.</summary>
    private static byte[]? Separator(ReadOnlySpan<byte> text)
    {
        var blanks = text[..Math.Max(text.IndexOfAnyExcept(" \t\r\n"u8), 0)];
        return blanks.Contains((byte)'\n') && text[blanks.Length] == '{' ? [.. "},"u8, .. blanks, (byte)'{'] : null;
    }

    private void Keep(ReadOnlySpan<byte> rest)
    {
        if (Buffer.Length < rest.Length)
        {
            ArrayPool<byte>.Shared.Return(Buffer);
            Buffer = ArrayPool<byte>.Shared.Rent(rest.Length);
        }

        rest.CopyTo(Buffer);
        (From, Length) = (0, rest.Length);
    }

    /// <summary>The first batch to read again, and where it begins: one that failed, or all behind the array's end.</summary>
    private sealed record Stop(int Index, long Start, ExceptionDispatchInfo? Failure);
}
