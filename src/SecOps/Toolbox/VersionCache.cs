using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SecOps.Toolbox;

/// <summary>Remembers which version an executable is, for as long as its file stays the same: starting an interpreter to ask costs 0.2 s and more.</summary>
/// <param name="folder">Below the user's cache folder.</param>
public sealed class VersionCache(string folder)
{
    // A launcher such as a virtual environment's script stays the same when what it launches changes; so nothing is believed for longer.
    private static readonly TimeSpan Age = TimeSpan.FromDays(1);

    /// <returns>Null when it is not known, or no longer.</returns>
    public string? Get(string executable)
    {
        try
        {
            var file = FileOf(executable);
            return File.Exists(file) && DateTime.UtcNow - File.GetLastWriteTimeUtc(file) < Age
                && File.ReadAllText(file).Split('\n') is [var stamp, var version] && stamp == Stamp(executable) && Version.TryParse(version, out _)
                ? version
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public void Put(string executable, string version)
    {
        // A shim picks another program by the current folder.
        if (Path.GetFileName(Path.GetDirectoryName(executable)) == "shims" || !Version.TryParse(version, out _))
        {
            return;
        }

        try
        {
            AtomicFile.WriteText(FileOf(executable), $"{Stamp(executable)}\n{version}");
        }
        catch (SecOpsException)
        {
            // A folder that cannot be written: then it is asked every time.
        }
    }

    private string FileOf(string executable) =>
        Path.Combine(folder, "versions", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(executable)))[..32]);

    private static string Stamp(string executable)
    {
        var file = new FileInfo(File.ResolveLinkTarget(executable, returnFinalTarget: true)?.FullName ?? executable);
        return string.Create(CultureInfo.InvariantCulture, $"{file.FullName} {file.Length} {file.LastWriteTimeUtc.Ticks}");
    }
}
