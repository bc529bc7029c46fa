using System.Runtime.InteropServices;
using SecOps.Findings;

namespace SecOps.Scanners;

/// <summary>Takes what a report holds. One a report; merged by the caller once the whole report has been read.</summary>
/// <param name="scanner">The scanner's name, for <see cref="Detection"/>.</param>
/// <param name="root">Full path of the folder that paths become relative to.</param>
public sealed class ReportSink(string scanner, string root)
{
    private readonly List<Finding> findings = [];
    private readonly List<UnreadFile> unread = [];
    private readonly Dictionary<string, int> bySeverity = new(StringComparer.Ordinal);
    private readonly string rootPrefix = root.Replace('\\', '/').TrimEnd('/') + "/";

    public string Scanner { get; } = scanner;

    public IReadOnlyList<Finding> Findings => findings;

    public IReadOnlyList<UnreadFile> UnreadFiles => unread;

    /// <summary>The tool's own entries, as it counts them.</summary>
    public int Entries { get; private set; }

    /// <summary>Set when the report says that the scan itself failed.</summary>
    public string? Failure { get; private set; }

    /// <summary>The tool's version, where the report names it.</summary>
    public string? ToolVersion { get; set; }

    public DateTimeOffset? DatabaseDate { get; set; }

    /// <summary>The folder that relative paths in the report start from, with / at the end; empty: the root.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>The file that was scanned, relative to the root, for reports that do not name it.</summary>
    public string? Manifest { get; init; }

    /// <summary>Whether licences count as findings.</summary>
    public bool WithLicenses { get; init; }

    /// <summary>For people: something that is worth knowing and does not change the verdict.</summary>
    public string? Note { get; set; }

    /// <summary>What SonarQube says of the project as a whole; null for other scanners.</summary>
    public ProjectQuality? Quality { get; set; }

    /// <summary>The entries by the tool's own word for their severity; "MISSING" for those without one.</summary>
    public IReadOnlyDictionary<string, int> EntriesBySeverity => bySeverity;

    /// <summary>Counts an entry of the tool, whether or not it becomes a finding.</summary>
    /// <param name="severity">In the tool's own word.</param>
    public void CountEntry(string? severity)
    {
        Entries++;
        CollectionsMarshal.GetValueRefOrAddDefault(bySeverity, severity ?? "MISSING", out _)++;
    }

    /// <summary>Adds a finding; its id is given later.</summary>
    public void Add(Finding finding) => findings.Add(finding);

    /// <summary>Adds findings each of which is an entry of the tool, of the severity that it names.</summary>
    public void Add(List<Finding> entries)
    {
        findings.AddRange(entries);
        Entries += entries.Count;
        var words = new string?[Math.Min(entries.Count, 2 * Identity.Many)];
        for (var from = 0; from < entries.Count; from += words.Length)
        {
            var (first, to) = (from, Math.Min(entries.Count, from + words.Length));
            Identity.Each(first, to, i => words[i - first] = entries[i].Scanners[0].Severity);
            foreach (var word in words.AsSpan(0, to - first))
            {
                CollectionsMarshal.GetValueRefOrAddDefault(bySeverity, word ?? "MISSING", out _)++;
            }
        }
    }

    /// <summary>A file that the scanner could not read: the scan is not complete.</summary>
    public void AddUnread(string path, string reason) => unread.Add(new UnreadFile(RelativePath(path), reason));

    /// <summary>The report says that the scan failed: it can't be clean, whatever else it holds.</summary>
    public void Fail(string message) => Failure ??= message;

    /// <summary>Adds what another report of the same scan holds.</summary>
    internal void Take(ReportSink part)
    {
        findings.AddRange(part.findings);
        unread.AddRange(part.unread);
        Entries += part.Entries;
        foreach (var (word, count) in part.bySeverity)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(bySeverity, word, out _) += count;
        }

        Failure ??= part.Failure;
        ToolVersion ??= part.ToolVersion;
        DatabaseDate ??= part.DatabaseDate;
        Note ??= part.Note;
        Quality ??= part.Quality;
    }

    /// <summary>A path as the tool writes it, relative to the root, with /; left as it is when it lies elsewhere.</summary>
    public string RelativePath(string path)
    {
        var normal = path.Replace('\\', '/');
        if (normal.StartsWith(rootPrefix, StringComparison.Ordinal))
        {
            normal = normal[rootPrefix.Length..];
        }

        else if (Prefix.Length > 0 && !normal.StartsWith('/') && !(normal.Length > 1 && normal[1] == ':'))
        {
            normal = Prefix + (normal.StartsWith("./", StringComparison.Ordinal) ? normal[2..] : normal);
        }

        while (normal.StartsWith("./", StringComparison.Ordinal))
        {
            normal = normal[2..];
        }

        return normal;
    }

    /// <summary>Cuts what is too long to keep.</summary>
    public static string? Shorten(string? text, int limit = Finding.MaxMessage)
    {
        if (text is null || text.Length <= limit)
        {
            return text;
        }

        // Not between the halves of a surrogate pair.
        var end = char.IsHighSurrogate(text[limit - 2]) ? limit - 2 : limit - 1;
        return text[..end] + "…";
    }

    /// <summary>The address if it is http or https; a report may hold anything, and reports of ours are clicked on.</summary>
    public static string? WebAddress(string? url) =>
        url is not null && (url.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || url.StartsWith("http://", StringComparison.OrdinalIgnoreCase)) ? url : null;
}
