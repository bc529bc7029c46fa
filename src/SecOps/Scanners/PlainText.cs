using System.Net;
using System.Text.RegularExpressions;

namespace SecOps.Scanners;

/// <summary>Explanations that come as HTML, as text.</summary>
internal static partial class PlainText
{
    [GeneratedRegex(@"</(p|li|div|tr|h\d)>|<br\s*/?>", RegexOptions.IgnoreCase)]
    private static partial Regex LineEnd();

    [GeneratedRegex(@"</?[a-z][^<>]{0,200}>", RegexOptions.IgnoreCase)]
    private static partial Regex Tag();

    public static string? Of(string? html)
    {
        if (html is null || !html.Contains('<', StringComparison.Ordinal))
        {
            return html is null ? null : WebUtility.HtmlDecode(html).Trim();
        }

        return WebUtility.HtmlDecode(Tag().Replace(LineEnd().Replace(html, "\n"), "")).Trim();
    }
}
