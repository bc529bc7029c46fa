namespace SecOps.Reports;

/// <summary>Every report format, in the order of every list. To add one: a file, a line here. A format may have several files.</summary>
public static class ReportList
{
    public static IReadOnlyList<IReportWriter> Writers { get; } =
    [
        new HtmlReport(), new SarifReport(new SarifOptions()), new JUnitReport(), new MarkdownReport(), new JsonReport(), new CsvReport(), new CycloneDxReport(),
        GitLabReport.Sast, GitLabReport.Dependencies, GitLabReport.Containers,
    ];

    public static IReadOnlyList<string> Formats { get; } = [.. Writers.Select(w => w.Format).Distinct()];

    /// <summary>The first writer of the format; null when the word is none of them.</summary>
    public static IReportWriter? Find(string format) => Writers.FirstOrDefault(w => w.Format == format);
}
