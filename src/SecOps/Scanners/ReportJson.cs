using System.Text.Json;
using SecOps.Findings.Json;

namespace SecOps.Scanners;

/// <summary>
/// Reads JSON reports as tools leave them behind: text of progress bars and warnings before the document or after it, and
/// several documents one after the other, as when a loop appends to one file.
/// </summary>
internal static class ReportJson
{
    public delegate void Document(ref JsonCursor json, ReportSink sink);

    /// <param name="name">Names the report in errors: "the Trivy report".</param>
    /// <param name="document">Takes one document, from its first value to its end.</param>
    /// <exception cref="SecOpsException">The report is empty or broken.</exception>
    public static void Read(Stream report, string name, ReportSink sink, Document document)
    {
        var json = new JsonCursor(Banner.Skip(report, name), name);
        if (!json.Start())
        {
            throw SecOpsException.Tool($"{name} is empty.");
        }

        do
        {
            document(ref json, sink);
        }
        while (json.NextDocument());

        json.Finish();
    }

    /// <summary>Enters the value of a member that holds findings. Null stands for none.</summary>
    /// <exception cref="SecOpsException">It is no list: what it holds would be lost.</exception>
    public static bool BeginList(ref JsonCursor json, string member)
    {
        if (json.Peek() is not (JsonTokenType.Null or JsonTokenType.StartArray))
        {
            throw json.Broken($"\"{member}\" is no list");
        }

        return json.BeginArray();
    }
}
