using System.Net;
using System.Text.Json;

namespace SecOps.Reports;

/// <summary>
/// DefectDojo's re-import of generic findings, as its source has it (django-DefectDojo: ReImportScanSerializer in api_v2/serializers.py, tools/generic/json_parser.py,
/// compute_hash_code_legacy in finding/models.py): which form fields and members it takes, and by what it knows a finding again with its settings untouched.
/// </summary>
internal sealed class DefectDojoStandIn : HttpMessageHandler
{
    private static readonly string[] FormFields =
    [
        "scan_date", "minimum_severity", "active", "verified", "file", "product_type_name", "product_name", "engagement_name", "engagement_end_date", "source_code_management_uri", "test_title",
        "auto_create_context", "deduplication_on_engagement", "lead", "push_to_jira", "environment", "build_id", "branch_tag", "commit_hash", "service", "group_by", "do_not_reactivate", "scan_type", "test",
        "close_old_findings", "close_old_findings_product_scope", "version", "tags", "apply_tags_to_findings",
    ];

    private static readonly Dictionary<string, JsonValueKind> Members = new()
    {
        ["title"] = JsonValueKind.String, ["severity"] = JsonValueKind.String, ["description"] = JsonValueKind.String, ["date"] = JsonValueKind.String, ["cwe"] = JsonValueKind.Number,
        ["mitigation"] = JsonValueKind.String, ["severity_justification"] = JsonValueKind.String, ["references"] = JsonValueKind.String, ["active"] = JsonValueKind.True, ["verified"] = JsonValueKind.True,
        ["risk_accepted"] = JsonValueKind.True, ["file_path"] = JsonValueKind.String, ["line"] = JsonValueKind.Number, ["component_name"] = JsonValueKind.String, ["component_version"] = JsonValueKind.String,
        ["static_finding"] = JsonValueKind.True, ["dynamic_finding"] = JsonValueKind.True, ["unique_id_from_tool"] = JsonValueKind.String, ["vuln_id_from_tool"] = JsonValueKind.String,
        ["sast_source_line"] = JsonValueKind.Number, ["sast_source_file_path"] = JsonValueKind.String, ["fix_available"] = JsonValueKind.True, ["fix_version"] = JsonValueKind.String,
        ["vulnerability_ids"] = JsonValueKind.Array, ["tags"] = JsonValueKind.Array,
    };

    private readonly Dictionary<string, JsonElement> known = [];

    public string Request { get; private set; } = "";

    public Dictionary<string, string> Fields { get; } = [];

    /// <summary>What was new, was there already, was closed.</summary>
    public (int Created, int Untouched, int Closed) Statistics { get; private set; }

    public IReadOnlyCollection<JsonElement> Active => known.Values;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Request = $"{request.Method} {request.RequestUri} {request.Headers.Authorization}";
        Fields.Clear();
        foreach (var part in (MultipartFormDataContent)request.Content!)
        {
            Fields[part.Headers.ContentDisposition!.Name!.Trim('"')] = await part.ReadAsStringAsync(cancellationToken);
        }

        var refused = Refused().ToList();
        return refused.Count > 0 ? Answer(HttpStatusCode.BadRequest, string.Join("; ", refused)) : Answer(HttpStatusCode.Created, "{}");
    }

    private IEnumerable<string> Refused()
    {
        foreach (var field in Fields.Keys.Except(FormFields))
        {
            yield return $"unknown field {field}";
        }

        if (Fields.GetValueOrDefault("scan_type") != "Generic Findings Import" || Fields.GetValueOrDefault("auto_create_context") != "true" || !DateOnly.TryParse(Fields.GetValueOrDefault("scan_date"), out _))
        {
            yield return "scan_type, auto_create_context or scan_date";
        }

        var findings = JsonDocument.Parse(Fields["file"]).RootElement.GetProperty("findings").EnumerateArray().ToList();
        foreach (var wrong in findings.SelectMany(Wrong))
        {
            yield return wrong;
        }

        Take(findings);
    }

    private static IEnumerable<string> Wrong(JsonElement finding)
    {
        foreach (var member in finding.EnumerateObject())
        {
            var kind = member.Value.ValueKind == JsonValueKind.False ? JsonValueKind.True : member.Value.ValueKind;
            if (!Members.TryGetValue(member.Name, out var expected) || kind != expected)
            {
                yield return $"Not allowed: {member.Name} as {kind}";
            }
        }

        if (finding.GetProperty("vulnerability_ids").EnumerateArray().Any(id => id.ValueKind != JsonValueKind.String) || finding.GetProperty("tags").EnumerateArray().Any(t => t.ValueKind != JsonValueKind.String))
        {
            yield return "lists hold texts";
        }

        if (Text(finding, "title").Length is 0 or > 511 || Text(finding, "component_version").Length > 100 || Text(finding, "severity") is not ("Critical" or "High" or "Medium" or "Low" or "Info"))
        {
            yield return "title, component_version or severity";
        }
    }

    private void Take(List<JsonElement> findings)
    {
        var seen = findings.ToLookup(f => $"{Text(f, "title")}{Text(f, "cwe")}{Text(f, "line")}{Text(f, "file_path")}{Text(f, "description")}");
        var gone = Fields["close_old_findings"] == "true" ? known.Keys.Where(k => !seen.Contains(k)).ToList() : [];
        Statistics = (seen.Count(g => !known.ContainsKey(g.Key)), seen.Count(g => known.ContainsKey(g.Key)), gone.Count);
        gone.ForEach(k => known.Remove(k));
        foreach (var group in seen)
        {
            known[group.Key] = group.First();
        }
    }

    private static string Text(JsonElement finding, string name) => finding.TryGetProperty(name, out var value) ? value.ToString() : "";

    private static HttpResponseMessage Answer(HttpStatusCode status, string body) => new(status) { Content = new StringContent(body) };
}
