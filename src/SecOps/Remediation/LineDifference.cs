using DiffPlex;

namespace SecOps.Remediation;

/// <summary>Which lines a change takes out and brings in.</summary>
internal static class LineDifference
{
    public static (IReadOnlyList<string> Removed, IReadOnlyList<string> Added) Of(string before, string after)
    {
        var difference = new Differ().CreateLineDiffs(before, after, ignoreWhitespace: false);
        return (
            [.. difference.DiffBlocks.SelectMany(b => Enumerable.Range(b.DeleteStartA, b.DeleteCountA).Select(i => difference.PiecesOld[i]))],
            [.. difference.DiffBlocks.SelectMany(b => Enumerable.Range(b.InsertStartB, b.InsertCountB).Select(i => difference.PiecesNew[i]))]);
    }
}
