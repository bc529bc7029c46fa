using SecOps.Findings.Json;

namespace SecOps.Scanners.Sarif;

/// <summary>What is kept of one result until its run has been read.</summary>
internal sealed class SarifResult
{
    public string? RuleId { get; private set; }

    public int? RuleIndex { get; private set; }

    /// <summary>Index among the tool's extensions; null: the rule is the driver's.</summary>
    public int? Extension { get; private set; }

    public string? Level { get; private set; }

    public string? Kind { get; private set; }

    public SarifMessage Message { get; private set; }

    /// <summary>The first location; further ones belong to the same result.</summary>
    public SarifPlace Place { get; private set; }

    public bool IsSuppressed { get; private set; }

    public ReportNode Taxa { get; private set; } = ReportNode.Missing;

    public SarifProperties Properties { get; private set; }

    public string? Method { get; private set; }

    /// <summary>The value as text; blanks are none.</summary>
    public static string? Text(ref JsonCursor json) => json.Text() is { } text && !string.IsNullOrWhiteSpace(text) ? text : null;

    public static SarifResult Read(ref JsonCursor json)
    {
        var result = new SarifResult();
        if (!json.BeginObject())
        {
            throw SarifReport.NotSarif("\"results\" holds something that is not an object");
        }

        while (json.NextMember())
        {
            if (json.Is("ruleId"u8)) { result.RuleId = json.Text(); }
            else if (json.Is("ruleIndex"u8)) { result.RuleIndex = json.Integer(); }
            else if (json.Is("rule"u8)) { result.TakeRule(ReportNode.Read(ref json)); }
            else if (json.Is("level"u8)) { result.Level = json.Text(); }
            else if (json.Is("kind"u8)) { result.Kind = json.Text(); }
            else if (json.Is("message"u8) || json.Is("formattedRuleMessage"u8)) { result.Message = SarifMessage.Read(ref json); }
            else if (json.Is("locations"u8)) { result.TakeLocation(ref json); }
            else if (json.Is("suppressions"u8)) { result.IsSuppressed |= AreSuppressing(ReportNode.Read(ref json)); }
            // Before 2.1: words such as suppressedInSource.
            else if (json.Is("suppressionStates"u8)) { result.IsSuppressed |= json.Texts().Exists(t => t.StartsWith("suppressed", StringComparison.OrdinalIgnoreCase)); }
            else if (json.Is("taxa"u8)) { result.Taxa = ReportNode.Read(ref json); }
            else if (json.Is("properties"u8)) { result.Properties = SarifProperties.Read(ref json); }
            else if (json.Is("webRequest"u8)) { result.Method = ReportNode.Read(ref json)["method"].Text; }
            // Code flows, graphs, stacks, fixes and attachments can be many times the rest.
            else { json.Skip(); }
        }

        return result;
    }

    /// <summary>
    /// Sections 3.27.23 and 3.35: suppressed when there are suppressions and every one is accepted, which is the default.
    /// Some tools write "state" for "status".
    /// </summary>
    private static bool AreSuppressing(ReportNode suppressions) =>
        suppressions.Items.Count > 0 && suppressions.Items.All(s => (s["status"].Text ?? s["state"].Text ?? "accepted").Equals("accepted", StringComparison.OrdinalIgnoreCase));

    private void TakeRule(ReportNode rule)
    {
        RuleId ??= rule["id"].Text;
        RuleIndex ??= rule["index"].Integer;
        Extension = rule["toolComponent"]["index"].Integer is >= 0 and var index ? index : null;
    }

    private void TakeLocation(ref JsonCursor json)
    {
        if (!json.BeginArray())
        {
            return;
        }

        for (var first = true; json.NextElement(); first = false)
        {
            if (first)
            {
                Place = SarifPlace.Read(ref json);
            }
            else
            {
                json.Skip();
            }
        }
    }
}

/// <summary>What is used of a result's property bag.</summary>
/// <param name="Cwe">A name, a number, or a list of them.</param>
internal readonly record struct SarifProperties(double? SecuritySeverity, string? Confidence, ReportNode? Cwe, ReportNode? Tags)
{
    public static SarifProperties Read(ref JsonCursor json)
    {
        double? severity = null;
        string? confidence = null;
        ReportNode? cwe = null, tags = null;
        if (json.BeginObject())
        {
            while (json.NextMember())
            {
                if (json.Is("security-severity"u8)) { severity = json.Number(); }
                else if (json.Is("issue_confidence"u8)) { confidence = Word(json.Text()); }
                else if (json.Is("cwe"u8)) { cwe = ReportNode.Read(ref json); }
                else if (json.Is("tags"u8)) { tags = ReportNode.Read(ref json); }
                else { json.Skip(); }
            }
        }

        return new SarifProperties(severity, confidence, cwe, tags);
    }

    private static string? Word(string? confidence) => confidence?.ToUpperInvariant() switch
    {
        "HIGH" => "high",
        "MEDIUM" => "medium",
        "LOW" => "low",
        _ => null,
    };
}
