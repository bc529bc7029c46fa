using System.Text.RegularExpressions;

namespace SecOps.Scanners;

/// <summary>Addresses of scanned pages, without what differs from run to run: one weakness of a page is one finding, however many records it shows.</summary>
internal static partial class WebPath
{
    [GeneratedRegex(@"^(\d+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{24,})$", RegexOptions.IgnoreCase)]
    private static partial Regex Id();

    /// <summary>
    /// The path of an address or of a request line, ids replaced: <c>/orders/17?x=1</c> becomes <c>/orders/{id}</c>. Never host
    /// and port: the same application is scanned at other addresses.
    /// </summary>
    public static string Template(string address)
    {
        var path = address.Trim();
        var scheme = path.IndexOf("://", StringComparison.Ordinal);
        if (scheme >= 0)
        {
            var slash = path.IndexOf('/', scheme + 3);
            path = slash < 0 ? "/" : path[slash..];
        }

        path = path.Split('?', '#')[0];
        var segments = path.Split('/').Select(s => Id().IsMatch(s) ? "{id}" : s);
        path = string.Join('/', segments);
        return path.StartsWith('/') ? path : "/" + path;
    }
}
