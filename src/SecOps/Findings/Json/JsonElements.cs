using System.Buffers;
using System.Runtime.ExceptionServices;

namespace SecOps.Findings.Json;

/// <summary>
/// Reads the elements of a long array on all cores. Whoever is free takes the next half megabyte, up to its last whole element; finding that
/// takes a tenth of what reading it takes. The elements keep their order, and an error is that of the first broken one.
/// </summary>
/// <param name="stream">Behind the rest.</param>
/// <param name="buffer">Rented. It holds the rest, what was read from the stream and not yet taken, until <paramref name="length"/>.</param>
/// <param name="from">Where the rest begins in it.</param>
/// <param name="position">Of the rest, in bytes from the stream's beginning.</param>
internal sealed class JsonElements(Stream stream, byte[] buffer, int from, int length, long position)
{
    private const int BatchSize = 1 << 19;

    /// <summary>Takes one element, whose value is about to be taken from the cursor.</summary>
    public delegate void Read<T>(ref JsonCursor json, List<T> into);

    /// <summary>1 while it is somebody's turn.</summary>
    private int taken;
    private bool ended;

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
        var failures = new SortedDictionary<int, ExceptionDispatchInfo>();
        var usual = 0;
        bool TakeBatch(byte[] part, StringPool own)
        {
            // They are about as large as those before.
            var (index, batch) = (0, new List<T>(usual + (usual / 8)));
            try
            {
                long start;
                int length;
                Enter();
                try
                {
                    (index, start) = (results.Count, Position);
                    length = failures.Count == 0 ? Next(part) : 0;
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

                usual = batch.Count;
                return true;
            }
            catch (Exception e)
            {
                Enter();
                failures.TryAdd(index, ExceptionDispatchInfo.Capture(e));
                Leave();
                return false;
            }
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
        failures.Values.FirstOrDefault()?.Throw();
        // A few are left to the caller.
        all.EnsureCapacity(all.Count + results.Sum(r => r.Count) + (2 * usual));
        results.ForEach(all.AddRange);
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
    private int Next(byte[] part)
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
        ended = JsonSkip.EndOfArray(text, out var next) >= 0 || next == 0;
        Keep(text[next..]);
        Position += next;
        part[next + 1] = (byte)']';
        return next == 0 ? 0 : next + 2;
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
}
