using System.Globalization;
using SecOps.Findings.Json;

namespace SecOps.Findings;

/// <summary>Reads one finding of <c>findings.json</c>.</summary>
internal static class FindingReader
{
    public static Finding Read(ref JsonCursor json)
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
        List<Finding> joined = [];
        Rule? rule = null;
        var location = Location.None;
        List<Detection> scanners = [];
        Fix? fix = null;
        AppliedWaiver? waiver = null;
        while (json.NextMember())
        {
            if (json.Is("id"u8)) { id = json.Text() ?? ""; }
            else if (json.Is("aliases"u8)) { aliases = json.Texts(); }
            else if (json.Is("category"u8)) { category = FindingsReader.Word<Category>(ref json, "category"); }
            else if (json.Is("severity"u8)) { severity = FindingsReader.Word<Severity>(ref json, "severity"); }
            else if (json.Is("confidence"u8)) { confidence = json.Text(); }
            else if (json.Is("title"u8)) { title = json.Text(); }
            else if (json.Is("message"u8)) { message = json.Text(); }
            else if (json.Is("rule"u8)) { rule = Rule(ref json); }
            else if (json.Is("location"u8)) { location = Place(ref json); }
            else if (json.Is("scanners"u8)) { scanners = Detections(ref json); }
            else if (json.Is("fix"u8)) { fix = FixJson.Read(ref json); }
            else if (json.Is("state"u8)) { state = FindingsReader.Word<FindingState>(ref json, "state"); }
            else if (json.Is("waiver"u8)) { waiver = Waiver(ref json); }
            else if (json.Is("joined"u8)) { joined = Joined(ref json); }
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
            Fix = location.Package is { } package && fix?.IsUpdateOf(package) == true ? null : fix,
            State = state,
            Waiver = waiver,
            Joined = joined,
        };
    }

    private static List<Finding> Joined(ref JsonCursor json)
    {
        var joined = new List<Finding>();
        var any = json.BeginArray();
        while (any && json.NextElement())
        {
            joined.Add(Read(ref json));
        }

        return joined;
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
}
