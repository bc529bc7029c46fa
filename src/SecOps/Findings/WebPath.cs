using System.Text;

namespace SecOps.Findings;

/// <summary>The path of an address with what differs from one object to the next made one: <c>/users/17/edit</c> is <c>/users/{id}/edit</c>.</summary>
public static class WebPath
{
    private const string Id = "{id}";

    /// <summary>
    /// Scheme, host and port, query and fragment are left out: the same application is scanned on a developer's machine and in staging, and
    /// parameters are named apart. Numbers, UUIDs and hexadecimal names of 8 digits and more, also before an ending, become <c>{id}</c>.
    /// </summary>
    public static string Template(string? url)
    {
        var path = PathOf(url ?? "");
        if (path.IsEmpty)
        {
            return "/";
        }

        var result = new StringBuilder(path.Length);
        foreach (var range in path.Split('/'))
        {
            var segment = path[range];
            var session = segment.IndexOf(';');
            Append(result, session < 0 ? segment : segment[..session]);
            result.Append('/');
        }

        result.Length--;
        return result.Length == 0 ? "/" : result.ToString();
    }

    private static ReadOnlySpan<char> PathOf(ReadOnlySpan<char> url)
    {
        var scheme = url.IndexOf("://", StringComparison.Ordinal);
        if (scheme >= 0)
        {
            url = url[(scheme + 3)..];
            var slash = url.IndexOfAny('/', '?', '#');
            url = slash < 0 ? default : url[slash..];
        }

        var end = url.IndexOfAny('?', '#');
        return end < 0 ? url : url[..end];
    }

    private static void Append(StringBuilder result, ReadOnlySpan<char> segment)
    {
        if (IsNumber(segment) || Guid.TryParseExact(segment, "D", out _))
        {
            result.Append(Id);
            return;
        }

        // 4711.pdf, and main.3f2a9c1b.js: a build gives another name each time.
        var first = true;
        foreach (var range in segment.Split('.'))
        {
            var part = segment[range];
            var name = IsHexadecimal(part) || (first && IsNumber(part) && segment.Length > part.Length + 1 && !char.IsAsciiDigit(segment[part.Length + 1])) ? Id : part;
            result.Append(first ? "" : ".").Append(name);
            first = false;
        }
    }

    private static bool IsNumber(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExceptInRange('0', '9');

    /// <summary>With a digit in it: "facade" and the like are words.</summary>
    private static bool IsHexadecimal(ReadOnlySpan<char> text)
    {
        if (text.Length < 8 || !text.ContainsAnyInRange('0', '9'))
        {
            return false;
        }

        foreach (var c in text)
        {
            if (!char.IsAsciiHexDigit(c))
            {
                return false;
            }
        }

        return true;
    }
}
