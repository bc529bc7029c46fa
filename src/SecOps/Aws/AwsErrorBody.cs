using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Xml;
using System.Xml.Linq;
using Amazon.Runtime.Internal.Transform;

namespace SecOps.Aws;

/// <summary>
/// What an error answer says, in JSON (<c>__type</c>, <c>code</c>, the header <c>x-amzn-ErrorType</c>), in XML
/// (<c>Error/Code</c>), or in neither: a proxy's HTML page must still end as a clear error.
/// </summary>
internal static class AwsErrorBody
{
    public static (string Code, string Message, string? RequestId) Read(byte[] body, IWebResponseData headers, HttpStatusCode status)
    {
        var header = Header(headers, "x-amzn-ErrorType");
        var requestId = Header(headers, "x-amzn-RequestId") ?? Header(headers, "x-amz-request-id") ?? Header(headers, "x-amzn-requestid");
        var (code, message, inner) = FromJson(body) ?? FromXml(body) ?? (null, NotAws(body, status), null);
        return (Short(header ?? code) ?? string.Create(CultureInfo.InvariantCulture, $"HTTP{(int)status}"), message ?? "", requestId ?? inner);
    }

    /// <summary><c>com.amazonaws.ecs#ClientException:http://…</c> is <c>ClientException</c>.</summary>
    private static string? Short(string? code)
    {
        if (string.IsNullOrWhiteSpace(code))
        {
            return null;
        }

        code = code.Split(':')[0];
        return code[(code.LastIndexOf('#') + 1)..];
    }

    private static string? Header(IWebResponseData headers, string name) => headers.IsHeaderPresent(name) ? headers.GetHeaderValue(name) : null;

    private static (string? Code, string? Message, string? RequestId)? FromJson(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return null;
            }

            return (Member(document.RootElement, "__type", "code", "Code"), Member(document.RootElement, "message", "Message", "errorMessage"), null);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Member(JsonElement element, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String)
            {
                return value.GetString();
            }
        }

        return null;
    }

    private static (string? Code, string? Message, string? RequestId)? FromXml(byte[] body)
    {
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(body), QueryProtocol.XmlSettings);
            var root = XDocument.Load(reader).Root!;
            var error = root.DescendantsAndSelf().FirstOrDefault(e => e.Name.LocalName == "Error");
            var id = root.Descendants().FirstOrDefault(e => e.Name.LocalName is "RequestId" or "RequestID")?.Value;
            return error is null ? null : (Child(error, "Code"), Child(error, "Message"), id);
        }
        catch (XmlException)
        {
            return null;
        }
    }

    private static string? Child(XElement error, string name) => error.Elements().FirstOrDefault(e => e.Name.LocalName == name)?.Value;

    private static string NotAws(byte[] body, HttpStatusCode status)
    {
        var text = Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 4096)));
        if (text.Length == 0)
        {
            return $"an empty answer with the status {(int)status} {status}";
        }

        var title = text.IndexOf("<title>", StringComparison.OrdinalIgnoreCase) is var start and >= 0 && text.IndexOf("</title>", start, StringComparison.OrdinalIgnoreCase) is var end and > 0
            ? text[(start + 7)..end]
            : text[..Math.Min(text.Length, 120)];
        return $"the answer is not from AWS, it says \"{title.Trim()}\"; a proxy or another server may stand between";
    }
}
