using System.Text.Json;
using SecOps.Findings.Json;

namespace SecOps.Scanners.Sarif;

/// <summary>
/// SARIF 2.1.0, and what 2.0 and 1.0 wrote otherwise. A result refers to rules, files and base folders that may stand before or after
/// it, so results are kept small until their run has been read.
/// </summary>
internal static class SarifReport
{
    public static void Read(Stream report, ReportSink sink) => ReportJson.Read(report, "the SARIF report", sink, Document);

    public static SecOpsException NotSarif(string why) => SecOpsException.Tool($"this is not a SARIF report ({why}).");

    private static void Document(ref JsonCursor json, ReportSink sink)
    {
        if (json.Peek() != JsonTokenType.StartObject)
        {
            throw NotSarif("it is no object");
        }

        var (runs, known) = (false, false);
        json.BeginObject();
        while (json.NextMember())
        {
            if (json.Is("runs"u8) || json.Is("inlineExternalProperties"u8))
            {
                runs |= json.Is("runs"u8);
                if (ReportJson.BeginList(ref json, "runs"))
                {
                    while (json.NextElement())
                    {
                        known |= Run(ref json, sink);
                    }
                }
            }
            else
            {
                known |= json.Is("$schema"u8) || json.Is("version"u8);
                json.Skip();
            }
        }

        if (!runs || !known)
        {
            throw NotSarif("it has no \"runs\" with a \"tool\" or \"results\"");
        }
    }

    /// <returns>Whether it looks like a run.</returns>
    private static bool Run(ref JsonCursor json, ReportSink sink)
    {
        if (!json.BeginObject())
        {
            throw NotSarif("\"runs\" holds something that is not an object");
        }

        var run = new SarifRun();
        var known = false;
        while (json.NextMember())
        {
            if (json.Is("results"u8))
            {
                known = true;
                if (ReportJson.BeginList(ref json, "results"))
                {
                    run.HasResults = true;
                    while (json.NextElement())
                    {
                        run.Add(SarifResult.Read(ref json));
                    }
                }
            }
            else if (json.Is("tool"u8)) { known = true; run.ReadTool(ReportNode.Read(ref json)); }
            else if (json.Is("resources"u8)) { run.ReadResources(ReportNode.Read(ref json)); }
            else if (json.Is("rules"u8)) { run.ReadRules(ReportNode.Read(ref json)); }
            else if (json.Is("artifacts"u8)) { run.ReadArtifacts(ReportNode.Read(ref json)); }
            else if (json.Is("originalUriBaseIds"u8)) { run.Paths.ReadBases(ReportNode.Read(ref json)); }
            else if (json.Is("invocations"u8)) { run.ReadInvocations(ReportNode.Read(ref json)); }
            else if (json.Is("externalPropertyFileReferences"u8)) { run.ReadExternal(ReportNode.Read(ref json)); }
            else { json.Skip(); }
        }

        run.Give(sink);
        return known;
    }
}
