using System.Text;

namespace SecOps.Scanners;

/// <summary>Opens reports as UTF-8: a byte-order mark is dropped, UTF-16 is transcoded (PowerShell's redirection writes it).</summary>
public static class ReportText
{
    /// <exception cref="SecOpsException">The file is absent or unreadable (exit code 2).</exception>
    public static Stream Open(string path)
    {
        try
        {
            if (Directory.Exists(path))
            {
                throw SecOpsException.Usage($"{path} is a folder; a report is a file.");
            }

            // The reader's own buffer does; a second one would only copy.
            return Decode(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw SecOpsException.Usage($"{path} does not exist.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SecOpsException.Usage($"{path} cannot be read: {e.Message}");
        }
    }

    private static Stream Decode(FileStream file)
    {
        Span<byte> start = stackalloc byte[4];
        start = start[..file.ReadAtLeast(start, 4, throwOnEndOfStream: false)];
        file.Position = 0;
        Encoding? encoding = start switch
        {
            [0xFF, 0xFE, 0, 0] => Encoding.UTF32,
            [0xFF, 0xFE, ..] => Encoding.Unicode,
            [0xFE, 0xFF, ..] => Encoding.BigEndianUnicode,
            // Without a mark: ASCII in two bytes has every second byte zero.
            [not 0, 0, not 0, 0] => Encoding.Unicode,
            [0, not 0, 0, not 0] => Encoding.BigEndianUnicode,
            _ => null,
        };
        if (encoding is null)
        {
            file.Position = start is [0xEF, 0xBB, 0xBF, ..] ? 3 : 0;
            return file;
        }

        var transcoding = Encoding.CreateTranscodingStream(file, encoding, Encoding.UTF8);
        SkipMark(transcoding, encoding);
        return transcoding;
    }

    private static void SkipMark(Stream stream, Encoding encoding)
    {
        if (encoding.Preamble.Length == 0)
        {
            return;
        }

        // A mark is three bytes in UTF-8; a file without one starts with its first character instead.
        Span<byte> mark = stackalloc byte[3];
        _ = stream.ReadAtLeast(mark[..1], 1, throwOnEndOfStream: false);
        if (mark[0] == 0xEF)
        {
            _ = stream.ReadAtLeast(mark[1..], 2, throwOnEndOfStream: false);
        }
    }
}
