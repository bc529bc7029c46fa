using System.Text;

namespace SecOps.Remediation;

/// <summary>Replaces the characters from <paramref name="Start"/> up to <paramref name="End"/>; everything else stays byte for byte.</summary>
internal readonly record struct TextEdit(int Start, int End, string Text)
{
    /// <exception cref="InvalidOperationException">Two edits overlap: a mistake in a rule.</exception>
    public static string Apply(string text, IEnumerable<TextEdit> edits)
    {
        var result = new StringBuilder(text.Length + 64);
        var at = 0;
        // A stable sort: insertions at one place keep the order in which they were made.
        foreach (var edit in edits.OrderBy(e => e.Start).ThenBy(e => e.End))
        {
            if (edit.Start < at || edit.End < edit.Start || edit.End > text.Length)
            {
                throw new InvalidOperationException($"overlapping edits at {edit.Start}");
            }

            result.Append(text, at, edit.Start - at).Append(edit.Text);
            at = edit.End;
        }

        return result.Append(text, at, text.Length - at).ToString();
    }
}
