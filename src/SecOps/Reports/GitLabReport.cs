using System.Globalization;
using System.Text.Json;
using SecOps.Findings;

namespace SecOps.Reports;

/// <summary>
/// GitLab's security reports, schema 15 (gitlab-org/security-products/security-report-schemas): one file a kind of scan, since GitLab takes
/// them as different artifacts. Waived findings are left out, because these reports have no word for them.
/// </summary>
internal sealed class GitLabReport(string type, string fileName) : IReportWriter
{
    private const string Schema = "15.0.7";
    private const int MaxName = 255;
    private const int MaxSolution = 7000;

    public static GitLabReport Sast { get; } = new("sast", "findings.gitlab.json");

    public static GitLabReport Dependencies { get; } = new("dependency_scanning", "findings.gitlab-dependency.json");

    public static GitLabReport Containers { get; } = new("container_scanning", "findings.gitlab-container.json");

    public string Format => "gitlab";

    public string FileName => fileName;

    public IReadOnlyList<string> Write(Stream stream, FindingsDocument document)
    {
        var ours = document.Findings.Where(Belongs).ToList();
        var listed = ours.Where(f => f.State is FindingState.New or FindingState.Existing or FindingState.NotRescanned).ToList();
        using var json = new Utf8JsonWriter(stream, ReportJson.Options);
        json.WriteStartObject();
        json.WriteString("version"u8, Schema);
        Scan(json, document);
        json.WriteStartArray("vulnerabilities"u8);
        foreach (var f in listed)
        {
            Vulnerability(json, f);
            json.FlushSometimes();
        }

        json.WriteEndArray();
        if (type == "dependency_scanning")
        {
            DependencyFiles(json, listed);
        }

        json.WriteEndObject();
        return [.. Notes(document, ours.Count(f => f.State == FindingState.Waived))];
    }

    private IEnumerable<string> Notes(FindingsDocument document, int waived)
    {
        if (waived > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{waived} waived findings are left out");
        }

        var elsewhere = document.Findings.Count(f => f.Category is Category.Web or Category.Cloud);
        if (type == "sast" && elsewhere > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{elsewhere} findings of running systems are left out: they have no file");
        }
    }

    private bool Belongs(Finding f) => type switch
    {
        "container_scanning" => f.Location is { Package: not null, Image: not null },
        "dependency_scanning" => f.Location is { Package: not null, Image: null },
        _ => f.Location.Package is null && f.Location.Path is not null,
    };

