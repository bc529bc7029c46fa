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
                    findings.Add(Finding(ref json));
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

    private static Finding Finding(ref JsonCursor json)
    {
        if (!json.BeginObject())
        {
            throw json.Broken("findings holds something that is not an object");
        }

        string id = "";
        string? confidence = null, title = null, message = null;
        Category? category = null;
        Severity? severity = null;
        var state = FindingState.New;
        List<string> aliases = [];
        Rule? rule = null;
        var location = Location.None;
        List<Detection> scanners = [];
        Fix? fix = null;
        AppliedWaiver? waiver = null;
        while (json.NextMember())
        {
            if (json.Is("id"u8)) { id = json.Text() ?? ""; }
            else if (json.Is("aliases"u8)) { aliases = json.Texts(); }
            else if (json.Is("category"u8)) { category = Word<Category>(ref json, "category"); }
            else if (json.Is("severity"u8)) { severity = Word<Severity>(ref json, "severity"); }
            else if (json.Is("confidence"u8)) { confidence = json.Text(); }
            else if (json.Is("title"u8)) { title = json.Text(); }
            else if (json.Is("message"u8)) { message = json.Text(); }
            else if (json.Is("rule"u8)) { rule = Rule(ref json); }
            else if (json.Is("location"u8)) { location = Place(ref json); }
            else if (json.Is("scanners"u8)) { scanners = Detections(ref json); }
            else if (json.Is("fix"u8)) { fix = ReadFix(ref json); }
            else if (json.Is("state"u8)) { state = Word<FindingState>(ref json, "state"); }
            else if (json.Is("waiver"u8)) { waiver = Waiver(ref json); }
            else { json.Skip(); }
        }

        if (id.Length == 0 || category is null || severity is null || rule is null || scanners.Count == 0)
        {
            throw json.Broken("a finding lacks its id, category, severity, rule or scanners");
        }

        return new Finding
        {
            Id = id,
            Aliases = aliases,
            Category = category.Value,
            Severity = severity.Value,
            Confidence = confidence,
            Title = title ?? rule.Id,
            Message = message,
            Rule = rule,
            Location = location,
            Scanners = scanners,
            Fix = fix,
            State = state,
            Waiver = waiver,
        };
    }

    private static Rule? Rule(ref JsonCursor json)
    {
        if (!json.BeginObject())
        {
            return null;
        }

        string? id = null, name = null, url = null;
        List<string> cwe = [], advisories = [];
        while (json.NextMember())
        {
            if (json.Is("id"u8)) { id = json.Text(); }
            else if (json.Is("name"u8)) { name = json.Text(); }
            else if (json.Is("url"u8)) { url = json.Text(); }
            else if (json.Is("cwe"u8)) { cwe = json.Texts(); }
            else if (json.Is("advisories"u8)) { advisories = json.Texts(); }
            else { json.Skip(); }
        }

        return id is null ? null : new Rule(id, name, url, cwe, advisories);
    }

    private static Location Place(ref JsonCursor json)
    {
        if (!json.BeginObject())
        {
            return Location.None;
        }

        string? path = null, snippet = null, url = null, method = null, parameter = null, resource = null;
        int? startLine = null, endLine = null, startColumn = null;
        Package? package = null;
        Image? image = null;
        while (json.NextMember())
        {
            if (json.Is("path"u8)) { path = json.Text(); }
            else if (json.Is("startLine"u8)) { startLine = json.Integer(); }
            else if (json.Is("endLine"u8)) { endLine = json.Integer(); }
            else if (json.Is("startColumn"u8)) { startColumn = json.Integer(); }
            else if (json.Is("snippet"u8)) { snippet = json.Text(); }
            else if (json.Is("package"u8)) { package = Package(ref json); }
            else if (json.Is("image"u8)) { image = Image(ref json); }
            else if (json.Is("url"u8)) { url = json.Text(); }
            else if (json.Is("method"u8)) { method = json.Text(); }
            else if (json.Is("parameter"u8)) { parameter = json.Text(); }
            else if (json.Is("resource"u8)) { resource = json.Text(); }
            else { json.Skip(); }
        }

        return new Location
        {
            Path = path,
            StartLine = startLine,
            EndLine = endLine,
            StartColumn = startColumn,
            Snippet = snippet,
            Package = package,
            Image = image,
            Url = url,
            Method = method,
            Parameter = parameter,
            Resource = resource,
        };
    }

    private static Package? Package(ref JsonCursor json)
    {
        if (!json.BeginObject())
        {
            return null;
        }

        string? purl = null, name = null, version = null, fixedVersion = null, manifest = null;
        while (json.NextMember())
        {
            if (json.Is("purl"u8)) { purl = json.Text(); }
            else if (json.Is("name"u8)) { name = json.Text(); }
            else if (json.Is("version"u8)) { version = json.Text(); }
            else if (json.Is("fixedVersion"u8)) { fixedVersion = json.Text(); }
            else if (json.Is("manifest"u8)) { manifest = json.Text(); }
            else { json.Skip(); }
        }

        return new Package(purl, name ?? purl ?? "", version, fixedVersion, manifest);
    }

    private static Image? Image(ref JsonCursor json)
    {
        if (!json.BeginObject())
        {
            return null;
        }

        string? reference = null, digest = null;
        while (json.NextMember())
        {
            if (json.Is("reference"u8)) { reference = json.Text(); }
            else if (json.Is("digest"u8)) { digest = json.Text(); }
            else { json.Skip(); }
        }

        return reference is null ? null : new Image(reference, digest);
    }

    private static List<Detection> Detections(ref JsonCursor json)
    {
        var detections = new List<Detection>();
        if (!json.BeginArray())
        {
            return detections;
        }

        while (json.NextElement())
        {
            string name = "", ruleId = "";
            string? severity = null;
            if (!json.BeginObject())
            {
                continue;
            }

            while (json.NextMember())
            {
                if (json.Is("name"u8)) { name = json.Text() ?? ""; }
                else if (json.Is("ruleId"u8)) { ruleId = json.Text() ?? ""; }
                else if (json.Is("severity"u8)) { severity = json.Text(); }
                else { json.Skip(); }
            }

            detections.Add(new Detection(name, ruleId, severity));
        }

        return detections;
    }

    private static Fix? ReadFix(ref JsonCursor json)
    {
        if (!json.BeginObject())
        {
            return null;
        }

        string? description = null, version = null, outcome = null, gate = null;
        while (json.NextMember())
        {
            if (json.Is("description"u8)) { description = json.Text(); }
            else if (json.Is("version"u8)) { version = json.Text(); }
            else if (json.Is("outcome"u8)) { outcome = json.Text(); }
            else if (json.Is("gate"u8)) { gate = json.Text(); }
            else { json.Skip(); }
        }

        return new Fix(description, version, outcome, gate);
    }

    private static AppliedWaiver? Waiver(ref JsonCursor json)
    {
        if (!json.BeginObject())
        {
            return null;
        }

        string reason = "", owner = "";
        DateOnly expires = default;
        while (json.NextMember())
        {
            if (json.Is("reason"u8)) { reason = json.Text() ?? ""; }
            else if (json.Is("owner"u8)) { owner = json.Text() ?? ""; }
            else if (json.Is("expires"u8)) { _ = DateOnly.TryParse(json.Text(), CultureInfo.InvariantCulture, out expires); }
            else { json.Skip(); }
        }

        return new AppliedWaiver(reason, owner, expires);
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

    private static T Word<T>(ref JsonCursor json, string member)
        where T : struct, Enum
    {
        var word = json.Text();
        return Words.TryParse<T>(word, out var value) ? value : throw json.Broken($"{member} is \"{word}\", which is none of its values");
    }

    private static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
