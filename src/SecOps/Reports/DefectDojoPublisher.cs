using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using SecOps.Findings;
using SecOps.Processes;

namespace SecOps.Reports;

/// <summary>
/// Sends findings to DefectDojo as its "Generic Findings Import", by <c>POST /api/v2/reimport-scan/</c>: product, engagement and test are created
/// when they are not there, and a finding that is known by its id is updated, not added again.
/// </summary>
internal sealed class DefectDojoPublisher : IDisposable
{
    private const string ScanType = "Generic Findings Import";
    private const int MaxTitle = 500;
    private const int MaxVersion = 100;

    private readonly HttpClient http;
    private readonly Redactor redactor;

    public DefectDojoPublisher(Uri server, string token, Redactor redactor, HttpMessageHandler? handler = null)
    {
        if (server.Scheme != Uri.UriSchemeHttps && !(server.Scheme == Uri.UriSchemeHttp && server.IsLoopback))
        {
            throw SecOpsException.Usage($"report.defectdojo.url is {server}; it has to be an https address, since the API key is sent to it.");
        }

        redactor.Add(token);
        this.redactor = redactor;
        http = new HttpClient(handler ?? new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(server.AbsoluteUri.TrimEnd('/') + "/"), Timeout = TimeSpan.FromMinutes(10) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Token", token);
    }

    public void Dispose() => http.Dispose();

    /// <returns>What failed, a sentence; null when it went well.</returns>
    public async Task<string?> PublishAsync(FindingsDocument document, string productType, string product, string engagement, CancellationToken cancellation)
    {
        using var form = new MultipartFormDataContent();
        void Field(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                form.Add(new StringContent(value), name);
            }
        }

        using var report = new MemoryStream();
        Write(report, document);
        report.Position = 0;
        var file = new StreamContent(report);
        file.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        form.Add(file, "file", "findings.json");
        Field("scan_type", ScanType);
        Field("product_type_name", productType);
        Field("product_name", product);
        Field("engagement_name", engagement);
        Field("test_title", "secops");
        Field("auto_create_context", "true");
        Field("minimum_severity", "Info");
        // What is not in the report counts as mended only when everybody has looked.
        Field("close_old_findings", document.Coverage.Count > 0 && document.Coverage.All(c => c.IsComplete) ? "true" : "false");
        Field("scan_date", document.Run.FinishedAt.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        Field("commit_hash", document.Run.Commit);
        Field("branch_tag", document.Run.Branch);
        Field("build_id", document.Run.Id);
        try
        {
            using var response = await http.PostAsync("api/v2/reimport-scan/", form, cancellation);
            if (response.IsSuccessStatusCode)
            {
                return null;
            }

            var said = Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync(cancellation));
            var advice = response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? " The API key is not valid, or may not import." : "";
            return redactor.Redact($"DefectDojo answers {(int)response.StatusCode}: {Terminal.Clean(MarkdownText.Cut(said.Trim(), 300))}.{advice}");
        }
        catch (HttpRequestException e)
        {
            return redactor.Redact($"DefectDojo at {http.BaseAddress!.Host} cannot be reached: {e.Message}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return $"DefectDojo at {http.BaseAddress!.Host} did not answer within {http.Timeout.TotalMinutes:0} minutes";
        }
    }

    /// <summary>https://docs.defectdojo.com/supported_tools/parsers/generic_findings_import/</summary>
    internal static void Write(Stream stream, FindingsDocument document)
    {
        using var json = new Utf8JsonWriter(stream, ReportJson.Options);
        json.WriteStartObject();
        json.WriteString("name"u8, "secops");
        json.WriteString("type"u8, "secops");
        json.WriteStartArray("findings"u8);
        foreach (var f in document.Findings.Where(f => f.State != FindingState.Fixed))
        {
            Write(json, f, document.Run.FinishedAt);
            json.FlushSometimes();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Finding f, DateTimeOffset time)
    {
        var l = f.Location;
        // DefectDojo has no word for an unknown severity; its lowest one invents the least, and the text says so.
        var word = f.Severity == Severity.Unknown ? "info" : Words.Of(f.Severity);
        json.WriteStartObject();
        json.WriteString("title"u8, MarkdownText.Cut(Terminal.Clean(f.Title), MaxTitle));
        json.WriteString("severity"u8, char.ToUpperInvariant(word[0]) + word[1..]);
        // Unless its server is told otherwise, DefectDojo knows a generic finding again by title, CWE, file, line and description. So the line stands
        // elsewhere and the description holds what stays, with our id: it is then the same finding when its line moves, and two of a kind are two.
        json.WriteString("description"u8, $"{MarkdownText.Escape(f.Message ?? f.Title)}\n\nFinding: {f.Id}");
        json.WriteString("severity_justification"u8, string.Join("\n\n", [$"Severity: {Words.Of(f.Severity)}", .. FindingText.Facts(f).Select(fact => $"{fact.Name}: {MarkdownText.Escape(fact.Value)}")]));
        if (FindingText.Fix(f) is { } fix)
        {
            json.WriteString("mitigation"u8, MarkdownText.Escape(fix));
        }

        json.Optional("references", ReportJson.Address(f.Rule.Url));
        json.WriteString("date"u8, time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        if (f.Rule.Cwe.Select(c => int.TryParse(c.AsSpan(Math.Min(4, c.Length)), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0).FirstOrDefault(n => n > 0) is > 0 and var cwe)
        {
            json.WriteNumber("cwe"u8, cwe);
        }

        if ((l.Path ?? l.Package?.Manifest) is { Length: > 0 } path)
        {
            json.WriteString("file_path"u8, path);
            json.WriteString("sast_source_file_path"u8, path);
        }

        if (l.StartLine is { } line)
        {
            json.WriteNumber("sast_source_line"u8, line);
        }

        json.Optional("component_name", l.Package is { } package ? MarkdownText.Cut(package.Name, MaxTitle) : null);
        json.Optional("component_version", l.Package?.Version is { } version ? MarkdownText.Cut(version, MaxVersion) : null);
        if (l.Package?.FixedVersion is { Length: > 0 } fixedVersion)
        {
            json.WriteBoolean("fix_available"u8, true);
            json.WriteString("fix_version"u8, MarkdownText.Cut(fixedVersion, MaxVersion));
        }

        json.WriteString("unique_id_from_tool"u8, f.Id);
        json.WriteString("vuln_id_from_tool"u8, MarkdownText.Cut(f.Rule.Id, MaxTitle));
        json.Texts("vulnerability_ids", f.Rule.Advisories);
        json.WriteBoolean("active"u8, f.State != FindingState.Waived);
        json.WriteBoolean("verified"u8, false);
        json.WriteBoolean("risk_accepted"u8, f.State == FindingState.Waived);
        json.WriteBoolean("static_finding"u8, f.Category is not (Category.Web or Category.Cloud));
        json.WriteBoolean("dynamic_finding"u8, f.Category is Category.Web or Category.Cloud);
        json.Texts("tags", [Words.Of(f.Category), .. f.Scanners.Select(s => s.Name).Distinct()]);
        json.WriteEndObject();
    }
}
