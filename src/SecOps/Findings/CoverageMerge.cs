using System.Globalization;

namespace SecOps.Findings;

/// <summary>
/// Sums up the coverage of several runs. A scanner has one entry a target, and the worst of its parts decides: what failed on one shard is
/// not completed. The parts stay, so that any grouping and any repetition gives the same entry.
/// </summary>
internal static class CoverageMerge
{
    public static List<Coverage> Of(IEnumerable<FindingsDocument> documents)
    {
        var parts = documents.SelectMany(d => d.Coverage.SelectMany(c => Parts(c, d.Run.Id)));
        return
        [
            .. parts.GroupBy(p => (p.Scanner, p.Target))
                .Select(g => Sum(Distinct(g)))
                .OrderBy(c => c.Scanner, StringComparer.Ordinal).ThenBy(c => c.Target, StringComparer.Ordinal),
        ];
    }

    private static IEnumerable<Coverage> Parts(Coverage c, string run) => c.Parts.Count > 0 ? c.Parts : [c with { Run = c.Run ?? run }];

    /// <summary>Each part once, in an order of its own content.</summary>
    private static List<Coverage> Distinct(IEnumerable<Coverage> parts) =>
        [.. parts.Select(p => (Part: p, Text: Text(p))).DistinctBy(p => p.Text).OrderBy(p => p.Text, StringComparer.Ordinal).Select(p => p.Part)];

    private static string Text(Coverage c) => string.Create(
        CultureInfo.InvariantCulture,
        $"{c.Run}\0{c.Status}\0{c.Version}\0{c.Findings}\0{c.DurationMs}\0{c.Message}\0{c.Required}\0{c.Source}\0{c.DatabaseDate:O}\0{c.NothingToScan}\0{c.Quality?.Text}\0{string.Join('\t', c.Unread)}\0{(c.Scope is null ? "*" : string.Join('\t', c.Scope))}");

    private static Coverage Sum(List<Coverage> parts)
    {
        if (parts is [var only])
        {
            return only;
        }

        // Parts that had nothing to look at, or were left out on purpose where another did the work, say nothing about the rest.
        var status = parts.Select(p => p.Status).MaxBy(Badness);
        return new Coverage
        {
            Scanner = parts[0].Scanner,
            Target = parts[0].Target,
            Status = status,
            Version = Texts(parts.Select(p => p.Version), ", "),
            Findings = (int)Math.Clamp(parts.Sum(p => (long)p.Findings), 0, int.MaxValue),
            DurationMs = parts.Max(p => p.DurationMs),
            Message = Texts(parts.Select(p => p.Message), "; "),
            Required = parts.Exists(p => p.Required),
            Source = Texts(parts.Select(p => p.Source), ", "),
            DatabaseDate = parts.Min(p => p.DatabaseDate),
            NothingToScan = parts.TrueForAll(p => p.NothingToScan),
            Quality = parts.Select(p => p.Quality).OfType<ProjectQuality>().OrderByDescending(q => q.HasFailed).ThenBy(q => q.Text, StringComparer.Ordinal).FirstOrDefault(),
            Unread = [.. parts.SelectMany(p => p.Unread).Distinct().OrderBy(u => u.Path, StringComparer.Ordinal).ThenBy(u => u.Reason, StringComparer.Ordinal)],
            Scope = parts.Exists(p => p.Scope is null) ? null : [.. parts.SelectMany(p => p.Scope!).Distinct().Order(StringComparer.Ordinal)],
            Parts = parts,
        };
    }

    private static int Badness(CoverageStatus status) => status switch
    {
        CoverageStatus.Skipped => 0,
        CoverageStatus.Completed => 1,
        CoverageStatus.Missing => 2,
        CoverageStatus.Cancelled => 3,
        CoverageStatus.TimedOut => 4,
        _ => 5,
    };

    private static string? Texts(IEnumerable<string?> texts, string separator)
    {
        var distinct = texts.OfType<string>().Distinct().Order(StringComparer.Ordinal).ToList();
        return distinct.Count == 0 ? null : string.Join(separator, distinct);
    }
}
