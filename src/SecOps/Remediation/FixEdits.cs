using DiffPlex;
using SecOps.Findings;

namespace SecOps.Remediation;

/// <summary>Says a change of a file as edits of whole lines.</summary>
internal static class FixEdits
{
    /// <param name="mask">Takes secrets out of a text.</param>
    /// <returns>Empty when a text that comes in holds a secret: without it the change would be another.</returns>
    public static IReadOnlyList<FixChange> Of(IReadOnlyList<FileChange> changes, Func<string, string> mask)
    {
        var result = new List<FixChange>();
        foreach (var change in changes)
        {
            var difference = new Differ().CreateCustomDiffs(change.Before ?? "", change.After, ignoreWhiteSpace: false, Lines);
            var edits = difference.DiffBlocks.Select(b => new FixEdit(
                b.DeleteStartA + 1,
                b.DeleteCountA,
                mask(string.Concat(difference.PiecesOld.Skip(b.DeleteStartA).Take(b.DeleteCountA))),
                string.Concat(difference.PiecesNew.Skip(b.InsertStartB).Take(b.InsertCountB)))).ToList();
            if (edits.Exists(e => mask(e.Added) != e.Added))
            {
                return [];
            }

            result.Add(new FixChange(change.Path, edits));
        }

        return result;
    }

    /// <summary>Lines with their ends, which a change may be about too.</summary>
    private static string[] Lines(string text)
    {
        var lines = new List<string>();
        for (int at = 0, end; at < text.Length; at = end)
        {
            end = text.AsSpan(at).IndexOfAny('\r', '\n') is >= 0 and var found ? at + found + 1 : text.Length;
            end += text[end - 1] == '\r' && end < text.Length && text[end] == '\n' ? 1 : 0;
            lines.Add(text[at..end]);
        }

        return [.. lines];
    }
}
