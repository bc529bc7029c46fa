using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SecOps.Findings.Json;

/// <summary>Which of 64 bytes are what, wherever they stand: a bit for each, the first byte's lowest.</summary>
internal struct JsonBlock
{
    public const int Size = 64;

    public ulong Quotes, Backslashes, Brackets;

    /// <summary>What may not stand in a string.</summary>
    public ulong Controls;

    /// <summary>What may not stand outside of one.</summary>
    public ulong Foreign;

    /// <summary>Of a byte's class: it is a bracket. The highest bit, which the processor gathers.</summary>
    private const byte Bracket = 0x80;

    /// <summary>
    /// A byte's class is what the entries of its lower and its upper four bits have in common: nothing, for those that can't stand
    /// outside of strings. What can is brackets, quotation marks, white space, separators, numbers, and the letters of true, false and null.
    /// </summary>
    private static readonly (Vector128<byte> Lower, Vector128<byte> Upper) Classes = ClassesOf("{}[]"u8, "\" \t\r\n,:0123456789+-.eEtrufalsn"u8);

    /// <summary>Looks entries up in a table of 16.</summary>
    private interface ILookup
    {
        static abstract Vector128<byte> Entries(Vector128<byte> table, Vector128<byte> of);
    }

    public static void Read(ref byte bytes, out JsonBlock block)
    {
        // Named: what is compiled ahead for every x64 processor has the instruction only where it is asked for by name.
        if (Ssse3.IsSupported)
        {
            Read<Ssse3Lookup>(ref bytes, out block);
        }
        else
        {
            Read<AnyLookup>(ref bytes, out block);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Read<TLookup>(ref byte bytes, out JsonBlock block)
        where TLookup : ILookup
    {
        var (lower, upper) = Classes;
        var a = Vector128.LoadUnsafe(ref bytes);
        var b = Vector128.LoadUnsafe(ref bytes, 16);
        var c = Vector128.LoadUnsafe(ref bytes, 32);
        var d = Vector128.LoadUnsafe(ref bytes, 48);
        block.Quotes = Bits(Equal(a, (byte)'"'), Equal(b, (byte)'"'), Equal(c, (byte)'"'), Equal(d, (byte)'"'));
        block.Backslashes = Bits(Equal(a, (byte)'\\'), Equal(b, (byte)'\\'), Equal(c, (byte)'\\'), Equal(d, (byte)'\\'));
        block.Controls = Bits(Control(a), Control(b), Control(c), Control(d));
        a = Class<TLookup>(a, lower, upper);
        b = Class<TLookup>(b, lower, upper);
        c = Class<TLookup>(c, lower, upper);
        d = Class<TLookup>(d, lower, upper);
        block.Brackets = Bits(a, b, c, d);
        block.Foreign = Bits(Equal(a, 0), Equal(b, 0), Equal(c, 0), Equal(d, 0));
    }

    private static (Vector128<byte> Lower, Vector128<byte> Upper) ClassesOf(ReadOnlySpan<byte> brackets, ReadOnlySpan<byte> others)
    {
        Span<byte> lower = stackalloc byte[16], upper = stackalloc byte[16];
        foreach (var b in others)
        {
            // A bit for each upper half that there is: 0, 2, 3, 4, 6 and 7.
            var own = (b >> 4) switch { 0 => 1 << 5, 7 => 1 << 1, var half => 1 << half };
            upper[b >> 4] |= (byte)own;
            lower[b & 15] |= (byte)own;
        }

        foreach (var b in brackets)
        {
            upper[b >> 4] |= Bracket;
            lower[b & 15] |= Bracket;
        }

        return (Vector128.Create<byte>(lower), Vector128.Create<byte>(upper));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Class<TLookup>(Vector128<byte> bytes, Vector128<byte> lower, Vector128<byte> upper)
        where TLookup : ILookup => TLookup.Entries(lower, bytes & Vector128.Create((byte)15)) & TLookup.Entries(upper, bytes >>> 4);

    private static Vector128<byte> Equal(Vector128<byte> bytes, byte to) => Vector128.Equals(bytes, Vector128.Create(to));

    private static Vector128<byte> Control(Vector128<byte> bytes) => Vector128.Equals(Vector128.Min(bytes, Vector128.Create((byte)0x1F)), bytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Bits(Vector128<byte> a, Vector128<byte> b, Vector128<byte> c, Vector128<byte> d) =>
        (a.ExtractMostSignificantBits() | (b.ExtractMostSignificantBits() << 16)) | ((ulong)(c.ExtractMostSignificantBits() | (d.ExtractMostSignificantBits() << 16)) << 32);

    private struct Ssse3Lookup : ILookup
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Entries(Vector128<byte> table, Vector128<byte> of) => Ssse3.Shuffle(table, of);
    }

    private struct AnyLookup : ILookup
    {
        public static Vector128<byte> Entries(Vector128<byte> table, Vector128<byte> of) => Vector128.Shuffle(table, of);
    }
}
