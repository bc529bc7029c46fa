using SecOps.Findings;

namespace SecOps.Reports;

/// <summary>The findings document itself.</summary>
internal sealed class JsonReport : IReportWriter
{
    public string Format => "json";

    public string FileName => "findings.json";

    public IReadOnlyList<string> Write(Stream stream, FindingsDocument document)
    {
        FindingsWriter.Write(stream, document);
        return [];
    }
}
