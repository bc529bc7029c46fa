using System.Buffers;
using System.Text;
using System.Text.Json;

namespace SecOps.Findings;

/// <summary>
/// Gives the same string for the same text. Reports repeat themselves (rule names, paths, whole descriptions); a report of
/// a gigabyte fits in memory because each text is held once. A bounded cache: an entry may be replaced, which costs memory, never truth.
/// </summary>
public sealed class StringPool
{
    private const int Slots = 1 << 15;
    private const int LongestPooled = 8 * 1024;

    private readonly string?[] slots = new string?[Slots];

    /// <summary>The current string or number token's text. Broken UTF-8 and lone surrogates become U+FFFD.</summary>
    public string Get(in Utf8JsonReader reader)
    {
        if (reader.HasValueSequence || reader.ValueIsEscaped)
        {
            return Unescape(in reader);
        }

        var utf8 = reader.ValueSpan;
        return utf8.Length > LongestPooled ? Encoding.UTF8.GetString(utf8) : Get(utf8);
    }

    /// <summary>The text of UTF-8 bytes.</summary>
    public string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty)
        {
            return "";
        }

        var hash = new HashCode();
        hash.AddBytes(utf8);
        ref var slot = ref slots[hash.ToHashCode() & (Slots - 1)];
        if (slot is not null && slot.Length == utf8.Length && Ascii.Equals(utf8, slot))
        {
            return slot;
        }

        var text = Encoding.UTF8.GetString(utf8);
        if (slot == text)
        {
            return slot;
        }

        return slot = text;
    }

    private string Unescape(in Utf8JsonReader reader)
    {
        var size = reader.HasValueSequence ? checked((int)reader.ValueSequence.Length) : reader.ValueSpan.Length;
        var rented = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            var written = reader.CopyString(rented);
            return written > LongestPooled ? Encoding.UTF8.GetString(rented, 0, written) : Get(rented.AsSpan(0, written));
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
}
