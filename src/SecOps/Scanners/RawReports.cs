using System.Globalization;
using SecOps.Processes;

namespace SecOps.Scanners;

/// <summary>
/// The tool's own reports of one scan: written in a folder apart, then put into <c>raw/</c> as NAME.json, or NAME-1.json and so on
/// when there are several. A scan that does not end leaves the previous reports.
/// </summary>
internal sealed class RawReports : IDisposable
{
    private readonly string raw;
    private readonly string name;

    public RawReports(string raw, string name)
    {
        (this.raw, this.name) = (raw, name);
        Folder = Path.Combine(raw, $".{name}.{Environment.ProcessId}.{Guid.NewGuid():N}");
        Directory.CreateDirectory(Folder);
    }

    public string Folder { get; }

    public void Keep(IEnumerable<string> reports, Redactor redactor)
    {
        var existing = reports.Where(File.Exists).ToList();
        foreach (var old in Directory.EnumerateFiles(raw, name + "*").Where(IsOurs))
        {
            File.Delete(old);
        }

        for (var i = 0; i < existing.Count; i++)
        {
            SecretScrubber.Scrub(existing[i], redactor);
            var number = existing.Count == 1 ? "" : "-" + (i + 1).ToString(CultureInfo.InvariantCulture);
            File.Move(existing[i], Path.Combine(raw, name + number + Path.GetExtension(existing[i])), overwrite: true);
        }
    }

    public void Dispose()
    {
        if (Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    /// <summary>NAME.json or NAME-1.json, but not the reports of another scanner whose name begins alike.</summary>
    private bool IsOurs(string file)
    {
        var rest = Path.GetFileNameWithoutExtension(file)[name.Length..];
        return rest.Length == 0 || (rest[0] == '-' && rest.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0);
    }
}
