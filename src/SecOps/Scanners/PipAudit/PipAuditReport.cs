using System.Text.Json;
using SecOps.Findings;
using SecOps.Findings.Json;

namespace SecOps.Scanners.PipAudit;

/// <summary>pip-audit's JSON: <c>{"dependencies": [{"name", "version", "vulns": […]}], "fixes": […]}</c>, before 2.0 the bare list.</summary>
internal static class PipAuditReport
{
    public static void Read(Stream report, ReportSink sink) => ReportJson.Read(report, "the pip-audit report", sink, Document);

    private static SecOpsException NotPipAudit(string why) =>
        SecOpsException.Tool($"this is not a pip-audit JSON report ({why}). Write one with: pip-audit -f json -o FILE -r requirements.txt");

    private static void Document(ref JsonCursor json, ReportSink sink)
    {
        var skipped = new List<string>();
        if (json.Peek() == JsonTokenType.StartArray)
        {
            Dependencies(ref json, sink, skipped);
        }
        else if (json.Peek() == JsonTokenType.StartObject)
        {
            var found = false;
            json.BeginObject();
            while (json.NextMember())
            {
                if (json.Is("dependencies"u8) && json.Peek() == JsonTokenType.StartArray)
                {
                    found = true;
                    Dependencies(ref json, sink, skipped);
                }
                else { json.Skip(); }
            }

            if (!found)
            {
                throw NotPipAudit("it has no \"dependencies\"");
            }
        }
        else
        {
            throw NotPipAudit("it is a lone value");
        }

        if (skipped.Count > 0)
        {
            sink.Note = ReportSink.Shorten($"not audited: {string.Join(", ", skipped)}", 300);
        }
    }

    private static void Dependencies(ref JsonCursor json, ReportSink sink, List<string> skipped)
    {
        json.BeginArray();
        while (json.NextElement())
        {
            var dependency = ReportNode.Read(ref json);
            if (dependency["name"].Text is not { } name || (!dependency["vulns"].IsArray && dependency["skip_reason"].Text is null))
            {
                throw NotPipAudit("a dependency lacks its \"name\" or its \"vulns\"");
            }

            if (!dependency["vulns"].IsArray)
            {
                skipped.Add(name);
            }

            foreach (var v in dependency.List("vulns"))
            {
                var id = v["id"].Text ?? throw NotPipAudit("a vulnerability lacks its \"id\"");
                sink.CountEntry(null);
                sink.Add(Finding(v, id, name, dependency["version"].Text, sink));
            }
        }
    }

    private static Finding Finding(ReportNode v, string id, string name, string? version, ReportSink sink)
    {
        var advisories = v["aliases"].Texts.Append(id).Distinct().Order(StringComparer.Ordinal).ToList();
        var rule = advisories.Find(a => a.StartsWith("CVE-", StringComparison.Ordinal)) ?? id;
        var fixes = v["fix_versions"].Texts.ToList();
        var fixedVersion = fixes.Count == 0 ? null : string.Join(", ", fixes);
        return new Finding
        {
            Category = Category.Dependency,
            // The format has none.
            Severity = Severity.Unknown,
            Title = $"{rule} in {name}{(version is null ? "" : " " + version)}",
            Message = ReportSink.Shorten(v["description"].Text),
            Rule = new Rule(rule, Url: $"https://osv.dev/vulnerability/{Uri.EscapeDataString(id)}", Advisories: advisories),
            Location = new Location { Path = sink.Manifest ?? PythonPackage.UsualManifest, Package = PythonPackage.Of(name, version, fixedVersion, sink.Manifest) },
            Scanners = [new Detection(sink.Scanner, id, null)],
        };
    }
}
