using System.Globalization;
using SecOps.Findings;

namespace SecOps.Reports;

/// <summary>
/// Annotations of a GitHub Actions step, as commands on standard output
/// (https://docs.github.com/actions/reference/workflow-commands-for-github-actions). GitHub shows 10 of a kind a step; the worst come first.
/// </summary>
internal static class WorkflowCommands
{
    public const int MaxOfAKind = 10;
    private const int MaxMessage = 2000;

    /// <summary>The lines, and how many findings at a line of a file got none.</summary>
    public static (IReadOnlyList<string> Lines, int LeftOut) Annotations(FindingsDocument document)
    {
        var placed = Placed(document).ToList();
        List<string> lines = [.. placed.GroupBy(f => Kind(f.Severity)).SelectMany(kind => kind.Take(MaxOfAKind)).Select(Line)];
        return (lines, placed.Count - lines.Count);
    }

    /// <summary>What can be shown at a file: new and existing findings, worst first.</summary>
    public static IEnumerable<Finding> Placed(FindingsDocument document) =>
        document.Findings.Where(f => f.State is FindingState.New or FindingState.Existing && (f.Location.Path ?? f.Location.Package?.Manifest) is { Length: > 0 });

    public static string Path(Finding f) => f.Location.Path ?? f.Location.Package!.Manifest!;

    public static string Title(Finding f) => $"{Words.Of(f.Severity)}: {f.Rule.Id}";

    public static string Message(Finding f)
    {
        var text = FindingText.Full(f);
        return MarkdownText.Cut(FindingText.Fix(f) is { } fix ? $"{text}\nFix: {fix}" : text, MaxMessage);
    }

    private static string Line(Finding f)
    {
        var start = Math.Max(1, f.Location.StartLine ?? 1);
        var end = Math.Max(start, f.Location.EndLine ?? start);
        return string.Create(CultureInfo.InvariantCulture, $"::{Kind(f.Severity)} file={Property(Path(f))},line={start},endLine={end},title={Property(Title(f))}::{Data(Message(f))}");
    }

    private static string Kind(Severity severity) => severity switch
    {
        Severity.Critical or Severity.High => "error",
        Severity.Medium or Severity.Unknown => "warning",
        _ => "notice",
    };

    /// <summary>As actions/toolkit escapes: a command ends with its line.</summary>
    private static string Data(string text) => FindingText.Clean(text).Replace("%", "%25", StringComparison.Ordinal).Replace("\n", "%0A", StringComparison.Ordinal);

    private static string Property(string text) =>
        Data(text).Replace(":", "%3A", StringComparison.Ordinal).Replace(",", "%2C", StringComparison.Ordinal);
}
