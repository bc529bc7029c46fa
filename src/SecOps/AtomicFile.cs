using System.Text.RegularExpressions;

namespace SecOps;

/// <summary>Writes a file whole or not at all: to a temporary name beside it, then renamed. A killed run leaves the previous file.</summary>
public static partial class AtomicFile
{
    /// <summary>So long a file is not kept in the page cache.</summary>
    internal const int Large = 64 * 1024 * 1024;

    /// <exception cref="SecOpsException">The file cannot be written (exit code 4).</exception>
    /// <param name="about">About how long it will be in bytes, where that is known. Where blocks are only sought at the end, the rename would wait for them.</param>
    public static void Write(string path, Action<Stream> write, long about = 0)
    {
        var full = Path.GetFullPath(path);
        var temporary = $"{full}.{Environment.ProcessId}.{Guid.NewGuid():N}.tmp";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            using (var stream = Open(temporary, about))
            {
                write(stream);
                // What was reserved and not used goes back.
                stream.SetLength(stream.Position);
                stream.Flush();
            }

            File.Move(temporary, full, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SecOpsException.Tool($"{path} cannot be written: {e.Message}", e);
        }
        finally
        {
            if (File.Exists(temporary))
            {
                File.Delete(temporary);
            }
        }
    }

    private static Stream Open(string path, long about) => about >= Large ? new UncachedFile(path, about)
        : new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 64 * 1024, PreallocationSize = about });

    public static void WriteText(string path, string text) =>
        Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));

    /// <summary>Removes what killed writers have left.</summary>
    /// <param name="name">A file's name, or * for all in the folder.</param>
    /// <param name="untouched">What was written to since is somebody's. Zero where nobody can be writing.</param>
    public static void RemoveLeftovers(string folder, string name, TimeSpan untouched = default)
    {
        var before = DateTime.UtcNow - untouched;
        foreach (var left in Directory.EnumerateFiles(folder, name + ".*.tmp").Where(f => Temporary().IsMatch(f) && File.GetLastWriteTimeUtc(f) <= before))
        {
            File.Delete(left);
        }
    }

    [GeneratedRegex(@"\.\d+\.[0-9a-f]{32}\.tmp$")]
    private static partial Regex Temporary();
}
