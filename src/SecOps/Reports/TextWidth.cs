using System.Text;

namespace SecOps.Reports;

/// <summary>Text measured in terminal columns: East Asian characters and emoji take two, combining marks none.</summary>
internal static class TextWidth
{
    public static int Of(string text) => text.EnumerateRunes().Sum(Of);

    public static string Pad(string text, int width) => text + new string(' ', Math.Max(0, width - Of(text)));

    /// <summary>The beginning, with an ellipsis where it is cut.</summary>
    public static string CutEnd(string text, int width) => Of(text) <= width ? text : First(text, width - 1) + "…";

    /// <summary>The end, with an ellipsis in front: of a path the end says more.</summary>
    public static string CutStart(string text, int width)
    {
        var over = Of(text) - width;
        if (over <= 0)
        {
            return text;
        }

        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (over < 0)
            {
                break;
            }

            over -= Of(rune);
            at += rune.Utf16SequenceLength;
        }

        return "…" + text[at..];
    }

    /// <summary>Lines of at most that width, broken at blanks where there are any.</summary>
    public static IEnumerable<string> Wrap(string text, int width)
    {
        while (Of(text) > width)
        {
            var line = First(text, width);
            var blank = line.LastIndexOf(' ');
            var end = blank > width / 2 ? blank : line.Length;
            yield return text[..end];
            text = text[end..].TrimStart();
        }

        yield return text;
    }

    private static string First(string text, int width)
    {
        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            width -= Of(rune);
            if (width < 0)
            {
                break;
            }

            at += rune.Utf16SequenceLength;
        }

        return text[..at];
    }

    private static int Of(Rune rune) => rune.Value switch
    {
        < 0x300 => 1,
        // Combining marks, joiners, variation selectors.
        (>= 0x300 and <= 0x36F) or (>= 0x200B and <= 0x200F) or 0x2060 or 0xFEFF or (>= 0xFE00 and <= 0xFE0F) or (>= 0x20D0 and <= 0x20FF) => 0,
        // The wide blocks of Unicode's East Asian Width (UAX #11).
        (>= 0x1100 and <= 0x115F) or (>= 0x2E80 and <= 0x303E) or (>= 0x3041 and <= 0xA4CF) or (>= 0xAC00 and <= 0xD7A3) or (>= 0xF900 and <= 0xFAFF)
            or (>= 0xFE30 and <= 0xFE6F) or (>= 0xFF01 and <= 0xFF60) or (>= 0xFFE0 and <= 0xFFE6) or (>= 0x1F300 and <= 0x1F64F) or (>= 0x1F900 and <= 0x1F9FF) or (>= 0x20000 and <= 0x3FFFD) => 2,
        _ => 1,
    };
}
