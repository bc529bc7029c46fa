using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SecOps.Findings.Json;

/// <summary>Text that stands in JSON as it is: ASCII without quotation marks, backslashes and control characters. A finding has 30 texts, nearly all of them short and like that.</summary>
internal static class JsonPlainText
{
    /// <summary>Copies text as UTF-8 while it is plain, in whole steps.</summary>
    /// <param name="to">As long as the text, or longer.</param>
    /// <returns>How much was copied; all of it when all is plain.</returns>
    public static int Copy(ReadOnlySpan<char> text, Span<byte> to)
    {
        var units = MemoryMarshal.Cast<char, short>(text);
        if (units.Length < Vector128<sbyte>.Count)
        {
            return units.Length < Vector128<short>.Count ? CopyShort(text, to) : CopyMedium(units, to);
        }

        var last = units.Length - Vector128<sbyte>.Count;
        for (var i = 0; ; i = Math.Min(i + Vector128<sbyte>.Count, last))
        {
            var bytes = Narrow(Vector128.Create(units[i..]), Vector128.Create(units[(i + Vector128<short>.Count)..]));
            if (Special(bytes) != Vector128<sbyte>.Zero)
            {
                return i;
            }

            bytes.AsByte().CopyTo(to[i..]);
            if (i == last)
            {
                return units.Length;
            }
        }
    }

    /// <summary>8 to 15 units, in two steps that overlap.</summary>
    private static int CopyMedium(ReadOnlySpan<short> units, Span<byte> to)
    {
        var last = units.Length - Vector128<short>.Count;
        var bytes = Narrow(Vector128.Create(units), Vector128.Create(units[last..]));
        if (Special(bytes) != Vector128<sbyte>.Zero)
        {
            return 0;
        }

        MemoryMarshal.Write(to, bytes.AsUInt64().GetElement(0));
        MemoryMarshal.Write(to[last..], bytes.AsUInt64().GetElement(1));
        return units.Length;
    }

    /// <summary>As signed numbers of eight bits: what is beyond 7E becomes 7F, or, beyond 7FFF, -128.</summary>
    private static Vector128<sbyte> Narrow(Vector128<short> lower, Vector128<short> upper) => Vector128.NarrowWithSaturation(lower, upper);

    private static Vector128<sbyte> Special(Vector128<sbyte> bytes) =>
        Vector128.LessThan(bytes, Vector128.Create((sbyte)' ')) | Vector128.Equals(bytes, Vector128.Create((sbyte)0x7F))
        | Vector128.Equals(bytes, Vector128.Create((sbyte)'"')) | Vector128.Equals(bytes, Vector128.Create((sbyte)'\\'));

    private static int CopyShort(ReadOnlySpan<char> text, Span<byte> to)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is < ' ' or > '~' or '"' or '\\')
            {
                return i;
            }

            to[i] = (byte)text[i];
        }

        return text.Length;
    }
}
