namespace SecOps.Scanners;

/// <summary>What was read ahead, then the rest.</summary>
internal sealed class PrefixedStream(byte[] head, int start, int end, Stream rest) : Stream
{
    private int at = start;

    /// <summary>The stream as if no more than the beginning of the head, up to <paramref name="start"/>, had been read of it: itself, where it can go back.</summary>
    /// <param name="rest">The head was just read from it, up to <paramref name="end"/>.</param>
    public static Stream PutBack(byte[] head, int start, int end, Stream rest)
    {
        if (rest.CanSeek)
        {
            rest.Position -= end - start;
            return rest;
        }

        return new PrefixedStream(head, start, end, rest);
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (at >= end)
        {
            return rest.Read(buffer);
        }

        var count = Math.Min(buffer.Length, end - at);
        head.AsSpan(at, count).CopyTo(buffer);
        at += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            rest.Dispose();
        }

        base.Dispose(disposing);
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
