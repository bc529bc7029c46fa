using System.Text.Json;
using SecOps.Findings;
using SecOps.Findings.Json;

namespace SecOps.Scanners.Safety;

/// <summary>
/// The JSON of Safety in its three forms: rows of columns (0.x and 1.x), <c>safety check</c> of 2.x and 3.x, and
/// <c>safety scan</c> (schema 3.0), which nests vulnerabilities below projects, files, dependencies and specifications.
/// </summary>
internal static class SafetyReport
{
    public static void Read(Stream report, ReportSink sink) => ReportJson.Read(report, "the Safety report", sink, Document);

    private static SecOpsException NotSafety(string why) =>
        SecOpsException.Tool($"this is not a Safety JSON report ({why}). Write one with: safety check --json, or safety scan --output json");

    private static void Document(ref JsonCursor json, ReportSink sink)
    {
        switch (json.Peek())
        {
            case JsonTokenType.StartArray:
                json.BeginArray();
                while (json.NextElement())
                {
                    Row(ReportNode.Read(ref json), sink);
                }

                break;
            case JsonTokenType.StartObject:
                var root = ReportNode.Read(ref json);
                if (root["scan_results"].IsObject && root["meta"].IsObject)
                {
                    Scan(root, sink);
                }
                else if (root.Has("vulnerabilities") && (root.Has("report_meta") || root.Has("scanned_packages") || root.Has("affected_packages")))
                {
                    Check(root, sink);
                }
                else
                {
                    throw NotSafety("it has neither \"report_meta\" with \"vulnerabilities\" nor \"scan_results\"");
                }

                break;
            default:
                throw NotSafety("it is a lone value");
        }
    }

    /// <summary>Package, affected versions, installed version, advisory, id, and in later versions CVE or CVSS.</summary>
    private static void Row(ReportNode row, ReportSink sink)
    {
        if (row.Items.Count < 5 || row[0].Text is not { } package || row[4].Text is not { } id)
        {
            throw NotSafety("its list holds something else than rows of package, specification, version, advisory and id");
        }

        sink.CountEntry(null);
        var cve = row.Items.Skip(5).Select(i => i.Text).FirstOrDefault(t => t?.StartsWith("CVE-", StringComparison.Ordinal) == true);
        sink.Add(Finding(package, row[2].Text, id, cve, row[3].Text, null, null, Severity.Unknown, null, sink));
    }

    private static void Check(ReportNode root, ReportSink sink)
    {
        sink.ToolVersion ??= root["report_meta"]["safety_version"].Text;
        var manifest = root["report_meta"]["scan_target"].Text is "files" or "file" ? root["report_meta"]["scanned"][0].Text : null;
        foreach (var v in root.List("vulnerabilities"))
        {
            var (word, severity) = SafetySeverity.Of(v["severity"]);
            sink.CountEntry(word);
            if (v["ignored"].IsTrue)
            {
                continue;
            }

            var id = v["vulnerability_id"].Text ?? throw NotSafety("a vulnerability lacks its \"vulnerability_id\"");
            var fixedVersions = v["fixed_versions"].Texts.ToList();
            sink.Add(Finding(
                v["package_name"].Text ?? "(unnamed package)", v["analyzed_version"].Text, id, v["CVE"].Text, v["advisory"].Text,
                fixedVersions.Count == 0 ? null : string.Join(", ", fixedVersions), word, severity, manifest, sink, v["more_info_url"].Text));
        }
    }

    private static void Scan(ReportNode root, ReportSink sink)
    {
        sink.ToolVersion ??= root["meta"]["telemetry"]["safety_version"].Text;
        var results = root["scan_results"];
        var files = results.List("files").Concat(results.List("projects").SelectMany(p => p.List("files")));
        foreach (var file in files)
        {
            foreach (var dependency in file["results"].List("dependencies"))
            {
                foreach (var specification in dependency.List("specifications"))
                {
                    Specification(specification, dependency["name"].Text, file["location"].Text, sink);
                }
            }
        }
    }

    private static void Specification(ReportNode specification, string? package, string? location, ReportSink sink)
    {
        var raw = specification["raw"].Text;
        var version = raw is not null && raw.IndexOf("==", StringComparison.Ordinal) is > 0 and var at ? raw[(at + 2)..].Split(';', ',', ' ')[0].Trim() : null;
        var vulnerabilities = specification["vulnerabilities"];
        var recommended = vulnerabilities["remediation"]["recommended"].Text;
        foreach (var v in vulnerabilities.List("known_vulnerabilities"))
        {
            // Ignored by the project's own policy; the tool does not count them either.
            if (v["ignored"].IsObject || v["ignored"].IsTrue)
            {
                continue;
            }

            var id = v["id"].Text ?? throw NotSafety("a vulnerability lacks its \"id\"");
            var (word, severity) = SafetySeverity.Of(v["cve"]);
            sink.CountEntry(word);
            sink.Add(Finding(package ?? "(unnamed package)", version, id, v["cve"]["name"].Text, v["cve"]["advisory"].Text, recommended, word, severity, location, sink));
        }
    }

    private static Finding Finding(
        string package, string? version, string id, string? cve, string? advisory, string? fixedVersion, string? word, Severity severity, string? manifest, ReportSink sink, string? url = null)
    {
        // The numbers are Safety's own; a prefix keeps them from meeting another database's. Several CVEs can stand behind one.
        var names = (cve ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Append($"SAFETY-{id}").Order(StringComparer.Ordinal).ToList();
        var file = manifest is null ? null : sink.RelativePath(manifest);
        return new Finding
        {
            Category = Category.Dependency,
            Severity = severity,
            Title = $"{names[0]} in {package}{(version is null ? "" : " " + version)}",
            Message = ReportSink.Shorten(advisory),
            Rule = new Rule(names[0], Url: ReportSink.WebAddress(url), Advisories: names),
            Location = new Location
            {
                Path = file ?? sink.Manifest ?? PythonPackage.UsualManifest,
                Package = PythonPackage.Of(package, version, fixedVersion, file ?? sink.Manifest),
            },
            Scanners = [new Detection(sink.Scanner, id, word)],
        };
    }
}
