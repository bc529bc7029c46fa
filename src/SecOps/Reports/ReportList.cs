namespace SecOps.Reports;

/// <summary>Every report format, in the order of every list. To add one: a file, a line here.</summary>
public static class ReportList
{
    public static IReadOnlyList<IReportWriter> Writers { get; } = [new HtmlReport(), new SarifReport(new SarifOptions()), new MarkdownReport(), new JsonReport()];

    /// <summary>Null when the word is none of them.</summary>
    public static IReportWriter? Find(string format) => Writers.FirstOrDefault(w => w.Format == format);
}
