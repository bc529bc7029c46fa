using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;

namespace SecOps.Remediation.Snapshots;

/// <summary>The code as it was before anything was changed, as one gzipped tar archive. The same tree gives the same bytes.</summary>
public static class SourceSnapshot
{
    /// <summary>More is no source tree.</summary>
    public const long MaxTotal = 2L << 30;

    /// <param name="files">Relative to the root, with /; links and what is no file are left out.</param>
    /// <returns>The archive's SHA-256, as hex digits.</returns>
    public static async Task<string> WriteAsync(string root, IEnumerable<string> files, Stream archive, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long total = 0;
        await using (var counted = new HashingStream(archive, hash))
        await using (var gzip = new GZipStream(counted, CompressionLevel.Optimal, leaveOpen: true))
        await using (var tar = new TarWriter(gzip, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var path in files.Order(StringComparer.Ordinal))
            {
                cancellation.ThrowIfCancellationRequested();
                var file = new FileInfo(Path.Combine(root, path));
                if (!file.Exists || file.LinkTarget is not null)
                {
                    continue;
                }

                if ((total += file.Length) > MaxTotal)
                {
                    throw SecOpsException.Tool($"the code is larger than {MaxTotal >> 30} GiB; keep what is no source out with .gitignore.");
                }

                await using var content = file.OpenRead();
                await tar.WriteEntryAsync(
                    new PaxTarEntry(TarEntryType.RegularFile, path)
                    {
                        DataStream = content,
                        ModificationTime = DateTimeOffset.UnixEpoch,
                        Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
                    },
                    cancellation);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private sealed class HashingStream(Stream inner, IncrementalHash hash) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => inner.Length;

        public override long Position { get => inner.Position; set => throw new NotSupportedException(); }

        public override void Write(byte[] buffer, int offset, int count)
        {
            hash.AppendData(buffer, offset, count);
            inner.Write(buffer, offset, count);
        }

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
