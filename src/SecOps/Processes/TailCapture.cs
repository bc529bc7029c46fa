using System.Text;

namespace SecOps.Processes;

/// <summary>Reads a pipe to its end and keeps the last bytes of it, however much comes.</summary>
internal sealed class TailCapture(int capacity, Action<string>? onLine)
{
    private const int LongestLine = 16 * 1024;

    // Grows to the capacity: most commands say little, and tens of megabytes for each would cost more than they do.
    private byte[] ring = new byte[Math.Min(capacity, 4096)];
    private readonly Lock gate = new();
    private readonly StringBuilder line = new();
    private readonly Decoder decoder = Encoding.UTF8.GetDecoder();
    private long written;

    /// <summary>What is kept. When the beginning was lost, says so.</summary>
    public string Text
    {
        get
        {
            lock (gate)
            {
                if (written <= ring.Length)
                {
                    return Encoding.UTF8.GetString(ring, 0, (int)written);
                }

                if (ring.Length == 0)
                {
                    return "";
                }

                var start = (int)(written % ring.Length);
                byte[] ordered = [.. ring.AsSpan(start), .. ring.AsSpan(0, start)];
                return $"[{written - ring.Length} bytes before this are left out]\n" + Encoding.UTF8.GetString(ordered);
            }
        }
    }

    /// <summary>Until the pipe ends or the token is cancelled; never throws.</summary>
    public async Task DrainAsync(Stream pipe, Stream? copy, CancellationToken cancellation)
    {
        var buffer = new byte[32 * 1024];
        try
        {
            int read;
            while ((read = await pipe.ReadAsync(buffer, cancellation)) > 0)
            {
                if (copy is not null)
                {
                    await copy.WriteAsync(buffer.AsMemory(0, read), cancellation);
                }

                Keep(buffer.AsSpan(0, read));
                Lines(buffer.AsSpan(0, read));
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The pipe is gone; what was read stays.
        }

        if (line.Length > 0)
        {
            EndLine();
        }
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        lock (gate)
        {
            if (ring.Length < capacity && written + bytes.Length > ring.Length)
            {
                Array.Resize(ref ring, (int)Math.Min(capacity, Math.Max(written + bytes.Length, ring.Length * 2L)));
            }

            if (bytes.Length > ring.Length)
            {
                written += bytes.Length - ring.Length;
                bytes = bytes[^ring.Length..];
            }

            if (ring.Length == 0)
            {
                return;
            }

            var at = (int)(written % ring.Length);
            var first = Math.Min(bytes.Length, ring.Length - at);
            bytes[..first].CopyTo(ring.AsSpan(at));
            bytes[first..].CopyTo(ring);
            written += bytes.Length;
        }
    }

    private void Lines(ReadOnlySpan<byte> bytes)
    {
        if (onLine is null)
        {
            return;
        }

        Span<char> chars = new char[decoder.GetCharCount(bytes, flush: false)];
        decoder.GetChars(bytes, chars, flush: false);
        foreach (var c in chars)
        {
            if (c == '\n' || line.Length >= LongestLine)
            {
                EndLine();
            }

            if (c is not ('\n' or '\r'))
            {
                line.Append(c);
            }
        }
    }

    private void EndLine()
    {
        onLine?.Invoke(line.ToString());
        line.Clear();
    }
}
