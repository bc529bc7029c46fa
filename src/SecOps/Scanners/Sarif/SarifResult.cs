using SecOps.Findings;

namespace SecOps.Scanners.Sarif;

/// <summary>What is kept of one result until its run has been read.</summary>
internal sealed record SarifResult
{
    public string? RuleId { get; private set; }

    public int? RuleIndex { get; private set; }

    /// <summary>Index among the tool's extensions; null: the rule is the driver's.</summary>
    public int? Extension { get; private set; }

    public string? Level { get; private set; }

    public string? Kind { get; private set; }

    public ReportNode Message { get; private set; } = ReportNode.Missing;

    public ReportNode Artifact { get; private set; } = ReportNode.Missing;

    public string? LogicalName { get; private set; }

    public int? StartLine { get; private set; }

    public int? EndLine { get; private set; }

    public int? StartColumn { get; private set; }

    public string? Snippet { get; private set; }

    public bool IsSuppressed { get; private set; }

    public ReportNode Taxa { get; private set; } = ReportNode.Missing;

    public ReportNode Properties { get; private set; } = ReportNode.Missing;

    public string? Method { get; private set; }

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
            else if (json.Is("message"u8)) { result.Message = ReportNode.Read(ref json); }
            else if (json.Is("locations"u8)) { result.TakeLocation(ref json); }
            else if (json.Is("suppressions"u8)) { result.IsSuppressed = AreSuppressing(ReportNode.Read(ref json)); }
            else if (json.Is("taxa"u8)) { result.Taxa = ReportNode.Read(ref json); }
            else if (json.Is("properties"u8)) { result.Properties = ReportNode.Read(ref json); }
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

    /// <summary>The first location is the place; further ones belong to the same result.</summary>
    private void TakeLocation(ref JsonCursor json)
    {
        if (!json.BeginArray())
        {
            return;
        }

        var first = true;
        while (json.NextElement())
        {
            if (!first)
            {
                json.Skip();
                continue;
            }

            first = false;
            var location = ReportNode.Read(ref json);
            var physical = location["physicalLocation"];
            var region = physical["region"];
            Artifact = physical["artifactLocation"].IsObject ? physical["artifactLocation"] : physical["fileLocation"];
            LogicalName = location["logicalLocations"][0]["fullyQualifiedName"].Text ?? location["fullyQualifiedLogicalName"].Text;
            StartLine = Positive(region["startLine"]);
            EndLine = Positive(region["endLine"]) ?? StartLine;
            StartColumn = Positive(region["startColumn"]);
            Snippet = region["snippet"]["text"].Text ?? physical["contextRegion"]["snippet"]["text"].Text;
        }
    }

    private static int? Positive(ReportNode number) => number.Integer is > 0 and var value ? value : null;
}
