using System.Xml;

namespace SecOps.Scanners.Wapiti;

/// <summary>Wapiti's XML (<c>-f xml</c>), laid out as its JSON is.</summary>
internal static class WapitiXml
{
    /// <returns>Null when the document is another one.</returns>
    public static ReportNode? Read(XmlReader xml)
    {
        if (xml.LocalName != "report" || xml.GetAttribute("type") != "security")
        {
            return null;
        }

        List<KeyValuePair<string, ReportNode>> infos = [], vulnerabilities = [], anomalies = [], classifications = [];
        var depth = xml.Depth;
        xml.Read();
        while (xml.Depth > depth)
        {
            if (xml.NodeType != XmlNodeType.Element)
            {
                xml.Read();
            }
            else if (xml.LocalName == "info")
            {
                var name = xml.GetAttribute("name") ?? "";
                var text = ReportNode.Of(ReportXml.Text(xml));
                infos.Add(new(name switch { "generatorVersion" => "version", "crawledPages" => "crawled_pages_nbr", _ => name }, text));
            }
            else if (xml.LocalName is "vulnerability" or "anomaly")
            {
                var list = xml.LocalName == "vulnerability" ? vulnerabilities : anomalies;
                var name = xml.GetAttribute("name") ?? "(unnamed)";
                var (entries, classification) = Weakness(xml);
                list.Add(new(name, entries));
                classifications.Add(new(name, classification));
            }
            else
            {
                xml.Read();
            }
        }

        List<KeyValuePair<string, ReportNode>> root =
        [
            new("infos", ReportNode.Of(infos)), new("vulnerabilities", ReportNode.Of(vulnerabilities)),
            new("anomalies", ReportNode.Of(anomalies)), new("classifications", ReportNode.Of(classifications)),
        ];
        return infos.Exists(i => i.Key == "target") ? ReportNode.Of(root) : null;
    }

    private static (ReportNode Entries, ReportNode Classification) Weakness(XmlReader xml)
    {
        var entries = new List<ReportNode>();
        List<KeyValuePair<string, ReportNode>> classification = [], references = [];
        string? title = null;
        Children(xml, () =>
        {
            switch (xml.LocalName)
            {
                case "description": classification.Add(new("desc", ReportNode.Of(ReportXml.Text(xml)))); break;
                case "solution": classification.Add(new("sol", ReportNode.Of(ReportXml.Text(xml)))); break;
                case "title": title = ReportXml.Text(xml); break;
                case "url": references.Add(new(title ?? "", ReportNode.Of(ReportXml.Text(xml)))); break;
                case "entry": entries.Add(Entry(xml)); break;
                // Lists of what is above.
                default: xml.Read(); break;
            }
        });
        classification.Add(new("ref", ReportNode.Of(references)));
        return (ReportNode.Of(entries), ReportNode.Of(classification));
    }

    private static ReportNode Entry(XmlReader xml)
    {
        var members = new List<KeyValuePair<string, ReportNode>>();
        Children(xml, () =>
        {
            var name = xml.LocalName;
            members.Add(new(name, ReportNode.Of(ReportXml.Text(xml))));
        });
        return ReportNode.Of(members);
    }

    /// <summary>Calls back at each element below the current one; the callback moves on.</summary>
    private static void Children(XmlReader xml, Action element)
    {
        var depth = xml.Depth;
        var empty = xml.IsEmptyElement;
        xml.Read();
        while (!empty && xml.Depth > depth)
        {
            if (xml.NodeType == XmlNodeType.Element)
            {
                element();
            }
            else
            {
                xml.Read();
            }
        }

        if (!empty)
        {
            xml.Read();
        }
    }
}
