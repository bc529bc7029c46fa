using System.Text.Json;
using SecOps.Findings;
using SecOps.Findings.Json;

namespace SecOps.Scanners.Sonar;

/// <summary>
/// Answers of SonarQube's <c>api/issues/search</c> and <c>api/hotspots/search</c> (also several pages collected in one list),
/// the scanner's own issues report of old versions, and the export of the npm tool sonar-report.
/// </summary>
internal static class SonarReport
{
    public static void Read(Stream report, ReportSink sink) => ReportJson.Read(report, "the SonarQube report", sink, Document);

    private static SecOpsException NotSonar(string why) =>
        SecOpsException.Tool($"these are no SonarQube findings ({why}). Save an answer of api/issues/search or api/hotspots/search.");

    private static void Document(ref JsonCursor json, ReportSink sink)
    {
        if (json.Peek() == JsonTokenType.StartArray)
        {
            json.BeginArray();
            while (json.NextElement())
            {
                var node = ReportNode.Read(ref json);
                if (node["issues"].IsArray || node["hotspots"].IsArray)
                {
                    foreach (var issue in node["issues"].Items.Concat(node["hotspots"].Items))
                    {
                        Entry(issue, sink);
                    }
                }
                else
                {
                    Entry(node, sink);
                }
            }
        }
        else if (json.Peek() == JsonTokenType.StartObject)
        {
            Answer(ref json, sink);
        }
        else
        {
            throw NotSonar("it is a lone value");
        }
    }

    private static void Answer(ref JsonCursor json, ReportSink sink)
    {
        var (lists, sonar) = (0, false);
        string? other = null;
        var paging = ReportNode.Missing;
        var before = sink.Entries;
        json.BeginObject();
        while (json.NextMember())
        {
            if (json.Is("issues"u8) || json.Is("hotspots"u8))
            {
                if (ReportJson.BeginList(ref json, "issues"))
                {
                    lists++;
                    while (json.NextElement())
                    {
                        Entry(ReportNode.Read(ref json), sink);
                        sonar = true;
                    }
                }
            }
            else if (json.Is("paging"u8)) { paging = ReportNode.Read(ref json); sonar = true; }
            else if (json.Is("projectStatus"u8) || json.Is("qualityGate"u8)) { other = "it is the answer of a quality gate"; json.Skip(); }
            else if (json.Is("task"u8) || json.Is("tasks"u8) || json.Is("ceTaskId"u8)) { other = "it is the answer about an analysis task"; json.Skip(); }
            else if (json.Is("total"u8) || json.Is("components"u8) || json.Is("sonarBaseURL"u8) || json.Is("sonarComponent"u8) || json.Is("version"u8)) { sonar = true; json.Skip(); }
            else { json.Skip(); }
        }

        if (lists == 0 || !sonar)
        {
            throw NotSonar(other ?? "it has neither \"issues\" nor \"hotspots\"");
        }

        var read = sink.Entries - before;
        if (paging["total"].Integer > read && paging["pageSize"].Integer <= read)
        {
            sink.AddUnread("(further pages)", $"the answer holds {read} of {paging["total"].Integer}; save all pages");
        }
    }

    private static void Entry(ReportNode e, ReportSink sink)
    {
        var isHotspot = e["vulnerabilityProbability"].Text is not null || e["securityCategory"].Text is not null;
        var rule = e["rule"].Text ?? e["ruleKey"].Text ?? e["rule"]["key"].Text ?? (isHotspot ? "hotspot:" + (e["securityCategory"].Text ?? "others") : null);
        var component = e["component"].Text ?? e["component"]["key"].Text;
        if (rule is null || (component is null && e["project"].Text is null))
        {
            throw NotSonar("an entry lacks its \"rule\" or its \"component\"");
        }

        var word = e["severity"].Text ?? e["vulnerabilityProbability"].Text ?? SonarSeverity.WorstImpact(e["impacts"]);
        sink.CountEntry(word);
        if (!IsOpen(e))
        {
            return;
        }

        Count(e, isHotspot, sink);

        var range = e["textRange"];
        var message = e["message"].Text ?? e["description"].Text ?? e["name"].Text ?? rule;
        sink.Add(new Finding
        {
            Category = Category.Code,
            Severity = SonarSeverity.Of(word, isHotspot || e["severity"].Text is null),
            Title = ReportSink.Shorten(message.Split('\n')[0].Trim(), 200)!,
            Message = ReportSink.Shorten(message),
            Rule = new Rule(rule, e["description"].Text, null, CweNames.In(e["tags"].Texts)),
            Location = new Location
            {
                Path = PathOf(component, e) is { } path ? sink.RelativePath(path) : null,
                StartLine = range["startLine"].Integer ?? e["startLine"].Integer ?? e["line"].Integer,
                EndLine = range["endLine"].Integer ?? e["endLine"].Integer ?? e["line"].Integer,
                // SonarQube counts columns from 0.
                StartColumn = (range["startOffset"].Integer ?? e["startOffset"].Integer) is >= 0 and var column ? column + 1 : null,
            },
            Scanners = [new Detection(sink.Scanner, rule, word)],
        });
    }

    private static void Count(ReportNode e, bool isHotspot, ReportSink sink)
    {
        var project = e["project"].Text ?? e["project"]["key"].Text;
        var quality = sink.Quality ?? new ProjectQuality(project);
        if (quality.ProjectKey != project && quality.Gate is null)
        {
            quality = quality with { ProjectKey = null };
        }

        sink.Quality = (isHotspot ? "SECURITY_HOTSPOT" : SonarSeverity.TypeOf(e)) switch
        {
            "BUG" => quality with { Bugs = quality.Bugs + 1 },
            "VULNERABILITY" => quality with { Vulnerabilities = quality.Vulnerabilities + 1 },
            "CODE_SMELL" => quality with { CodeSmells = quality.CodeSmells + 1 },
            "SECURITY_HOTSPOT" => quality with { Hotspots = quality.Hotspots + 1 },
            _ => quality,
        };
    }

    /// <summary>What is resolved, closed, reviewed or accepted is no finding any more; the server keeps and lists it.</summary>
    private static bool IsOpen(ReportNode e) =>
        e["resolution"].Text is null
        && (e["issueStatus"].Text ?? e["status"].Text)?.ToUpperInvariant() is null or "OPEN" or "CONFIRMED" or "REOPENED" or "TO_REVIEW";

    /// <summary>A component's key is the project's key, the module's in between, and the path, with colons. Keys hold colons too.</summary>
    private static string? PathOf(string? component, ReportNode e)
    {
        if (component is null || component == e["project"].Text || component == e["subProject"].Text)
        {
            return null;
        }

        foreach (var prefix in new[] { e["subProject"].Text, e["project"].Text })
        {
            if (prefix is not null && component.StartsWith(prefix + ":", StringComparison.Ordinal))
            {
                return component[(prefix.Length + 1)..];
            }
        }

        return component[(component.LastIndexOf(':') + 1)..];
    }
}
