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
        if (text.Length < Vector128<ushort>.Count)
        {
            return CopyShort(text, to);
        }

        var units = MemoryMarshal.Cast<char, short>(text);
        var last = units.Length - Vector128<short>.Count;
        for (var i = 0; ; i = Math.Min(i + Vector128<short>.Count, last))
        {
            var eight = Vector128.Create<short>(units[i..]);
            // As signed numbers, what is beyond 7FFF is below zero.
            var other = Vector128.LessThan(eight, Vector128.Create((short)' ')) | Vector128.GreaterThan(eight, Vector128.Create((short)'~'))
                | Vector128.Equals(eight, Vector128.Create((short)'"')) | Vector128.Equals(eight, Vector128.Create((short)'\\'));
            if (other != Vector128<short>.Zero)
            {
                return i;
            }

            MemoryMarshal.Write(to[i..], Vector128.Narrow(eight.AsUInt16(), eight.AsUInt16()).AsUInt64().ToScalar());
            if (i == last)
            {
                return units.Length;
            }
        }
    }

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
