using System.Text;
using System.Xml;

namespace SecOps.Scanners;

/// <summary>Reads XML reports. A report is hostile input: no document type, no entities, nothing is ever fetched.</summary>
internal static class ReportXml
{
    private static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        IgnoreComments = true,
        IgnoreWhitespace = true,
        IgnoreProcessingInstructions = true,
        // Attacks hold control characters, which scanners write as they are.
        CheckCharacters = false,
    };

    /// <returns>A stream of the whole report, and whether it is XML.</returns>
    public static (Stream Report, bool IsXml) Look(Stream report)
    {
        var head = new byte[4096];
        var length = report.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        var at = head.AsSpan(0, length).IndexOfAnyExcept(" \t\r\n"u8);
        if (at < 0 || head[at] != '<')
        {
            return (PrefixedStream.PutBack(head, 0, length, report), false);
        }

        // The declaration has to be first; a blank line or a licence put before it makes the rest no worse.
        var declaration = head.AsSpan(0, length).IndexOf("<?xml "u8);
        var start = declaration > 0 && (declaration == at || head.AsSpan(at).StartsWith("<!--"u8)) ? declaration : at;
        return (PrefixedStream.PutBack(head, start, length, report), true);
    }

    /// <param name="name">Names the report in errors.</param>
    /// <param name="read">Takes the document, standing at its root element.</param>
    /// <exception cref="SecOpsException">It is no well-formed XML.</exception>
    public static void Read(Stream report, string name, Action<XmlReader> read)
    {
        try
        {
            // Opened as UTF-8 whatever it was before, so what the declaration says of UTF-16 no longer holds.
            var (text, declared) = Declared(report);
            using var xml = declared ? XmlReader.Create(new StreamReader(text, Encoding.UTF8), Settings) : XmlReader.Create(text, Settings);
            xml.MoveToContent();
            read(xml);
        }
        catch (XmlException e)
        {
            throw SecOpsException.Tool($"{name} is not valid XML: {e.Message}", e);
        }
    }

    /// <summary>The element's text, whatever stands in it; null when blank. Moves on to what follows the element.</summary>
    public static string? Text(XmlReader xml)
    {
        if (xml.IsEmptyElement)
        {
            xml.Read();
            return null;
        }

        var text = new StringBuilder();
        var depth = xml.Depth;
        while (xml.Read() && xml.Depth > depth)
        {
            if (xml.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace && text.Length < 16 * 1024)
            {
                text.Append(xml.Value);
            }
        }

        xml.Read();
        var result = text.ToString().Trim();
        return result.Length == 0 ? null : result;
    }

    private static (Stream Report, bool Utf16) Declared(Stream report)
    {
        var head = new byte[256];
        var length = report.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        var declaration = Encoding.Latin1.GetString(head, 0, length).Split("?>")[0];
        return (PrefixedStream.PutBack(head, 0, length, report), declaration.StartsWith("<?xml", StringComparison.Ordinal) && declaration.Contains("utf-16", StringComparison.OrdinalIgnoreCase));
    }
}
