using System.Globalization;
using System.Text;

namespace SecOps.Reports;

/// <summary>
/// Text of unknown origin for Markdown as GitHub renders it. Punctuation that could open markup, end a table cell, mention a person, refer to an issue,
/// become a link, or look like a workflow command stands as a character reference; control characters become blanks.
/// </summary>
internal static class MarkdownText
{
    /// <param name="limit">Longer text is cut, with an ellipsis.</param>
    public static string Escape(string? text, int limit) => Escape(Cut(Terminal.Clean(text).Trim(), limit));

    /// <summary>At most so many characters; never half of one.</summary>
    public static string Cut(string text, int limit) =>
        text.Length <= limit ? text : text[..(char.IsHighSurrogate(text[limit - 2]) ? limit - 2 : limit - 1)] + "…";

    public static string Escape(string text)
    {
        var safe = new StringBuilder(text.Length + 16);
        var clean = Terminal.Clean(text).Trim();
        for (var i = 0; i < clean.Length; i++)
        {
            var c = clean[i];
            if (char.IsAsciiLetterOrDigit(c) || !char.IsAscii(c) || IsHarmless(c) || (c == '.' && (i == 0 || clean[i - 1] is not ('w' or 'W'))) || (c == ':' && IsLoneColon(clean, i)))
            {
                safe.Append(c);
                continue;
            }

            safe.Append(CultureInfo.InvariantCulture, $"&#{(int)c};");
            if (c is '@' or '#')
            {
                // Mentions and issue numbers are looked for after references have been resolved; a zero-width space parts them.
                safe.Append("&#8203;");
            }
        }

        return safe.ToString();
    }

    /// <summary>The same, in a monospaced font.</summary>
    public static string Code(string? text, int limit) => Escape(text, limit) is { Length: > 0 } safe ? $"<code>{safe}</code>" : "";

    // A hyphen or a digit could start a list, but this text never starts a line.
    private static bool IsHarmless(char c) => c is ' ' or ',' or ';' or '-' or '/' or '%' or '\'' or '(' or ')' or '?' or '=' or '+' or '"';

    /// <summary>Neither the start of an address (<c>://</c>) nor of a workflow command (<c>::</c>).</summary>
    private static bool IsLoneColon(string text, int at) =>
        (at == 0 || text[at - 1] != ':') && (at + 1 == text.Length || text[at + 1] is not (':' or '/'));
}
