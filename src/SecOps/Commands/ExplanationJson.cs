using System.Text;
using System.Text.Json;
using SecOps.Findings;

namespace SecOps.Commands;

/// <summary>The explanation for programs: <c>{"verdict", "reasons": […], "notes": […], "findings": [{"id", "fix", "fails", "because"}]}</c>.</summary>
internal static class ExplanationJson
{
    public static void Write(Terminal terminal, GateResult gate, GatePolicy policy, IReadOnlyList<Finding> findings)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("verdict"u8, Words.Of(gate.Verdict));
            json.WriteStartArray("reasons"u8);
            foreach (var r in gate.Reasons)
            {
                json.WriteStartObject();
                json.WriteString("finding"u8, r.Finding);
                json.WriteString("rule"u8, r.Rule);
                json.WriteString("scanner"u8, r.Scanner);
                json.WriteString("waiver"u8, r.Waiver);
                json.WriteString("because"u8, r.Because);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("notes"u8);
            foreach (var note in gate.Notes)
            {
                json.WriteStringValue(note);
            }

            json.WriteEndArray();
            json.WriteStartArray("findings"u8);
            var reasons = gate.Reasons.Where(r => r.Finding is not null).ToLookup(r => r.Finding!);
            foreach (var f in findings)
            {
                var because = reasons[f.Id].Select(r => r.Because).FirstOrDefault();
                json.WriteStartObject();
                json.WriteString("id"u8, f.Id);
                json.WriteString("rule"u8, f.Rule.Id);
                json.WriteString("severity"u8, Words.Of(f.Severity));
                json.WriteString("state"u8, Words.Of(f.State));
                json.WriteString("fix"u8, f.Fix?.Outcome);
                json.WriteBoolean("fails"u8, because is not null);
                json.WriteString("because"u8, because ?? Gate.WhyNot(policy, f));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        terminal.Result(Encoding.UTF8.GetString(stream.GetBuffer().AsSpan(0, (int)stream.Length)) + "\n");
    }
}
