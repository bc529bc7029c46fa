using System.Text.Json;
using SecOps.Findings;

namespace SecOps.Reports;

/// <summary>A proven change as SARIF's <c>fixes</c>, which an editor applies. What a gate refused, or nobody could check, is not offered.</summary>
internal static class SarifFix
{
    public static void Write(Utf8JsonWriter json, Finding f)
    {
        if (f.Fix is not { IsVerified: true, Changes.Count: > 0 } fix || !fix.Changes.All(IsWhole))
        {
            return;
        }

        json.WriteStartArray("fixes"u8);
        json.WriteStartObject();
        json.WriteStartObject("description"u8);
        json.WriteString("text"u8, SarifReport.Plain(FindingText.Fix(f)!));
        json.WriteEndObject();
        json.WriteStartArray("artifactChanges"u8);
        foreach (var change in fix.Changes)
        {
            json.WriteStartObject();
            SarifPlace.Artifact(json, change.Path);
            json.WriteStartArray("replacements"u8);
            foreach (var edit in change.Edits)
            {
                Replacement(json, edit);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    /// <summary>findings.json may come from anywhere: what is no place in a file is not offered.</summary>
    private static bool IsWhole(FixChange change) => change.Path.Length > 0 && change.Edits.Count > 0 && change.Edits.All(e => e.StartLine > 0 && e.Lines >= 0);

    /// <summary>Whole lines, up to the start of the line after them; a last line without an end, up to its end.</summary>
    private static void Replacement(Utf8JsonWriter json, FixEdit edit)
    {
        var ended = edit.Lines == 0 || edit.Removed.EndsWith('\n') || edit.Removed.EndsWith('\r');
        json.WriteStartObject();
        json.WriteStartObject("deletedRegion"u8);
        json.WriteNumber("startLine"u8, edit.StartLine);
        json.WriteNumber("startColumn"u8, 1);
        json.WriteNumber("endLine"u8, ended ? edit.StartLine + edit.Lines : edit.StartLine + edit.Lines - 1);
        if (ended)
        {
            json.WriteNumber("endColumn"u8, 1);
        }

        json.WriteEndObject();
        json.WriteStartObject("insertedContent"u8);
        json.WriteString("text"u8, edit.Added);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
