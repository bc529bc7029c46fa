using System.Text.Json;
using System.Xml;
using SecOps.Findings.Json;

namespace SecOps.Scanners.Zap;

/// <summary>ZAP's traditional report, JSON (<c>-J</c>) or XML (<c>-x</c>): sites with alerts with instances.</summary>
internal static class ZapReport
{
    public static void Read(Stream report, ReportSink sink)
    {
        var (stream, isXml) = ReportXml.Look(report);
        if (isXml)
        {
            ReportXml.Read(stream, "the ZAP report", xml => ReadXml(xml, sink));
        }
        else
        {
            ReportJson.Read(stream, "the ZAP report", sink, Document);
        }
    }

    private static SecOpsException NotZap(string why) =>
        SecOpsException.Tool($"this is not a ZAP report ({why}). Write one with: zap-baseline.py -t URL -J FILE (JSON) or -x FILE (XML)");

    private static void Document(ref JsonCursor json, ReportSink sink)
    {
        if (json.Peek() != JsonTokenType.StartObject)
        {
            throw NotZap("it is no object");
        }

        var sites = false;
        json.BeginObject();
        while (json.NextMember())
        {
            if (json.Is("site"u8))
            {
                // The conversion from XML makes a lone site an object.
                if (json.Peek() == JsonTokenType.StartObject)
                {
                    sites |= Site(ref json, sink);
                }
                else if (ReportJson.BeginList(ref json, "site"))
                {
                    var any = false;
                    while (json.NextElement())
                    {
                        any = true;
                        sites |= Site(ref json, sink);
                    }

                    sites |= !any;
                }
            }
            else if (json.Is("afPlanErrors"u8))
            {
                foreach (var error in json.Texts())
                {
                    sink.AddUnread("(ZAP's automation plan)", ReportSink.Shorten(error, 300)!);
                }
            }
            else if (json.Is("@version"u8)) { sink.ToolVersion ??= json.Text(); }
            else { json.Skip(); }
        }

        if (!sites)
        {
            throw NotZap("it has no \"site\" with \"alerts\"");
        }
    }

    private static bool Site(ref JsonCursor json, ReportSink sink)
    {
        if (!json.BeginObject())
        {
            throw NotZap("\"site\" holds something that is not an object");
        }

        string? name = null;
        var alerts = new List<ZapAlert>();
        var any = false;
        while (json.NextMember())
        {
            if (json.Is("@name"u8) || json.Is("name"u8)) { name = json.Text(); any = true; }
            else if (json.Is("alerts"u8))
            {
                any = true;
                if (json.Peek() == JsonTokenType.StartObject)
                {
                    alerts.Add(Alert(ref json));
                }
                else if (ReportJson.BeginList(ref json, "alerts"))
                {
                    while (json.NextElement())
                    {
                        alerts.Add(Alert(ref json));
                    }
                }
            }
            else { json.Skip(); }
        }

        alerts.ForEach(a => a.Give(name, sink));
        return any;
    }

    private static ZapAlert Alert(ref JsonCursor json)
    {
        if (!json.BeginObject())
        {
            throw NotZap("\"alerts\" holds something that is not an object");
        }

        var alert = new ZapAlert();
        while (json.NextMember())
        {
            if (json.Is("instances"u8))
            {
                if (json.BeginArray())
                {
                    while (json.NextElement())
                    {
                        Instance(ref json, alert);
                    }
                }
            }
            else if (json.Is("pluginid"u8) || json.Is("pluginId"u8)) { alert.PluginId = json.Text(); }
            else if (json.Is("alertRef"u8)) { alert.Reference = json.Text(); }
            else if (json.Is("alert"u8)) { alert.Name ??= json.Text(); }
            else if (json.Is("name"u8)) { alert.Name = json.Text() ?? alert.Name; }
            else if (json.Is("riskcode"u8)) { alert.RiskCode = json.Text(); }
            else if (json.Is("riskdesc"u8)) { alert.RiskDescription = json.Text(); }
            else if (json.Is("confidence"u8)) { alert.Confidence = json.Text(); }
            else if (json.Is("desc"u8)) { alert.Description = json.Text(); }
            else if (json.Is("solution"u8)) { alert.Solution = json.Text(); }
            else if (json.Is("reference"u8)) { alert.Links = json.Text(); }
            else if (json.Is("cweid"u8)) { alert.Cwe = json.Integer(); }
            else { json.Skip(); }
        }

        return Checked(alert);
    }

    private static void Instance(ref JsonCursor json, ZapAlert alert)
    {
        if (!json.BeginObject())
        {
            return;
        }

        string? uri = null, method = null, parameter = null;
        while (json.NextMember())
        {
            if (json.Is("uri"u8)) { uri = json.Text(); }
            else if (json.Is("method"u8)) { method = json.Text(); }
            else if (json.Is("param"u8)) { parameter = json.Text(); }
            else { json.Skip(); }
        }

        alert.AddInstance(uri, method, parameter);
    }

    private static ZapAlert Checked(ZapAlert alert) =>
        alert.PluginId is null && alert.Name is null ? throw NotZap("an alert has neither \"pluginid\" nor \"name\"") : alert;

    private static void ReadXml(XmlReader xml, ReportSink sink)
    {
        if (xml.LocalName != "OWASPZAPReport")
        {
            throw NotZap($"its root is <{xml.LocalName}>, not <OWASPZAPReport>");
        }

        sink.ToolVersion ??= xml.GetAttribute("version");
        string? site = null;
        while (xml.Read())
        {
            if (xml.NodeType != XmlNodeType.Element)
            {
                continue;
            }

            if (xml.LocalName == "site") { site = xml.GetAttribute("name"); }
            else if (xml.LocalName == "alertitem") { AlertItem(xml, site, sink); }
        }
    }

    private static void AlertItem(XmlReader xml, string? site, ReportSink sink)
    {
        var alert = new ZapAlert();
        string? uri = null, method = null, parameter = null;
        // Before 2.8 the instances' members stood in the alert itself when there was one.
        var inInstances = false;
        if (xml.IsEmptyElement)
        {
            throw NotZap("an alert is empty");
        }

        var depth = xml.Depth;
        xml.Read();
        while (xml.Depth > depth)
        {
            if (xml.NodeType == XmlNodeType.EndElement && xml.LocalName == "instance")
            {
                alert.AddInstance(uri, method, parameter);
                (uri, method, parameter) = (null, null, null);
                inInstances = true;
            }

            if (xml.NodeType != XmlNodeType.Element || xml.LocalName is "instances" or "instance")
            {
                xml.Read();
                continue;
            }

            // Reading an element's content moves on to what follows it.
            var name = xml.LocalName;
            var text = ReportXml.Text(xml);
            switch (name)
            {
                case "pluginid": alert.PluginId = text; break;
                case "alertRef": alert.Reference = text; break;
                case "alert": alert.Name ??= text; break;
                case "name": alert.Name = text ?? alert.Name; break;
                case "riskcode": alert.RiskCode = text; break;
                case "riskdesc": alert.RiskDescription = text; break;
                case "confidence": alert.Confidence = text; break;
                case "desc": alert.Description = text; break;
                case "solution": alert.Solution = text; break;
                case "reference": alert.Links = text; break;
                case "cweid": alert.Cwe = int.TryParse(text, out var cwe) ? cwe : null; break;
                case "uri": uri = text; break;
                case "method": method = text; break;
                case "param": parameter = text; break;
            }
        }

        if (!inInstances && uri is not null)
        {
            alert.AddInstance(uri, method, parameter);
        }

        Checked(alert).Give(site, sink);
    }
}
