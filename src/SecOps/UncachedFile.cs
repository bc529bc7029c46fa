using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SecOps;

/// <summary>
/// Writes a new large file without keeping it in the page cache: what is written goes to the disk at once, and its pages are used again for what
/// follows. In the cache it would take as much memory as it is long, from what others have there, and in a virtual machine that has given its free
/// memory back to the host, getting that takes longer than the disk. So on Linux; elsewhere, and where the disk does not keep up, as any other file.
/// </summary>
/// <param name="about">Its length in bytes, rather too many: blocks for them are reserved.</param>
internal sealed partial class UncachedFile(string path, long about) : Stream
{
    private const int Step = 4 * 1024 * 1024;

    /// <summary>So many steps after a step was begun to be written it is asked to be forgotten. What the disk has not taken by then stays.</summary>
    private const int Behind = 4;

    /// <summary>A disk that is this long about one step has no room for more.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    /// <summary>POSIX_FADV_DONTNEED of Linux.</summary>
    private const int DontNeed = 4;

    private readonly SafeFileHandle file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.None, about);
    private long written;
    private long begun;
    private bool uncached = OperatingSystem.IsLinux();

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => written;

    public override long Position { get => written; set => throw new NotSupportedException(); }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        RandomAccess.Write(file, buffer, written);
        written += buffer.Length;
        for (; uncached && written - begun >= Step; begun += Step)
        {
            var from = Stopwatch.GetTimestamp();
            uncached = Forget(begun) && (begun < Behind * Step || Forget(begun - Behind * Step)) && Stopwatch.GetElapsedTime(from) < Patience;
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => RandomAccess.SetLength(file, value);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            file.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>Begins to write what the step has that the disk has not, and frees what the disk has.</summary>
    private bool Forget(long step) => Advise(file, step, Step, DontNeed) == 0;

    /// <summary>posix_fadvise(2).</summary>
    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Advise(SafeFileHandle file, long offset, long length, int advice);
}
