using System.Text;

namespace SecOps.Remediation.Bedrock;

/// <summary>One edit as the model writes it.</summary>
internal sealed record EditBlock(string Path, string Search, string Replace);

/// <summary>
/// Reads and applies edits as plain text: a line FILE: PATH, then SEARCH and REPLACE between marks. Lines that no edit names come
/// from the file, never from the model.
/// </summary>
internal static class EditBlocks
{
    public const string Begin = "<<<<<<< SEARCH";
    public const string Middle = "=======";
    public const string End = ">>>>>>> REPLACE";
    public const string None = "NO FIX:";

    /// <exception cref="FormatException">It is no such answer; the message is for the next attempt.</exception>
    public static IReadOnlyList<EditBlock> Parse(string answer)
    {
        var blocks = new List<EditBlock>();
        string? path = null;
        var lines = answer.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].Trim();
            if (line.StartsWith("FILE:", StringComparison.Ordinal))
            {
                path = line["FILE:".Length..].Trim().Trim('`');
            }
            else if (line == Begin)
            {
                var middle = Array.FindIndex(lines, i + 1, l => l.TrimEnd() == Middle);
                var end = middle < 0 ? -1 : Array.FindIndex(lines, middle + 1, l => l.TrimEnd() == End);
                if (path is null || end < 0)
                {
                    throw new FormatException(path is null ? "an edit names no file" : "an edit is never closed");
                }

                blocks.Add(new EditBlock(path, string.Join('\n', lines[(i + 1)..middle]), string.Join('\n', lines[(middle + 1)..end])));
                i = end;
            }
        }

        return blocks.Count > 0 ? blocks : throw new FormatException("the answer holds no edit");
    }

    /// <summary>The text with the edit: where the search text stands exactly once, else once but for line ends and trailing blanks, else once but for one indentation.</summary>
    /// <exception cref="FormatException">It stands there never or several times.</exception>
    public static string Apply(string text, EditBlock edit)
    {
        if (edit.Search.Trim().Length == 0)
        {
            throw new FormatException("a search text is empty");
        }

        var lineEnd = text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        var lines = text.Split('\n');
        var search = edit.Search.Split('\n');
        foreach (var same in new Func<string, string, bool>[] { static (a, b) => a == b, static (a, b) => a.TrimEnd() == b.TrimEnd() })
        {
            var places = Places(lines, search, same);
            if (places.Count > 1)
            {
                throw new FormatException($"the search text stands in {edit.Path} {places.Count} times; add lines around it");
            }

            if (places.Count == 1)
            {
                return Replace(lines, places[0], search.Length, edit.Replace.Split('\n'), lineEnd);
            }
        }

        var matches = Enumerable.Range(0, Math.Max(0, lines.Length - search.Length + 1)).Select(at => (At: at, Shift: Shift(lines, at, search))).Where(m => m.Shift is not null).ToList();
        if (matches.Count != 1)
        {
            throw new FormatException(matches.Count == 0 ? $"the search text does not stand in {edit.Path}; copy it exactly" : $"the search text stands in {edit.Path} {matches.Count} times; add lines around it");
        }

        var (found, shift) = (matches[0].At, matches[0].Shift!.Value);
        var replacement = edit.Replace.Split('\n').Select(l => l.Length == 0 ? l
            : shift.Add.Length > 0 ? shift.Add + l
            : l.StartsWith(shift.Remove, StringComparison.Ordinal) ? l[shift.Remove.Length..] : l.TrimStart());
        return Replace(lines, found, search.Length, [.. replacement], lineEnd);
    }

    private static List<int> Places(string[] lines, string[] search, Func<string, string, bool> same)
    {
        var places = new List<int>();
        for (var at = 0; at + search.Length <= lines.Length; at++)
        {
            if (Enumerable.Range(0, search.Length).All(i => same(lines[at + i], search[i])))
            {
                places.Add(at);
            }
        }

        return places;
    }

    /// <summary>The one difference of indentation between the file's lines and the search text's; null when there is not one alone.</summary>
    private static (string Add, string Remove)? Shift(string[] lines, int at, string[] search)
    {
        (string Add, string Remove)? shift = null;
        for (var i = 0; i < search.Length; i++)
        {
            var (file, wanted) = (lines[at + i].TrimEnd(), search[i].TrimEnd());
            if (file.TrimStart() != wanted.TrimStart())
            {
                return null;
            }

            if (file.Length == 0)
            {
                continue;
            }

            var (a, b) = (file[..^file.TrimStart().Length], wanted[..^wanted.TrimStart().Length]);
            (string, string)? here = a.EndsWith(b, StringComparison.Ordinal) ? (a[..^b.Length], "") : b.EndsWith(a, StringComparison.Ordinal) ? ("", b[..^a.Length]) : null;
            if (here is null || (shift is not null && shift != here))
            {
                return null;
            }

            shift = here;
        }

        return shift;
    }

    private static string Replace(string[] lines, int at, int count, string[] replacement, string lineEnd)
    {
        var result = new StringBuilder();
        result.AppendJoin('\n', lines[..at]);
        result.Append(at > 0 ? "\n" : "");
        // Nothing in place of whole lines takes their line ends along.
        var empty = replacement is [""];
        if (!empty)
        {
            result.AppendJoin(lineEnd, replacement);
            result.Append(lines[at + count - 1].EndsWith('\r') && lineEnd == "\r\n" ? "\r" : "");
        }

        if (at + count < lines.Length)
        {
            result.Append(empty ? "" : "\n").AppendJoin('\n', lines[(at + count)..]);
        }

        return result.ToString();
    }
}
