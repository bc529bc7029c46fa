using SecOps.Findings.Json;

namespace SecOps.Findings;

/// <summary>The member <c>fix</c> of a finding in <c>findings.json</c>.</summary>
internal static class FixJson
{
    public static void Write(JsonText json, Finding finding)
    {
        if (finding.OwnFix is { } fix)
        {
            Write(json, fix);
        }
        else if (finding.Location.Package is { IsFixed: true } package)
        {
            // As of Fix.Update, of which none is made: there may be hundreds of thousands.
            json.WriteStartObject("fix"u8);
            json.WriteString("description"u8, [Fix.UpdateBefore, package.Name, Fix.UpdateBetween, package.FixedVersion!, Fix.UpdateAfter]);
            json.WriteString("version"u8, package.FirstFixedVersion);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("fix"u8);
        }
    }

    private static void Write(JsonText json, Fix fix)
    {
        json.WriteStartObject("fix"u8);
        json.WriteString("description"u8, fix.Description);
        json.WriteOptional("version"u8, fix.Version);
        json.WriteOptional("outcome"u8, fix.Outcome);
        json.WriteOptional("gate"u8, fix.Gate);
        json.WriteOptional("reason"u8, fix.Reason);
        json.WriteOptional("engine"u8, fix.Engine);
        json.WriteOptional("risk"u8, fix.Risk);
        json.WriteOptional("pullRequest"u8, fix.PullRequest);
        if (fix.Successors.Count > 0)
        {
            json.WriteStrings("successors"u8, fix.Successors);
        }

        if (fix.Changes.Count > 0)
        {
            json.WriteStartArray("changes"u8);
            foreach (var change in fix.Changes)
            {
                Write(json, change);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    public static Fix? Read(ref JsonCursor json)
    {
        if (!json.BeginObject())
        {
            return null;
        }

        string? description = null, version = null, outcome = null, gate = null, reason = null, engine = null, risk = null, pullRequest = null;
        List<string> successors = [];
        List<FixChange> changes = [];
        while (json.NextMember())
        {
            if (json.Is("description"u8)) { description = json.Text(); }
            else if (json.Is("version"u8)) { version = json.Text(); }
            else if (json.Is("outcome"u8)) { outcome = json.Text(); }
            else if (json.Is("gate"u8)) { gate = json.Text(); }
            else if (json.Is("reason"u8)) { reason = json.Text(); }
            else if (json.Is("engine"u8)) { engine = json.Text(); }
            else if (json.Is("risk"u8)) { risk = json.Text(); }
            else if (json.Is("pullRequest"u8)) { pullRequest = json.Text(); }
            else if (json.Is("successors"u8)) { successors = json.Texts(); }
            else if (json.Is("changes"u8)) { changes = Changes(ref json); }
            else { json.Skip(); }
        }

        return new Fix(description, version, outcome, gate)
        {
            Reason = reason,
            Engine = engine,
            Risk = risk,
            PullRequest = pullRequest,
            Successors = successors,
            Changes = changes,
        };
    }

    private static void Write(JsonText json, FixChange change)
    {
        json.WriteStartObject();
        json.WriteString("path"u8, change.Path);
        json.WriteStartArray("edits"u8);
        foreach (var edit in change.Edits)
        {
            json.WriteStartObject();
            json.WriteNumber("startLine"u8, edit.StartLine);
            json.WriteNumber("lines"u8, edit.Lines);
            json.WriteString("removed"u8, edit.Removed);
            json.WriteString("added"u8, edit.Added);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static List<FixChange> Changes(ref JsonCursor json)
    {
        var changes = new List<FixChange>();
        if (!json.BeginArray())
        {
            return changes;
        }

        while (json.NextElement())
        {
            if (!json.BeginObject())
            {
                continue;
            }

            var path = "";
            List<FixEdit> edits = [];
            while (json.NextMember())
            {
                if (json.Is("path"u8)) { path = json.Text() ?? ""; }
                else if (json.Is("edits"u8)) { edits = Edits(ref json); }
                else { json.Skip(); }
            }

            changes.Add(new FixChange(path, edits));
        }

        return changes;
    }

    private static List<FixEdit> Edits(ref JsonCursor json)
    {
        var edits = new List<FixEdit>();
        if (!json.BeginArray())
        {
            return edits;
        }

        while (json.NextElement())
        {
            if (!json.BeginObject())
            {
                continue;
            }

            int start = 0, lines = 0;
            string removed = "", added = "";
            while (json.NextMember())
            {
                if (json.Is("startLine"u8)) { start = json.Integer() ?? 0; }
                else if (json.Is("lines"u8)) { lines = json.Integer() ?? 0; }
                else if (json.Is("removed"u8)) { removed = json.Text() ?? ""; }
                else if (json.Is("added"u8)) { added = json.Text() ?? ""; }
                else { json.Skip(); }
            }

            edits.Add(new FixEdit(start, lines, removed, added));
        }

        return edits;
    }
}