    private void Scan(Utf8JsonWriter json, FindingsDocument document)
    {
        json.WriteStartObject("scan"u8);
        Tool(json, "analyzer", document.Run.SecopsVersion);
        Tool(json, "scanner", document.Run.SecopsVersion);
        json.WriteString("type"u8, type);
        json.WriteString("start_time"u8, Time(document.Run.StartedAt));
        json.WriteString("end_time"u8, Time(document.Run.FinishedAt));
        json.WriteString("status"u8, document.Coverage.Any(c => c.Required && !c.IsComplete) || !document.Coverage.Any(c => c.Status == CoverageStatus.Completed) ? "failure" : "success");
        json.WriteStartArray("messages"u8);
        foreach (var c in document.Coverage.Where(c => !c.IsComplete))
        {
            json.WriteStartObject();
            json.WriteString("level"u8, c.Required ? "fatal" : "warn");
            json.WriteString("value"u8, Terminal.Clean($"{c.Scanner} on {c.Target}: {FindingText.Ended(c)}"));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Tool(Utf8JsonWriter json, string name, string version)
    {
        json.WriteStartObject(name);
        json.WriteString("id"u8, "secops");
        json.WriteString("name"u8, "secops");
        json.WriteString("version"u8, version);
        json.WriteStartObject("vendor"u8);
        json.WriteString("name"u8, "secops");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void Vulnerability(Utf8JsonWriter json, Finding f)
    {
        var word = Words.Of(f.Severity);
        json.WriteStartObject();
        json.WriteString("id"u8, f.Id);
        json.WriteString("name"u8, MarkdownText.Cut(Terminal.Clean(f.Title), MaxName));
        // GitLab renders the description as Markdown.
        json.WriteString("description"u8, MarkdownText.Escape(f.Message ?? f.Title));
        json.WriteString("severity"u8, char.ToUpperInvariant(word[0]) + word[1..]);
        if (FindingText.Fix(f) is { } fix)
        {
            json.WriteString("solution"u8, MarkdownText.Cut(FindingText.Clean(fix), MaxSolution));
        }

        json.WriteStartArray("identifiers"u8);
        var names = f.Rule.Advisories.Prepend(f.Rule.Id).Distinct().Select(id => (Type: Kind(id, f), Id: id)).Concat(f.Rule.Cwe.Select(c => (Type: "cwe", Id: c)));
        foreach (var (kind, id) in names)
        {
            json.WriteStartObject();
            json.WriteString("type"u8, kind);
            json.WriteString("name"u8, id);
            json.WriteString("value"u8, id);
            if (id == f.Rule.Id)
            {
                json.Optional("url", ReportJson.Address(f.Rule.Url));
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (ReportJson.Address(f.Rule.Url) is { } address)
        {
            json.WriteStartArray("links"u8);
            json.WriteStartObject();
            json.WriteString("url"u8, address);
            json.WriteEndObject();
            json.WriteEndArray();
        }

        Place(json, f.Location);
        json.WriteEndObject();
    }

    private static string Kind(string id, Finding f) =>
        id.StartsWith("CVE-", StringComparison.Ordinal) ? "cve" : id.StartsWith("GHSA-", StringComparison.Ordinal) ? "ghsa" : f.Scanners[0].Name + "_rule_id";

    private void Place(Utf8JsonWriter json, Location l)
    {
        json.WriteStartObject("location"u8);
        if (type == "sast")
        {
            json.WriteString("file"u8, l.Path);
            json.WriteNumber("start_line"u8, l.StartLine ?? 1);
            json.WriteNumber("end_line"u8, Math.Max(l.EndLine ?? 0, l.StartLine ?? 1));
        }
        else
        {
            if (type == "container_scanning")
            {
                json.WriteString("image"u8, l.Image!.Reference);
                // deb/debian and rpm/rhel name the system; other packages have none.
                json.WriteString("operating_system"u8, PurlParts(l.Package!.Purl) is [_, "deb" or "rpm" or "apk", var system, ..] ? system : "unknown");
            }
            else
            {
                json.WriteString("file"u8, File(l.Package!));
            }

            json.WritePropertyName("dependency"u8);
            Dependency(json, l.Package!);
        }

        json.WriteEndObject();
    }

    private static void Dependency(Utf8JsonWriter json, Package package)
    {
        json.WriteStartObject();
        json.WriteStartObject("package"u8);
        json.WriteString("name"u8, package.Name);
        json.WriteEndObject();
        json.WriteString("version"u8, package.Version ?? "");
        json.WriteEndObject();
    }

    private static void DependencyFiles(Utf8JsonWriter json, List<Finding> findings)
    {
        json.WriteStartArray("dependency_files"u8);
        foreach (var file in findings.Select(f => f.Location.Package!).GroupBy(File))
        {
            json.WriteStartObject();
            json.WriteString("path"u8, file.Key);
            json.WriteString("package_manager"u8, PurlParts(file.First().Purl) is [_, var manager, ..] ? manager : "unknown");
            json.WriteStartArray("dependencies"u8);
            foreach (var package in file.DistinctBy(p => (p.Name, p.Version)))
            {
                Dependency(json, package);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string File(Package package) => package.Manifest is { Length: > 0 } manifest ? manifest : "unknown";

    /// <summary><c>pkg:deb/debian/libc6@2</c> gives pkg, deb, debian, libc6@2.</summary>
    private static string[] PurlParts(string? purl) => (purl ?? "").Split([':', '/'], StringSplitOptions.RemoveEmptyEntries);

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);
}
