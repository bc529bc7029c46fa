using System.IO.Compression;
using System.Text;

namespace SecOps.Scanners;

/// <summary>
/// Opens reports as UTF-8: a byte-order mark is dropped, UTF-16 is transcoded (PowerShell's redirection writes it), gzip is unpacked
/// (GuardDuty's exports are packed).
/// </summary>
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
        catch (InvalidDataException e)
        {
            throw SecOpsException.Tool($"{path} is a damaged gzip file: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SecOpsException.Usage($"{path} cannot be read: {e.Message}");
        }
    }

    private static Stream Decode(FileStream file)
    {
        // It may be a pipe: what was read of one can't be read again.
        var head = new byte[4];
        var start = head.AsSpan(0, file.ReadAtLeast(head, 4, throwOnEndOfStream: false));
        if (start is [0x1F, 0x8B, ..])
        {
            var unpacked = new GZipStream(PrefixedStream.PutBack(head, 0, start.Length, file), CompressionMode.Decompress);
            var mark = new byte[3];
            var length = unpacked.ReadAtLeast(mark, 3, throwOnEndOfStream: false);
            return PrefixedStream.PutBack(mark, mark is [0xEF, 0xBB, 0xBF] ? 3 : 0, length, unpacked);
        }

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
            return PrefixedStream.PutBack(head, start is [0xEF, 0xBB, 0xBF, ..] ? 3 : 0, start.Length, file);
        }

        // The mark would come out as a character of its own.
        var text = PrefixedStream.PutBack(head, start.StartsWith(encoding.Preamble) ? encoding.Preamble.Length : 0, start.Length, file);
        return Encoding.CreateTranscodingStream(text, encoding, Encoding.UTF8);
    }
}
