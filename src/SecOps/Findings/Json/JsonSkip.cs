using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

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
    private const int Block = 64;

    /// <summary>Deeper ones are left to the tokenizer: the open brackets are kept in one word.</summary>
    private const int Deepest = 64;

    /// <summary>Of a byte's class: it is a bracket. The highest bit, which the processor gathers.</summary>
    private const byte Bracket = 0x80;

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
        Span<byte> last = stackalloc byte[Block];
        for (var at = 0; at < text.Length; at += Block)
        {
            scoped var block = text[at..];
            if (block.Length < Block)
            {
                last.Fill((byte)' ');
                block.CopyTo(last);
                block = last;
            }

            Kinds(ref MemoryMarshal.GetReference(block), out var kinds);
            if ((kinds.Escapes | escaped) != 0)
            {
                kinds.Quotes &= ~Escaped(kinds.Escapes, ref escaped);
            }

            var strings = Within(kinds.Quotes) ^ inString;
            inString = (ulong)((long)strings >> 63);
            var doubtful = (strings & kinds.Controls) | (~strings & kinds.Foreign);
            // What stands before the first doubtful one is sure.
            for (var brackets = kinds.Brackets & ~strings & (doubtful - 1) & ~doubtful; brackets != 0; brackets &= brackets - 1)
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
    private static ulong Escaped(ulong escapes, ref ulong next)
    {
        escapes &= ~next;
        var after = (escapes << 1) | next;
        var odd = escapes & ~Even & ~after;
        var sum = unchecked(odd + escapes);
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

    private static void Kinds(ref byte block, out BlockKinds kinds)
    {
        if (Ssse3.IsSupported)
        {
            BlockKinds.Of<Shuffle>(ref block, out kinds);
        }
        else
        {
            BlockKinds.Of<AnyShuffle>(ref block, out kinds);
        }
    }

    /// <summary>Which bytes of a block are what, wherever they stand.</summary>
    private struct BlockKinds
    {
        public ulong Quotes, Escapes, Controls, Foreign, Brackets;

        /// <summary>
        /// A byte's class is what the entries of its lower and its upper four bits have in common: nothing, for those that can't stand
        /// outside of strings. What can is brackets, quotation marks, white space, separators, numbers, and the letters of true, false and null.
        /// </summary>
        private static readonly (Vector128<byte> Lower, Vector128<byte> Upper) Classes = ClassesOf("{}[]"u8, "\" \t\r\n,:0123456789+-.eEtrufalsn"u8);

        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void Of<TShuffle>(ref byte block, out BlockKinds kinds)
            where TShuffle : IShuffle
        {
            var (lower, upper) = Classes;
            var a = Vector128.LoadUnsafe(ref block);
            var b = Vector128.LoadUnsafe(ref block, 16);
            var c = Vector128.LoadUnsafe(ref block, 32);
            var d = Vector128.LoadUnsafe(ref block, 48);
            kinds.Quotes = Bits(Equal(a, (byte)'"'), Equal(b, (byte)'"'), Equal(c, (byte)'"'), Equal(d, (byte)'"'));
            kinds.Escapes = Bits(Equal(a, (byte)'\\'), Equal(b, (byte)'\\'), Equal(c, (byte)'\\'), Equal(d, (byte)'\\'));
            kinds.Controls = Bits(Control(a), Control(b), Control(c), Control(d));
            a = Class<TShuffle>(a, lower, upper);
            b = Class<TShuffle>(b, lower, upper);
            c = Class<TShuffle>(c, lower, upper);
            d = Class<TShuffle>(d, lower, upper);
            kinds.Brackets = Bits(a, b, c, d);
            kinds.Foreign = Bits(Equal(a, 0), Equal(b, 0), Equal(c, 0), Equal(d, 0));
        }

        private static (Vector128<byte> Lower, Vector128<byte> Upper) ClassesOf(ReadOnlySpan<byte> brackets, ReadOnlySpan<byte> others)
        {
            Span<byte> lower = stackalloc byte[16], upper = stackalloc byte[16];
            foreach (var b in others)
            {
                // Of the ASCII characters' upper four bits, 1 and above 7 are none of these.
                var own = (byte)(1 << (b >> 4 == 0 ? 1 : b >> 4));
                own = own == 128 ? (byte)1 : own;
                upper[b >> 4] |= own;
                lower[b & 15] |= own;
            }

            foreach (var b in brackets)
            {
                upper[b >> 4] |= Bracket;
                lower[b & 15] |= Bracket;
            }

            return (Vector128.Create<byte>(lower), Vector128.Create<byte>(upper));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector128<byte> Class<TShuffle>(Vector128<byte> bytes, Vector128<byte> lower, Vector128<byte> upper)
            where TShuffle : IShuffle => TShuffle.Entries(lower, bytes & Vector128.Create((byte)15)) & TShuffle.Entries(upper, bytes >>> 4);

        private static Vector128<byte> Equal(Vector128<byte> bytes, byte to) => Vector128.Equals(bytes, Vector128.Create(to));

        private static Vector128<byte> Control(Vector128<byte> bytes) => Vector128.Equals(Vector128.Min(bytes, Vector128.Create((byte)0x1F)), bytes);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static ulong Bits(Vector128<byte> a, Vector128<byte> b, Vector128<byte> c, Vector128<byte> d) =>
            (a.ExtractMostSignificantBits() | (b.ExtractMostSignificantBits() << 16)) | ((ulong)(c.ExtractMostSignificantBits() | (d.ExtractMostSignificantBits() << 16)) << 32);
    }

    private interface IShuffle
    {
        static abstract Vector128<byte> Entries(Vector128<byte> table, Vector128<byte> of);
    }

    private struct Shuffle : IShuffle
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Entries(Vector128<byte> table, Vector128<byte> of) => Ssse3.Shuffle(table, of);
    }

    private struct AnyShuffle : IShuffle
    {
        public static Vector128<byte> Entries(Vector128<byte> table, Vector128<byte> of) => Vector128.ShuffleNative(table, of);
    }
}
