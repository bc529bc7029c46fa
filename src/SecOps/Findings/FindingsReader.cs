using System.Globalization;

namespace SecOps.Findings;

/// <summary>Reads <c>findings.json</c>. Unknown members are ignored; a newer schema version is refused.</summary>
public static class FindingsReader
{
    /// <exception cref="SecOpsException">The file is absent (2) or not a findings document (4).</exception>
    public static FindingsDocument Read(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
            return Read(stream, path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw SecOpsException.Usage($"{path} does not exist. Run \"secops scan\" first, or name another folder with --output.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SecOpsException.Tool($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <param name="name">Names the document in errors.</param>
    public static FindingsDocument Read(Stream stream, string name)
    {
        var json = new JsonCursor(stream, name);
        if (!json.Start() || !json.BeginObject())
        {
            throw json.Broken("is not a findings document");
        }

        int? schema = null;
        RunInfo? run = null;
        List<Coverage> coverage = [];
        List<Finding> findings = [];
        List<string> notes = [];
        GateResult? gate = null;
        while (json.NextMember())
        {
            if (json.Is("schemaVersion"u8))
            {
                schema = json.Integer();
                if (schema > FindingsDocument.CurrentSchema)
                {
                    throw json.Broken($"has schema version {schema}; this secops reads up to {FindingsDocument.CurrentSchema}. Update secops");
                }
            }
            else if (json.Is("run"u8))
            {
                run = Run(ref json);
            }
            else if (json.Is("coverage"u8))
            {
                var any = json.BeginArray();
                while (any && json.NextElement())
                {
                    coverage.Add(Coverage(ref json));
                }
            }
            else if (json.Is("findings"u8))
            {
                var any = json.BeginArray();
                while (any && json.NextElement())
                {
                    findings.Add(FindingReader.Read(ref json));
                }
            }
            else if (json.Is("gate"u8))
            {
                gate = Gate(ref json);
            }
            else if (json.Is("waiverNotes"u8))
            {
                notes = json.Texts();
            }
            else
            {
                json.Skip();
            }
        }

        if (schema is null || run is null)
        {
            throw json.Broken("is not a findings document: schemaVersion or run is missing");
        }

        json.Finish();
        return new FindingsDocument { Run = run, Coverage = coverage, Findings = findings, Gate = gate, WaiverNotes = notes };
    }

    private static RunInfo Run(ref JsonCursor json)
    {
        var run = new RunInfo { Id = "", StartedAt = default, FinishedAt = default, SecopsVersion = "" };
        if (!json.BeginObject())
        {
            return run;
        }

        while (json.NextMember())
        {
            if (json.Is("id"u8)) { run = run with { Id = json.Text() ?? "" }; }
            else if (json.Is("startedAt"u8)) { run = run with { StartedAt = Time(json.Text()) ?? default }; }
            else if (json.Is("finishedAt"u8)) { run = run with { FinishedAt = Time(json.Text()) ?? default }; }
            else if (json.Is("commit"u8)) { run = run with { Commit = json.Text() }; }
            else if (json.Is("branch"u8)) { run = run with { Branch = json.Text() }; }
            else if (json.Is("secopsVersion"u8)) { run = run with { SecopsVersion = json.Text() ?? "" }; }
            else { json.Skip(); }
        }

        return run;
    }

    private static Coverage Coverage(ref JsonCursor json)
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
            else if (json.Is("status"u8)) { c = c with { Status = Word<CoverageStatus>(ref json, "status") }; }
            else if (json.Is("findings"u8)) { c = c with { Findings = json.Integer() ?? 0 }; }
            else if (json.Is("durationMs"u8)) { c = c with { DurationMs = (long)(json.Number() ?? 0) }; }
            else if (json.Is("message"u8)) { c = c with { Message = json.Text() }; }
            else if (json.Is("required"u8)) { c = c with { Required = json.Text() == "true" }; }
            else if (json.Is("source"u8)) { c = c with { Source = json.Text() }; }
            else if (json.Is("nothingToScan"u8)) { c = c with { NothingToScan = json.Text() == "true" }; }
            else if (json.Is("databaseDate"u8)) { c = c with { DatabaseDate = Time(json.Text()) }; }
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

    private static GateResult? Gate(ref JsonCursor json)
    {
        if (!json.BeginObject())
        {
            return null;
        }

        Verdict? verdict = null;
        List<GateReason> reasons = [];
        while (json.NextMember())
        {
            if (json.Is("verdict"u8))
            {
                verdict = Word<Verdict>(ref json, "verdict");
            }
            else if (json.Is("reasons"u8))
            {
                var any = json.BeginArray();
                while (any && json.NextElement())
                {
                    reasons.Add(Reason(ref json));
                }
            }
            else
            {
                json.Skip();
            }
        }

        return verdict is null ? throw json.Broken("the gate lacks its verdict") : new GateResult(verdict.Value, reasons);
    }

    private static GateReason Reason(ref JsonCursor json)
    {
        var reason = new GateReason("");
        if (!json.BeginObject())
        {
            return reason;
        }

        while (json.NextMember())
        {
            if (json.Is("because"u8)) { reason = reason with { Because = json.Text() ?? "" }; }
            else if (json.Is("finding"u8)) { reason = reason with { Finding = json.Text() }; }
            else if (json.Is("rule"u8)) { reason = reason with { Rule = json.Text() }; }
            else if (json.Is("scanner"u8)) { reason = reason with { Scanner = json.Text() }; }
            else { json.Skip(); }
        }

        return reason;
    }

    internal static T Word<T>(ref JsonCursor json, string member)
        where T : struct, Enum
    {
        var word = json.Text();
        return Words.TryParse<T>(word, out var value) ? value : throw json.Broken($"{member} is \"{word}\", which is none of its values");
    }

    private static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
