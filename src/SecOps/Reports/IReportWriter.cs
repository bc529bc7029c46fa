using SecOps.Findings;

namespace SecOps.Reports;

/// <summary>Renders a findings document in one format, from the document alone.</summary>
public interface IReportWriter
{
    /// <summary>The word in <c>--format</c>.</summary>
    string Format { get; }

    /// <summary>The file's name in <c>reports/</c>.</summary>
    string FileName { get; }

    /// <summary>Writes the whole report; UTF-8.</summary>
    /// <returns>What had to be left out to respect the format's limits, for a person; empty when nothing was.</returns>
    IReadOnlyList<string> Write(Stream stream, FindingsDocument document);
}
