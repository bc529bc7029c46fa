using SecOps.Findings;

namespace SecOps.Scanners.Trivy;

/// <summary>Turns Trivy's misconfigurations, secrets and licences into findings.</summary>
internal static class TrivyFindings
{
    public static Severity SeverityOf(string? word) => word?.ToUpperInvariant() switch
    {
        "CRITICAL" => Severity.Critical,
        "HIGH" => Severity.High,
        "MEDIUM" => Severity.Medium,
        "LOW" => Severity.Low,
        _ => Severity.Unknown,
    };

    public static Finding Misconfiguration(ReportNode m, TrivyTarget target, TrivyArtifact artifact, ReportSink sink)
    {
        var id = m["AVDID"].Text ?? m["ID"].Text ?? m["Title"].Text ?? "(unnamed check)";
        var cause = m["CauseMetadata"];
        var severity = m["Severity"].Text;
        return new Finding
        {
            Category = Category.Config,
            Severity = SeverityOf(severity),
            Title = ReportSink.Shorten(m["Title"].Text ?? id, 200)!,
            Message = ReportSink.Shorten(m["Message"].Text ?? m["Description"].Text),
            Rule = new Rule(TrivyRule.Canonical(id), m["Title"].Text, ReportSink.WebAddress(m["PrimaryURL"].Text)),
            Location = new Location
            {
                Path = PathOf(target, artifact, sink),
                StartLine = Line(cause["StartLine"]),
                EndLine = Line(cause["EndLine"]),
                Snippet = Cause(cause["Code"]),
                Resource = artifact.ClusterResource ?? cause["Resource"].Text,
                Image = artifact.Image,
            },
            Scanners = [new Detection(sink.Scanner, m["ID"].Text ?? id, severity)],
            Fix = m["Resolution"].Text is { } resolution ? new Fix(ReportSink.Shorten(resolution, 500)) : null,
        };
    }

    public static Finding Secret(ReportNode s, TrivyTarget target, TrivyArtifact artifact, ReportSink sink)
    {
        var id = s["RuleID"].Text ?? s["Title"].Text ?? s["VulnerabilityID"].Text ?? "(unnamed rule)";
        var severity = s["Severity"].Text;
        return new Finding
        {
            Category = Category.Secret,
            Severity = SeverityOf(severity),
            Title = ReportSink.Shorten(s["Title"].Text ?? id, 200)!,
            Rule = new Rule(id, s["Title"].Text),
            Location = new Location
            {
                Path = PathOf(target, artifact, sink),
                StartLine = Line(s["StartLine"]),
                EndLine = Line(s["EndLine"]),
                // Trivy masks it itself.
                Snippet = ReportSink.Shorten(s["Match"].Text, Finding.MaxSnippet),
                Image = artifact.Image,
                Resource = artifact.ClusterResource,
            },
            Scanners = [new Detection(sink.Scanner, id, severity)],
        };
    }

    public static Finding License(ReportNode l, TrivyTarget target, TrivyArtifact artifact, ReportSink sink)
    {
        var license = l["Name"].Text ?? "(unknown licence)";
        var package = l["PkgName"].Text;
        var file = l["FilePath"].Text ?? target.Name;
        var severity = l["Severity"].Text;
        return new Finding
        {
            Category = Category.Dependency,
            Severity = SeverityOf(severity),
            Title = ReportSink.Shorten($"licence {license}{(package is null ? "" : $" of {package}")}", 200)!,
            Message = l["Category"].Text,
            Rule = new Rule($"license:{license}", license, ReportSink.WebAddress(l["Link"].Text)),
            Location = new Location
            {
                Path = file is null ? null : sink.RelativePath(file),
                Package = package is null ? null : new Package(null, package, null, null, file is null ? null : sink.RelativePath(file)),
                Image = artifact.Image,
            },
            Scanners = [new Detection(sink.Scanner, license, severity)],
        };
    }

    /// <summary>Files have paths; a cluster's resource and an image's own configuration have none.</summary>
    private static string? PathOf(TrivyTarget target, TrivyArtifact artifact, ReportSink sink) =>
        target.Name is null || (artifact.ClusterResource is not null && target.Class == "config") || target.Name == artifact.Name ? null : sink.RelativePath(target.Name);

    private static int? Line(ReportNode line) => line.Integer is > 0 and var number ? number : null;

    private static string? Cause(ReportNode code)
    {
        var lines = code["Lines"].Items.Where(l => l["IsCause"].IsTrue).Select(l => l["Content"].Text ?? "").ToList();
        return lines.Count == 0 ? null : ReportSink.Shorten(string.Join('\n', lines), Finding.MaxSnippet);
    }
}
