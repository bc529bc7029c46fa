using SecOps.Findings;

namespace SecOps.Scanners.Sarif;

/// <summary>What is used of a rule (reportingDescriptor, section 3.49).</summary>
internal sealed class SarifRule
{
    private readonly ReportNode messages;

    public SarifRule(ReportNode node, string? id = null)
    {
        Id = node["id"].Text ?? id;
        Name = node["name"].Text ?? node["name"]["text"].Text;
        Url = node["helpUri"].Text;
        Description = node["shortDescription"]["text"].Text ?? node["shortDescription"].Text ?? node["fullDescription"]["text"].Text;
        Level = node["defaultConfiguration"]["level"].Text ?? node["configuration"]["defaultLevel"].Text ?? node["defaultLevel"].Text;
        var properties = node["properties"];
        SecuritySeverity = properties["security-severity"].Number;
        Tags = [.. properties["tags"].Texts];
        Category = Tagged("secret", "secrets") ? Findings.Category.Secret : Tagged("misconfiguration", "iac") ? Findings.Category.Config : null;
        messages = node["messageStrings"].IsObject ? node["messageStrings"] : node["messageFormats"];
        Cwe = CweNames.In(
        [
            .. Tags,
            .. properties["cwe"].Texts.Select(Prefixed),
            .. node["relationships"].Items.Select(r => SarifTaxa.NameOf(r["target"])).OfType<string>(),
            Id ?? "",
        ]) ?? [];
    }

    public string? Id { get; }

    public string? Name { get; }

    public string? Url { get; }

    public string? Description { get; }

    public string? Level { get; }

    public double? SecuritySeverity { get; }

    public IReadOnlyList<string> Tags { get; }

    public IReadOnlyList<string> Cwe { get; }

    /// <summary>What its tags say that it finds; null when they say nothing about that.</summary>
    public Category? Category { get; }

    public string? MessageOf(string id) => messages[id]["text"].Text ?? messages[id].Text;

    private bool Tagged(string tag, string other) => Tags.Any(t => t.Equals(tag, StringComparison.OrdinalIgnoreCase) || t.Equals(other, StringComparison.OrdinalIgnoreCase));

    /// <summary>Some tools write the bare number.</summary>
    public static string Prefixed(string cwe) => cwe.Length > 0 && char.IsAsciiDigit(cwe[0]) ? "CWE-" + cwe : cwe;
}

/// <summary>References to entries of a taxonomy (section 3.52).</summary>
internal static class SarifTaxa
{
    /// <returns>The entry's name as CWE-79; null when the taxonomy is another one.</returns>
    public static string? NameOf(ReportNode reference)
    {
        var id = reference["id"].Text;
        return id is null ? null
            : id.StartsWith("CWE", StringComparison.OrdinalIgnoreCase) ? id
            : reference["toolComponent"]["name"].Text?.StartsWith("CWE", StringComparison.OrdinalIgnoreCase) == true ? "CWE-" + id
            : null;
    }
}
