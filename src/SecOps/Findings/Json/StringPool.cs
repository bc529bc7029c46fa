using System.Buffers;
using System.Collections.Concurrent;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace SecOps.Findings.Json;

/// <summary>
/// Gives the same string for the same text. Reports repeat themselves (rule names, paths, whole descriptions); a report of
/// a gigabyte fits in memory because each text is held once. A bounded cache: an entry may be replaced, which costs memory, never truth.
/// Several threads may use it at once: a text is read and written whole, and what stands beside it only says whether it is worth a look.
/// </summary>
public sealed class StringPool
{
    private const int Few = 1 << 15;
    private const int Many = 1 << 17;
    private const int Own = 1 << 13;
    private const int Near = 1 << 9;
    private const int LongestPooled = 8 * 1024;

    private const int ListSlots = 1 << 8;
    private const int ShortenedSlots = 1 << 11;

    private readonly StringPool? shared;
    private readonly ConcurrentBag<StringPool> returned = [];
    private readonly List<string>?[] lists = new List<string>?[ListSlots];
    private readonly Tuple<string, string>?[] shortened = new Tuple<string, string>?[ShortenedSlots];
    private readonly Table near = new(Near);
    private Table table;

    public StringPool() => table = new Table(Few);

    private StringPool(StringPool shared)
    {
        this.shared = shared;
        table = new Table(Own);
    }

    /// <summary>
    /// One thread's own, before this one that several share: it keeps what the shared one has already had. Memory that two cores write to is
    /// sent to and fro between them, and a thread that looked there for each text would wait for that more than it reads.
    /// </summary>
    internal StringPool Lend() => returned.TryTake(out var own) ? own : new StringPool(this);

    /// <summary>For the next that asks: with what it holds.</summary>
    internal void TakeBack(StringPool own) => returned.Add(own);

    /// <summary>A long document follows: a small pool would forget its texts before they come again.</summary>
    internal void Grow() => table = table.Texts.Length < Many ? new Table(Many) : table;

    /// <summary>The current string or number token's text. Broken UTF-8 and lone surrogates become U+FFFD.</summary>
    public string Get(in Utf8JsonReader reader)
    {
        if (reader.HasValueSequence || reader.ValueIsEscaped)
        {
            return Unescape(in reader);
        }

        return Get(reader.ValueSpan);
    }

    /// <summary>The text of UTF-8 bytes.</summary>
    /// <param name="nearby">It will come again soon or not at all, as names of single things do: it is not kept long, nor do threads share it.</param>
    public string Get(ReadOnlySpan<byte> utf8, bool nearby = false)
    {
        if (utf8.IsEmpty)
        {
            return "";
        }

        return utf8.Length > LongestPooled ? Encoding.UTF8.GetString(utf8) : Get(utf8, Hash(utf8), nearby, out _);
    }

    private string Get(ReadOnlySpan<byte> utf8, ulong hash, bool nearby, out bool known)
    {
        var here = nearby ? near : table;
        var (slot, mark) = ((int)(hash >> 33) & (here.Texts.Length - 1), (ushort)hash);
        // Another text lies somewhere else in memory, and looking at each would take longer than anything else here.
        var pooled = here.Marks[slot] == mark ? here.Texts[slot] : null;
        known = pooled is not null && pooled.Length == utf8.Length && Ascii.Equals(utf8, pooled);
        if (known)
        {
            return pooled!;
        }

        var text = shared is not null && !nearby ? shared.Get(utf8, hash, false, out known)
            : pooled is null || Ascii.IsValid(utf8) ? Encoding.UTF8.GetString(utf8)
            : Decode(utf8, pooled);
        if (shared is null || nearby || known)
        {
            (here.Texts[slot], here.Marks[slot]) = (text, mark);
        }

        return text;
    }

    /// <summary>The pooled text if it is this one, else a new one.</summary>
    private static string Decode(ReadOnlySpan<byte> utf8, string pooled)
    {
        var rented = ArrayPool<char>.Shared.Rent(utf8.Length);
        ReadOnlySpan<char> text = rented.AsSpan(0, Encoding.UTF8.GetChars(utf8, rented));
        var one = text.SequenceEqual(pooled) ? pooled : new string(text);
        ArrayPool<char>.Shared.Return(rented);
        return one;
    }

    /// <summary>A list of these texts of this pool; the same for the same.</summary>
    public List<string> Get(ReadOnlySpan<string> texts)
    {
        var hash = texts.Length;
        foreach (var text in texts)
        {
            hash = (hash * 31) + RuntimeHelpers.GetHashCode(text);
        }

        ref var slot = ref lists[hash & (ListSlots - 1)];
        return slot is { } pooled && texts.SequenceEqual(CollectionsMarshal.AsSpan(pooled)) ? pooled : slot = [.. texts];
    }

    /// <summary>What becomes of a text of this pool; the same for the same.</summary>
    public string Shortened(string text, Func<string, string> shorten)
    {
        ref var slot = ref shortened[RuntimeHelpers.GetHashCode(text) & (ShortenedSlots - 1)];
        var pooled = slot;
        if (pooled is null || !ReferenceEquals(pooled.Item1, text))
        {
            slot = pooled = Tuple.Create(text, shorten(text));
        }

        return pooled.Item2;
    }

    /// <summary>Over a text's length, beginning and end, eight bytes at a time: hashing all of a long description would cost more than the copy it saves.</summary>
    private static ulong Hash(ReadOnlySpan<byte> utf8)
    {
        const ulong Odd = 0x9E3779B97F4A7C15;
        var hash = (ulong)utf8.Length * Odd;
        var rest = utf8.Length <= 64 ? utf8 : utf8[..32];
        while (true)
        {
            while (rest.Length >= sizeof(ulong))
            {
                hash = (BitOperations.RotateLeft(hash, 29) ^ MemoryMarshal.Read<ulong>(rest)) * Odd;
                rest = rest[sizeof(ulong)..];
            }

            foreach (var b in rest)
            {
                hash = (BitOperations.RotateLeft(hash, 29) ^ b) * Odd;
            }

            if (utf8.Length <= 64)
            {
                return hash ^ (hash >> 17);
            }

            rest = utf8[^32..];
            utf8 = rest;
        }
    }

    private string Unescape(in Utf8JsonReader reader)
    {
        var size = reader.HasValueSequence ? checked((int)reader.ValueSequence.Length) : reader.ValueSpan.Length;
        var rented = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            var written = reader.CopyString(rented);
            return Get(rented.AsSpan(0, written));
        }
        catch (InvalidOperationException)
        {
            // Not valid UTF-8, or half of a surrogate pair: shown as far as it goes rather than losing the finding.
            return Encoding.UTF8.GetString(reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>The texts, and of each some bits of its hash. When two threads write, the bits may be another text's: then they are of no use, that is all.</summary>
    private sealed class Table(int size)
    {
        public readonly string?[] Texts = new string?[size];
        public readonly ushort[] Marks = new ushort[size];
    }
}
