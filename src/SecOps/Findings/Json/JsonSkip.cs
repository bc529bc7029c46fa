using System.Buffers;

namespace SecOps.Findings.Json;

/// <summary>
/// Finds where an object or array ends without taking its tokens apart, many bytes at a time: most of a report is passed over. What it is
/// not sure of (comments, bare words, control characters, brackets that do not match) is left to the tokenizer, which says what is wrong.
/// </summary>
internal static class JsonSkip
{
    /// <summary>Deeper ones are left to the tokenizer: the open brackets are kept in one word.</summary>
    private const int Deepest = 64;

    /// <summary>Between strings and brackets stand white space, separators, numbers and the letters of true, false and null.</summary>
    private static readonly SearchValues<byte> Plain = SearchValues.Create(" \t\r\n,:0123456789+-.eEtrufalsn"u8);

    /// <summary>What a string's characters end at: its end, an escape, or what may not stand in it.</summary>
    private static readonly SearchValues<byte> Special = SearchValues.Create([(byte)'"', (byte)'\\', .. Enumerable.Range(0, 0x20).Select(c => (byte)c)]);

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
        var at = 0;
        while (true)
        {
            var next = text[at..].IndexOfAnyExcept(Plain);
            if (next < 0)
            {
                return -1;
            }

            at += next;
            switch (text[at])
            {
                case (byte)'"':
                    at = EndOfString(text, at + 1);
                    if (at < 0)
                    {
                        return -1;
                    }

                    break;
                case (byte)'{' or (byte)'[' when depth < Deepest:
                    objects = (objects << 1) | (text[at] == '{' ? 1UL : 0UL);
                    depth++;
                    break;
                case (byte)'}' or (byte)']' when (objects & 1) == (text[at] == '}' ? 1UL : 0UL):
                    objects >>= 1;
                    if (--depth == 0)
                    {
                        return at;
                    }

                    if (depth == 1 && text[(at + 1)..].IndexOfAnyExcept(" \t\r\n"u8) is >= 0 and var comma && text[at + 1 + comma] == ',')
                    {
                        at += 1 + comma;
                        behind = at + 1;
                    }

                    break;
                default:
                    return -1;
            }

            at++;
        }
    }

    /// <summary>The index of the quotation mark that ends the string; -1 when that is not sure or not in the text.</summary>
    private static int EndOfString(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length)
        {
            var next = text[at..].IndexOfAny(Special);
            if (next < 0)
            {
                return -1;
            }

            at += next;
            switch (text[at])
            {
                case (byte)'"':
                    return at;
                case (byte)'\\':
                    // What is escaped is at least one character; an escaped quotation mark ends nothing.
                    at += 2;
                    break;
                default:
                    return -1;
            }
        }

        return -1;
    }
}
