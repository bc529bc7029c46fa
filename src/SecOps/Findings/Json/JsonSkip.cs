using System.Numerics;
using System.Runtime.InteropServices;

namespace SecOps.Findings.Json;

/// <summary>
/// Finds where an object or array ends without taking its tokens apart, 64 bytes at a time: most of a report is passed over. What it is
/// not sure of (comments, bare words, control characters, brackets that do not match) is left to the tokenizer, which says what is wrong.
/// </summary>
/// <remarks>
/// A word holds a bit for each byte of a block, the first byte's lowest. Which bytes are escaped, and which stand in strings, is found for
/// all 64 at once, as in Langdale and Lemire, "Parsing gigabytes of JSON per second", VLDB Journal 28 (2019), section 3.1.
/// </remarks>
internal static class JsonSkip
{
    /// <summary>Deeper ones are left to the tokenizer: the open brackets are kept in one word.</summary>
    private const int Deepest = 64;

    private const ulong Even = 0x5555_5555_5555_5555;

    /// <summary>The index of the bracket that closes the one before the text; -1 when that is not sure or not in the text.</summary>
    public static int EndOf(ReadOnlySpan<byte> text, bool isObject) => EndOf(text, isObject, out _);

    /// <summary>
    /// As above, of an array. <paramref name="next"/> is where one may go on reading as if the array began there: behind the comma of
    /// the last of its objects and arrays that are whole in the text; 0 when none is.
    /// </summary>
    public static int EndOfArray(ReadOnlySpan<byte> text, out int next) => EndOf(text, isObject: false, out next);

    private static int EndOf(ReadOnlySpan<byte> text, bool isObject, out int behind)
    {
        behind = 0;
        var (depth, objects) = (1, isObject ? 1UL : 0UL);
        var (inString, escaped) = (0UL, 0UL);
        Span<byte> last = stackalloc byte[JsonBlock.Size];
        for (var at = 0; at < text.Length; at += JsonBlock.Size)
        {
            scoped var block = text[at..];
            if (block.Length < JsonBlock.Size)
            {
                last.Fill((byte)' ');
                block.CopyTo(last);
                block = last;
            }

            JsonBlock.Read(ref MemoryMarshal.GetReference(block), out var bytes);
            if ((bytes.Backslashes | escaped) != 0)
            {
                bytes.Quotes &= ~Escaped(bytes.Backslashes, ref escaped);
            }

            var strings = Within(bytes.Quotes) ^ inString;
            inString = (ulong)((long)strings >> 63);
            var doubtful = (strings & bytes.Controls) | (~strings & bytes.Foreign);
            // What stands before the first doubtful one is sure.
            for (var brackets = bytes.Brackets & ~strings & (doubtful - 1) & ~doubtful; brackets != 0; brackets &= brackets - 1)
            {
                var end = at + BitOperations.TrailingZeroCount(brackets);
                var bracket = (ulong)text[end];
                // In ASCII, one bit tells opening ones from closing ones, and another curly ones from square ones.
                var curly = (bracket >> 5) & 1;
                if ((bracket & 2) != 0)
                {
                    if (depth == Deepest)
                    {
                        return -1;
                    }

                    objects = (objects << 1) | curly;
                    depth++;
                    continue;
                }

                if ((objects & 1) != curly)
                {
                    return -1;
                }

                objects >>= 1;
                depth--;
                if (depth == 0)
                {
                    return end;
                }

                if (depth == 1 && text[(end + 1)..].IndexOfAnyExcept(" \t\r\n"u8) is >= 0 and var comma && text[end + 1 + comma] == ',')
                {
                    behind = end + comma + 2;
                }
            }

            if (doubtful != 0)
            {
                return -1;
            }
        }

        return -1;
    }

    /// <summary>The bytes that have an odd number of backslashes before them.</summary>
    /// <param name="next">1 when the first byte has one before it; afterwards, the first byte of the next block.</param>
    private static ulong Escaped(ulong backslashes, ref ulong next)
    {
        backslashes &= ~next;
        var after = (backslashes << 1) | next;
        var odd = backslashes & ~Even & ~after;
        var sum = unchecked(odd + backslashes);
        next = sum < odd ? 1UL : 0UL;
        return (Even ^ (sum << 1)) & after;
    }

    /// <summary>From each opening quotation mark up to the closing one: the parity of the marks so far.</summary>
    private static ulong Within(ulong quotes)
    {
        quotes ^= quotes << 1;
        quotes ^= quotes << 2;
        quotes ^= quotes << 4;
        quotes ^= quotes << 8;
        quotes ^= quotes << 16;
        return quotes ^ (quotes << 32);
    }
}
