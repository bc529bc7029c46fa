using SecOps.Findings.Json;

namespace SecOps.Scanners;

/// <summary>A report without the lines that its tool printed before it.</summary>
internal static class Banner
{
    /// <summary>A banner is short; where nothing like JSON follows in this much text, the reader says what is wrong.</summary>
    private const int Longest = 256 * 1024;

    /// <param name="name">Names the report in errors.</param>
    /// <exception cref="SecOpsException">It is a page or an archive: what looks like JSON in one is none.</exception>
    public static Stream Skip(Stream report, string name)
    {
        var head = new byte[4096];
        var length = report.ReadAtLeast(head, 64, throwOnEndOfStream: false);
        Refuse(head.AsSpan(0, length), name);
        var start = StartOf(head.AsSpan(0, length));
        while (start < 0 && length < Longest)
        {
            if (length == head.Length)
            {
                Array.Resize(ref head, head.Length * 2);
            }

            var read = report.Read(head, length, head.Length - length);
            if (read == 0)
            {
                break;
            }

            length += read;
            start = StartOf(head.AsSpan(0, length));
        }

        return PrefixedStream.PutBack(head, Math.Max(start, 0), length, report);
    }

    private static void Refuse(ReadOnlySpan<byte> text, string name)
    {
        if (text.StartsWith("PK\x03\x04"u8))
        {
            throw SecOpsException.Tool($"{name} is a ZIP archive; unpack it first.");
        }

        text = text.TrimStart(" \t\r\n"u8);
        var end = text.IndexOfAny((byte)'\n', (byte)'\r');
        var line = (end < 0 ? text : text[..end]).TrimEnd(" \t"u8);
        // Python's warnings begin with <frozen runpy>:128.
        if (line.Length > 1 && line[0] == '<' && (line[1] is (byte)'!' or (byte)'?' || (char.IsAsciiLetter((char)line[1]) && line[^1] == '>')))
        {
            throw SecOpsException.Tool($"{name} is not valid JSON: it is XML or HTML.");
        }
    }

    /// <summary>Where the document starts; -1 when it does not yet.</summary>
    private static int StartOf(ReadOnlySpan<byte> text)
    {
        var first = text.IndexOfAnyExcept(" \t\r\n"u8);
        // A scalar (null), or a comment before the document: the parser's business.
        if (first < 0 || text[first] == '/' || text[first..].StartsWith("null"u8) || JsonCursor.LooksLikeDocument(text[first..]))
        {
            return first < 0 ? -1 : 0;
        }

        for (var at = 0; at < text.Length;)
        {
            var line = text[at..];
            var blanks = line.IndexOfAnyExcept(" \t"u8);
            if (blanks >= 0 && JsonCursor.LooksLikeDocument(line[blanks..]))
            {
                return at + blanks;
            }

            // A progress bar draws over itself with carriage returns.
            var end = line.IndexOfAny((byte)'\n', (byte)'\r');
            if (end < 0)
            {
                return -1;
            }

            at += end + 1;
        }

        return -1;
    }
}
