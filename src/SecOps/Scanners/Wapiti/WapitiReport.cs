using System.Globalization;
using SecOps.Findings;
using SecOps.Findings.Json;

namespace SecOps.Scanners.Wapiti;

/// <summary>Wapiti's report, JSON or XML: <c>{"vulnerabilities": {NAME: [entry]}, "anomalies": {…}, "classifications": {NAME: {…}}, "infos": {…}}</c>.</summary>
internal static class WapitiReport
{
    private const string Name = "the Wapiti report";

    public static void Read(Stream report, ReportSink sink)
    {
        var (stream, isXml) = ReportXml.Look(report);
        if (isXml)
        {
            ReportXml.Read(stream, Name, xml => Document(WapitiXml.Read(xml) ?? throw NotWapiti($"its root is <{xml.LocalName}>"), sink));
        }
        else
        {
            ReportJson.Read(stream, Name, sink, (ref JsonCursor json, ReportSink s) => Document(ReportNode.Read(ref json), s));
        }
    }

    private static SecOpsException NotWapiti(string why) =>
        SecOpsException.Tool($"this is not a Wapiti report ({why}). Write one with: wapiti -u URL -f json -o FILE");

    private static void Document(ReportNode root, ReportSink sink)
    {
        var infos = root["infos"];
        if (!root["vulnerabilities"].IsObject || !infos.IsObject)
        {
            throw NotWapiti("it has no \"vulnerabilities\" by name, or no \"infos\"");
        }

        sink.ToolVersion ??= infos["version"].Text?.Split(' ')[^1];
        // Entries hold the path alone.
        var target = Uri.TryCreate(infos["target"].Text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? address.GetLeftPart(UriPartial.Authority) : "";
        foreach (var name in root["vulnerabilities"].Members.Select(m => m.Key).Distinct())
        {
            foreach (var entry in root["vulnerabilities"].List(name))
            {
                var level = entry["level"].Text;
                sink.CountEntry(level);
                sink.Add(Finding(name, entry, target, level, root["classifications"][name], sink));
            }
        }

        if (infos["crawled_pages_nbr"].Integer == 0)
        {
            sink.Fail($"Wapiti reached no page of {infos["target"].Text ?? "the application"}");
        }

        // A server error under attack says that something is wrong, not what: worth knowing, no finding.
        var anomalies = root["anomalies"].Members.Sum(m => m.Value.Items.Count);
        if (anomalies > 0)
        {
            sink.Note = string.Create(CultureInfo.InvariantCulture, $"{anomalies} anomalies (server errors and the like) are in the raw report");
        }
    }

    private static Finding Finding(string name, ReportNode entry, string target, string? level, ReportNode classification, ReportSink sink)
    {
        var parameter = entry["parameter"].Text;
        return new Finding
        {
            Category = Category.Web,
            Severity = level switch { "4" => Severity.Critical, "3" => Severity.High, "2" => Severity.Medium, "1" => Severity.Low, "0" => Severity.Info, _ => Severity.Unknown },
            Title = ReportSink.Shorten(parameter is null ? name : $"{name} in parameter {parameter}", 200)!,
            Message = ReportSink.Shorten(entry["info"].Text ?? classification["desc"].Text),
            Rule = new Rule(
                name, name,
                classification["ref"].Members.Select(r => ReportSink.WebAddress(r.Value.Text)).FirstOrDefault(u => u is not null),
                CweNames.In(classification["ref"].Members.Select(r => r.Key))),
            Location = new Location
            {
                Url = ReportSink.Shorten(target + (entry["path"].Text ?? "/"), 2000),
                Method = entry["method"].Text?.ToUpperInvariant(),
                Parameter = ReportSink.Shorten(parameter, 200),
            },
            Scanners = [new Detection(sink.Scanner, name, level)],
            Fix = classification["sol"].Text is { } solution ? new Fix(ReportSink.Shorten(solution, 500)) : null,
        };
    }
}
