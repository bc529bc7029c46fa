using System.Globalization;
using System.Text.Json;
using SecOps.Findings;

namespace SecOps.Scanners.Wapiti;

/// <summary>Wapiti's JSON: <c>{"vulnerabilities": {NAME: [entry]}, "anomalies": {…}, "classifications": {NAME: {…}}, "infos": {…}}</c>.</summary>
internal static class WapitiReport
{
    public static void Read(Stream report, ReportSink sink) => ReportJson.Read(report, "the Wapiti report", sink, Document);

    private static SecOpsException NotWapiti(string why) =>
        SecOpsException.Tool($"this is not a Wapiti JSON report ({why}). Write one with: wapiti -u URL -f json -o FILE");

    private static void Document(ref JsonCursor json, ReportSink sink)
    {
        if (json.Peek() != JsonTokenType.StartObject)
        {
            throw NotWapiti("it is no object");
        }

        var root = ReportNode.Read(ref json);
        var infos = root["infos"];
        if (!root["vulnerabilities"].IsObject || !infos.IsObject)
        {
            throw NotWapiti("it has no \"vulnerabilities\" by name, or no \"infos\"");
        }

        sink.ToolVersion ??= infos["version"].Text?.Split(' ')[^1];
        // Entries hold the path alone.
        var target = Uri.TryCreate(infos["target"].Text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? address.GetLeftPart(UriPartial.Authority) : "";
        foreach (var (name, entries) in root["vulnerabilities"].Members)
        {
            foreach (var entry in entries.Items)
            {
                var level = entry["level"].Text;
                sink.CountEntry(level);
                sink.Add(Finding(name, entry, target, level, root["classifications"][name], sink));
            }
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
