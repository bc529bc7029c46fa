using SecOps.Findings.Json;

namespace SecOps.Findings;

/// <summary>Reads one entry of <c>coverage</c>.</summary>
internal static class CoverageReader
{
    public static Coverage Read(ref JsonCursor json)
    {
        var c = new Coverage { Scanner = "", Target = "", Status = CoverageStatus.Failed };
        if (!json.BeginObject())
        {
            throw json.Broken("coverage holds something that is not an object");
        }

        while (json.NextMember())
        {
            if (json.Is("scanner"u8)) { c = c with { Scanner = json.Text() ?? "" }; }
            else if (json.Is("version"u8)) { c = c with { Version = json.Text() }; }
            else if (json.Is("target"u8)) { c = c with { Target = json.Text() ?? "" }; }
            else if (json.Is("status"u8)) { c = c with { Status = FindingsReader.Word<CoverageStatus>(ref json, "status") }; }
            else if (json.Is("findings"u8)) { c = c with { Findings = json.Integer() ?? 0 }; }
            else if (json.Is("durationMs"u8)) { c = c with { DurationMs = (long)(json.Number() ?? 0) }; }
            else if (json.Is("message"u8)) { c = c with { Message = json.Text() }; }
            else if (json.Is("required"u8)) { c = c with { Required = json.Text() == "true" }; }
            else if (json.Is("source"u8)) { c = c with { Source = json.Text() }; }
            else if (json.Is("nothingToScan"u8)) { c = c with { NothingToScan = json.Text() == "true" }; }
            else if (json.Is("databaseDate"u8)) { c = c with { DatabaseDate = FindingsReader.Time(json.Text()) }; }
            else if (json.Is("quality"u8)) { c = c with { Quality = ProjectQualityJson.Read(ref json) }; }
            else if (json.Is("run"u8)) { c = c with { Run = json.Text() }; }
            else if (json.Is("scope"u8)) { c = c with { Scope = json.Texts() }; }
            else if (json.Is("parts"u8)) { c = c with { Parts = Parts(ref json) }; }
            else if (json.Is("unread"u8)) { c = c with { Unread = Unread(ref json) }; }
            else { json.Skip(); }
        }

        return c;
    }

    private static List<UnreadFile> Unread(ref JsonCursor json)
    {
        var files = new List<UnreadFile>();
        if (!json.BeginArray())
        {
            return files;
        }

        while (json.NextElement())
        {
            string path = "", reason = "";
            if (!json.BeginObject())
            {
                continue;
            }

            while (json.NextMember())
            {
                if (json.Is("path"u8)) { path = json.Text() ?? ""; }
                else if (json.Is("reason"u8)) { reason = json.Text() ?? ""; }
                else { json.Skip(); }
            }

            files.Add(new UnreadFile(path, reason));
        }

        return files;
    }

    private static List<Coverage> Parts(ref JsonCursor json)
    {
        var parts = new List<Coverage>();
        var any = json.BeginArray();
        while (any && json.NextElement())
        {
            parts.Add(Read(ref json));
        }

        return parts;
    }
}
