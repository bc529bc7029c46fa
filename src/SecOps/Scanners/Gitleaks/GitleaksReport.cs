using System.Text.Json;
using SecOps.Findings;
using SecOps.Findings.Json;

namespace SecOps.Scanners.Gitleaks;

/// <summary>gitleaks' JSON: a list of leaks, or null; version 7 and before wrote other member names.</summary>
internal static class GitleaksReport
{
    public static void Read(Stream report, ReportSink sink) => ReportJson.Read(report, "the gitleaks report", sink, Document);

    private static SecOpsException NotGitleaks(string why) =>
        SecOpsException.Tool($"this is not a gitleaks JSON report ({why}). Write one with: gitleaks detect --report-format json --report-path FILE");

    private static void Document(ref JsonCursor json, ReportSink sink)
    {
        if (json.Peek() == JsonTokenType.Null)
        {
            // No leaks, in some versions.
            json.Skip();
            return;
        }

        if (json.Peek() != JsonTokenType.StartArray)
        {
            throw NotGitleaks("it is no list");
        }

        json.BeginArray();
        while (json.NextElement())
        {
            var leak = ReportNode.Read(ref json);
            var rule = leak["RuleID"].Text ?? leak["rule"].Text ?? leak["Description"].Text;
            var file = leak["File"].Text ?? leak["file"].Text;
            // What came through a pipe has no file.
            if (rule is null || (file is null && !leak.Has("File")) || (!leak.Has("Secret") && !leak.Has("Match") && !leak.Has("offender")))
            {
                throw NotGitleaks("an entry lacks \"RuleID\", \"File\" or \"Secret\"");
            }

            sink.CountEntry(null);
            sink.Add(Finding(leak, rule, file, sink));
        }
    }

    private static Finding Finding(ReportNode leak, string rule, string? file, ReportSink sink)
    {
        var secret = leak["Secret"].Text ?? leak["offender"].Text;
        return new Finding
        {
            Category = Category.Secret,
            // The format has none.
            Severity = Severity.Unknown,
            Title = ReportSink.Shorten(leak["Description"].Text ?? rule, 200)!,
            Rule = new Rule(rule, leak["Description"].Text),
            Location = new Location
            {
                Path = file is null ? null : sink.RelativePath(file),
                StartLine = Line(leak["StartLine"]) ?? Line(leak["lineNumber"]),
                EndLine = Line(leak["EndLine"]) ?? Line(leak["lineNumber"]),
                StartColumn = Line(leak["StartColumn"]),
                // As gitleaks' own --redact does, so that both give the same ids.
                Snippet = ReportSink.Shorten(SecretMask.Mask((leak["Match"].Text ?? leak["line"].Text)?.Trim(), secret, "REDACTED"), 400),
            },
            Scanners = [new Detection(sink.Scanner, rule, null)],
        };
    }

    private static int? Line(ReportNode number) => number.Integer is > 0 and var value ? value : null;
}
