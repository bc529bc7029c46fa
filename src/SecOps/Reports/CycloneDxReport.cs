using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SecOps.Findings;

namespace SecOps.Reports;

/// <summary>
/// CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/): the packages that findings are about, their vulnerabilities, and VEX statements. A waiver accepts
/// a risk, it does not deny it: the statement is "exploitable, will not fix" with the reason. What is not about a package has no place in it.
/// </summary>
internal sealed class CycloneDxReport : IReportWriter
{
    public string Format => "cyclonedx";

    public string FileName => "findings.cdx.json";

    public IReadOnlyList<string> Write(Stream stream, FindingsDocument document)
    {
        var findings = document.Findings.Where(f => f.Location.Package is not null && f.State != FindingState.NotRescanned).ToList();
        var elsewhere = document.Findings.Count(f => f.Location.Package is null);
        var components = new Dictionary<string, Finding>(StringComparer.Ordinal);
        foreach (var f in findings)
        {
            components.TryAdd(Reference(f), f);
        }

        using var json = new Utf8JsonWriter(stream, ReportJson.Options);
        json.WriteStartObject();
        json.WriteString("$schema"u8, "http://cyclonedx.org/schema/bom-1.6.schema.json");
        json.WriteString("bomFormat"u8, "CycloneDX");
        json.WriteString("specVersion"u8, "1.6");
        json.WriteString("serialNumber"u8, $"urn:uuid:{new Guid(RunBytes(document.Run.Id))}");
        json.WriteNumber("version"u8, 1);
        Metadata(json, document);
        json.WriteStartArray("components"u8);
        foreach (var (reference, f) in components)
        {
            Component(json, reference, f.Location.Package!);
            json.FlushSometimes();
        }

        json.WriteEndArray();
        json.WriteStartArray("vulnerabilities"u8);
        foreach (var f in findings)
        {
            Vulnerability(json, f);
            json.FlushSometimes();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        return elsewhere == 0 ? [] : [string.Create(CultureInfo.InvariantCulture, $"{elsewhere} findings are left out: they are not about packages, and CycloneDX lists packages")];
    }

    /// <summary>16 bytes that belong to the run, so that writing the report again gives the same file.</summary>
    private static ReadOnlySpan<byte> RunBytes(string runId) => SHA256.HashData(Encoding.UTF8.GetBytes(runId)).AsSpan(0, 16);

    /// <summary>A package at one version in one place.</summary>
    private static string Reference(Finding f)
    {
        var package = f.Location.Package!;
        var place = package.Manifest ?? (f.Location.Image is { } image ? SarifPlace.Repository(image.Reference) : "");
        return $"{package.Purl ?? package.Name + "@" + package.Version}#{place}";
    }

    private static void Metadata(Utf8JsonWriter json, FindingsDocument document)
    {
        json.WriteStartObject("metadata"u8);
        json.WriteString("timestamp"u8, document.Run.FinishedAt.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
        json.WriteStartObject("tools"u8);
        json.WriteStartArray("components"u8);
        Tool(json, "secops", document.Run.SecopsVersion);
        foreach (var c in document.Coverage.Where(c => c.Status == CoverageStatus.Completed).DistinctBy(c => (c.Scanner, c.Version)))
        {
            Tool(json, c.Scanner, c.Version);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartArray("properties"u8);
        foreach (var c in document.Coverage)
        {
            Property(json, $"secops:coverage:{c.Scanner}", $"{c.Target}: {Words.Of(c.Status)}");
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Tool(Utf8JsonWriter json, string name, string? version)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "application");
        json.WriteString("name"u8, name);
        json.Optional("version", version);
        json.WriteEndObject();
    }

    private static void Component(Utf8JsonWriter json, string reference, Package package)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "library");
        json.WriteString("bom-ref"u8, reference);
        json.WriteString("name"u8, package.Name);
        json.Optional("version", package.Version);
        json.Optional("purl", package.Purl);
        if (package.Manifest is { Length: > 0 } manifest)
        {
            json.WriteStartArray("properties"u8);
            Property(json, "secops:manifest", manifest);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void Vulnerability(Utf8JsonWriter json, Finding f)
    {
        var source = ReportJson.Address(f.Rule.Url);
        json.WriteStartObject();
        json.WriteString("bom-ref"u8, f.Id);
        json.WriteString("id"u8, f.Rule.Id);
        if (source is not null)
        {
            json.WriteStartObject("source"u8);
            json.WriteString("url"u8, source);
            json.WriteEndObject();
        }

        json.WriteStartArray("ratings"u8);
        json.WriteStartObject();
        if (SeverityScale.Score(f.Severity) is { } score)
        {
            json.WriteNumber("score"u8, decimal.Parse(score, CultureInfo.InvariantCulture));
        }

        json.WriteString("severity"u8, Words.Of(f.Severity));
        json.WriteString("method"u8, "other");
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteStartArray("cwes"u8);
        foreach (var cwe in f.Rule.Cwe)
        {
            if (cwe.StartsWith("CWE-", StringComparison.Ordinal) && int.TryParse(cwe.AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0)
            {
                json.WriteNumberValue(number);
            }
        }

        json.WriteEndArray();
        json.WriteString("description"u8, Terminal.Clean(f.Title));
        json.Optional("detail", FindingText.Clean(f.Message));
        json.Optional("recommendation", FindingText.Clean(FindingText.Fix(f)));
        if (source is not null)
        {
            json.WriteStartArray("advisories"u8);
            json.WriteStartObject();
            json.WriteString("url"u8, source);
            json.WriteEndObject();
            json.WriteEndArray();
        }

        Analysis(json, f);
        json.WriteStartArray("affects"u8);
        json.WriteStartObject();
        json.WriteString("ref"u8, Reference(f));
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteStartArray("properties"u8);
        foreach (var alias in f.Rule.Advisories.Where(a => a != f.Rule.Id))
        {
            Property(json, "secops:alias", alias);
        }

        Property(json, "secops:state", Words.Of(f.State));
        Property(json, "secops:scanners", string.Join(' ', f.Scanners.Select(s => s.Name).Distinct()));
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Analysis(Utf8JsonWriter json, Finding f)
    {
        if (f.Waiver is null && f.State != FindingState.Fixed)
        {
            return;
        }

        json.WriteStartObject("analysis"u8);
        json.WriteString("state"u8, f.State == FindingState.Fixed ? "resolved" : "exploitable");
        if (f.Waiver is not null && f.State != FindingState.Fixed)
        {
            json.Texts("response", ["will_not_fix"]);
            json.WriteString("detail"u8, FindingText.Waiver(f));
        }

        json.WriteEndObject();
    }

    private static void Property(Utf8JsonWriter json, string name, string value)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, name);
        json.WriteString("value"u8, value);
        json.WriteEndObject();
    }
}
