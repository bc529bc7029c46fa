using System.Globalization;
using SecOps.Findings;
using SecOps.Findings.Json;

namespace SecOps.Scanners.Bandit;

/// <summary>
/// Bandit's JSON report: <c>{"errors": [{"filename", "reason"}], "metrics": {…}, "results": [{"test_id", "filename", …}]}</c>,
/// versions 1.4 to 1.9 (https://bandit.readthedocs.io/en/latest/formatters/json.html).
/// </summary>
internal static class BanditReport
{
    public static void Read(Stream report, ReportSink sink) => ReportJson.Read(report, "the Bandit report", sink, Document);

    private static void Document(ref JsonCursor json, ReportSink sink)
    {
        bool errors = false, results = false;
        if (!json.BeginObject())
        {
            throw NotBandit();
        }

        while (json.NextMember())
        {
            if (json.Is("results"u8))
            {
                results = json.BeginArray();
                while (results && json.NextElement())
                {
                    Result(ref json, sink);
                }
            }
            else if (json.Is("errors"u8))
            {
                errors = json.BeginArray();
                while (errors && json.NextElement())
                {
                    Error(ref json, sink);
                }
            }
            else
            {
                errors |= json.Is("metrics"u8);
                json.Skip();
            }
        }

        if (!results || !errors)
        {
            throw NotBandit();
        }
    }

    private static SecOpsException NotBandit() =>
        SecOpsException.Tool("this is not a Bandit JSON report (no \"results\" and \"errors\" in it). Write one with: bandit -f json -o FILE -r FOLDER");

    private static void Error(ref JsonCursor json, ReportSink sink)
    {
        if (!json.BeginObject())
        {
            return;
        }

        string? file = null, reason = null;
        while (json.NextMember())
        {
            if (json.Is("filename"u8)) { file = json.Text(); }
            else if (json.Is("reason"u8)) { reason = json.Text(); }
            else { json.Skip(); }
        }

        sink.AddUnread(file ?? "(unnamed file)", reason ?? "unknown reason");
    }

    private static void Result(ref JsonCursor json, ReportSink sink)
    {
        string? file = null, rule = null, name = null, text = null, severity = null, confidence = null, url = null, code = null, cwe = null;
        int? line = null, column = null;
        (int First, int Last) range = default;
        if (!json.BeginObject())
        {
            throw json.Broken("results holds something that is not an object");
        }

        while (json.NextMember())
        {
            if (json.Is("filename"u8)) { file = json.Text(); }
            else if (json.Is("test_id"u8)) { rule = json.Text(); }
            else if (json.Is("test_name"u8)) { name = json.Text(); }
            else if (json.Is("issue_text"u8)) { text = json.Text(); }
            else if (json.Is("issue_severity"u8)) { severity = json.Text(); }
            else if (json.Is("issue_confidence"u8)) { confidence = json.Text(); }
            else if (json.Is("issue_cwe"u8)) { cwe = Cwe(ref json); }
            else if (json.Is("more_info"u8)) { url = json.Text(); }
            else if (json.Is("code"u8)) { code = json.Text(); }
            else if (json.Is("line_number"u8)) { line = json.Integer(); }
            else if (json.Is("col_offset"u8)) { column = json.Integer(); }
            else if (json.Is("line_range"u8)) { range = Range(ref json); }
            else { json.Skip(); }
        }

        if (rule is null || file is null)
        {
            throw json.Broken("a result lacks its test_id or filename, so this is not a Bandit report");
        }

        sink.CountEntry(severity);
        // The reported line may lie inside the statement, so the range may end before it.
        var end = Math.Max(range.Last, line ?? 0);
        sink.Add(new Finding
        {
            Category = Category.Code,
            Severity = SeverityOf(severity),
            Confidence = ConfidenceOf(confidence),
            Title = ReportSink.Shorten(FirstSentence(text) ?? name ?? rule, 200)!,
            Message = ReportSink.Shorten(text),
            Rule = new Rule(rule, name, ReportSink.WebAddress(url), cwe is null ? null : [cwe]),
            Location = new Location
            {
                Path = sink.RelativePath(file),
                StartLine = line,
                EndLine = end > 0 ? end : line,
                // Bandit counts columns from 0; -1 stands for unknown.
                StartColumn = column >= 0 ? column + 1 : null,
                Snippet = ReportSink.Shorten(FlaggedLines(code, range.First > 0 && range.First < line ? range.First : line, end), Finding.MaxSnippet),
            },
            Scanners = [new Detection(sink.Scanner, rule, severity)],
        });
    }

    private static string? Cwe(ref JsonCursor json)
    {
        if (!json.BeginObject())
        {
            return null;
        }

        int? id = null;
        while (json.NextMember())
        {
            if (json.Is("id"u8)) { id = json.Integer(); }
            else { json.Skip(); }
        }

        return id is null ? null : string.Create(CultureInfo.InvariantCulture, $"CWE-{id}");
    }

    /// <summary>The first and the last of the statement's lines; zeros when the report has none.</summary>
    private static (int First, int Last) Range(ref JsonCursor json)
    {
        var (first, last) = (0, 0);
        var any = json.BeginArray();
        while (any && json.NextElement())
        {
            var line = json.Integer() ?? 0;
            (first, last) = (first == 0 ? line : Math.Min(first, line), Math.Max(last, line));
        }

        return (first, last);
    }

    /// <summary>
    /// <c>code</c> holds the flagged lines amid some before and after, each after its number: <c>"11 \n12 call(…)\n13 \n"</c>.
    /// Only the flagged ones make up the identity; the others may change freely.
    /// </summary>
    private static string? FlaggedLines(string? code, int? first, int last)
    {
        if (code is null || first is null)
        {
            return code;
        }

        var flagged = new List<string>();
        foreach (var numbered in code.Split('\n'))
        {
            var digits = 0;
            while (digits < numbered.Length && char.IsAsciiDigit(numbered[digits]))
            {
                digits++;
            }

            if (int.TryParse(numbered.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= first && number <= last)
            {
                // A blank in new versions, a tab in old ones.
                flagged.Add(numbered.Length > digits && numbered[digits] is (' ' or '\t') ? numbered[(digits + 1)..] : numbered[digits..]);
            }
        }

        return flagged.Count == 0 ? code.Trim() : string.Join('\n', flagged).TrimEnd();
    }

    private static string? FirstSentence(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var line = text.Split('\n')[0].Trim();
        var end = line.IndexOf(". ", StringComparison.Ordinal);
        return end > 20 ? line[..end] : line;
    }

    private static Severity SeverityOf(string? word) => word?.ToUpperInvariant() switch
    {
        "HIGH" => Severity.High,
        "MEDIUM" => Severity.Medium,
        "LOW" => Severity.Low,
        _ => Severity.Unknown,
    };

    private static string? ConfidenceOf(string? word) => word?.ToUpperInvariant() switch
    {
        "HIGH" => "high",
        "MEDIUM" => "medium",
        "LOW" => "low",
        _ => null,
    };
}
