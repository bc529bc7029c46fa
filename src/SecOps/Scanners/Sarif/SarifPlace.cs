using SecOps.Findings.Json;

namespace SecOps.Scanners.Sarif;

/// <summary>A reference to a file (artifactLocation, section 3.4): a URI that may be relative to a base, or an index into the run's artifacts.</summary>
internal readonly record struct SarifArtifact(string? Uri, string? BaseId, int? Index)
{
    public static SarifArtifact Of(ReportNode node) => new(node["uri"].Text, node["uriBaseId"].Text, node["index"].Integer);

    /// <returns>Null when the value is no object.</returns>
    public static SarifArtifact? Read(ref JsonCursor json)
    {
        if (!json.BeginObject())
        {
            return null;
        }

        string? uri = null, baseId = null;
        int? index = null;
        while (json.NextMember())
        {
            if (json.Is("uri"u8)) { uri = SarifResult.Text(ref json); }
            else if (json.Is("uriBaseId"u8)) { baseId = SarifResult.Text(ref json); }
            else if (json.Is("index"u8)) { index = json.WholeNumber(); }
            else { json.Skip(); }
        }

        return new SarifArtifact(uri, baseId, index);
    }
}

/// <summary>The place of a result (location, section 3.28), read member by member: every result has one, and a tree of nodes would take most of the time.</summary>
internal readonly record struct SarifPlace(SarifArtifact Artifact, SarifRegion Region, string? LogicalName)
{
    public static SarifPlace Read(ref JsonCursor json)
    {
        (SarifArtifact Artifact, SarifRegion Region)? physical = null, file = null, target = null;
        string? logical = null, older = null;
        if (json.BeginObject())
        {
            while (json.NextMember())
            {
                if (json.Is("physicalLocation"u8)) { physical = Physical(ref json); }
                // Version 1.0 names the file itself, and what was analysed where that is another one (a binary).
                else if (json.Is("resultFile"u8)) { file = Physical(ref json); }
                else if (json.Is("analysisTarget"u8)) { target = Physical(ref json); }
                else if (json.Is("logicalLocations"u8)) { logical = ReportNode.Read(ref json)[0]["fullyQualifiedName"].Text; }
                else if (json.Is("fullyQualifiedLogicalName"u8)) { older = SarifResult.Text(ref json); }
                else { json.Skip(); }
            }
        }

        var (artifact, region) = physical ?? file ?? target ?? default;
        return new SarifPlace(artifact, region, logical ?? older);
    }

    private static (SarifArtifact Artifact, SarifRegion Region) Physical(ref JsonCursor json)
    {
        SarifArtifact? artifact = null, older = null;
        string? uri = null, baseId = null;
        SarifRegion region = default, context = default;
        if (json.BeginObject())
        {
            while (json.NextMember())
            {
                if (json.Is("artifactLocation"u8)) { artifact = SarifArtifact.Read(ref json); }
                else if (json.Is("fileLocation"u8)) { older = SarifArtifact.Read(ref json); }
                else if (json.Is("uri"u8)) { uri = SarifResult.Text(ref json); }
                else if (json.Is("uriBaseId"u8)) { baseId = SarifResult.Text(ref json); }
                else if (json.Is("region"u8)) { region = SarifRegion.Read(ref json); }
                else if (json.Is("contextRegion"u8)) { context = SarifRegion.Read(ref json); }
                else { json.Skip(); }
            }
        }

        return (artifact ?? older ?? new SarifArtifact(uri, baseId, null), region with { Snippet = region.Snippet ?? context.Snippet });
    }
}

/// <summary>Lines and text (region, section 3.30).</summary>
internal readonly record struct SarifRegion(int? StartLine, int? EndLine, int? StartColumn, string? Snippet)
{
    public static SarifRegion Read(ref JsonCursor json)
    {
        int? start = null, end = null, column = null;
        string? snippet = null;
        if (json.BeginObject())
        {
            while (json.NextMember())
            {
                if (json.Is("startLine"u8)) { start = json.WholeNumber(); }
                else if (json.Is("endLine"u8)) { end = json.WholeNumber(); }
                else if (json.Is("startColumn"u8)) { column = json.WholeNumber(); }
                else if (json.Is("snippet"u8)) { snippet = TextMember(ref json); }
                else { json.Skip(); }
            }
        }

        return new SarifRegion(Positive(start), Positive(end) ?? Positive(start), Positive(column), snippet);
    }

    private static string? TextMember(ref JsonCursor json)
    {
        string? text = null;
        if (json.BeginObject())
        {
            while (json.NextMember())
            {
                if (json.Is("text"u8)) { text = SarifResult.Text(ref json); }
                else { json.Skip(); }
            }
        }

        return text;
    }

    private static int? Positive(int? number) => number > 0 ? number : null;
}
