using System.Globalization;
using System.Text.Json;
using SecOps.Findings;

namespace SecOps.Reports;

/// <summary>What one use of SARIF asks for beyond the format.</summary>
internal sealed record SarifOptions
{
    /// <summary><c>primaryLocationLineHash</c> of a finding, where its file is at hand.</summary>
    public Func<Finding, string?> LineHash { get; init; } = _ => null;

    /// <summary>Prefix of each run's automation id; GitHub calls it category.</summary>
    public string Category { get; init; } = "secops";

    /// <summary>Leave out the runs of scanners that did not complete: a system that closes what a run no longer lists would take them for clean.</summary>
    public bool CompletedOnly { get; init; }

    public int MaxRuns { get; init; } = int.MaxValue;

    /// <summary>A run.</summary>
    public int MaxResults { get; init; } = int.MaxValue;
}

/// <summary>
/// SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html), one run a tool. A finding of several tools stands once, with the first of
/// them. A run of a tool that did not complete says so and holds what is known.
/// </summary>
internal sealed class SarifReport(SarifOptions options) : IReportWriter
{
    public string Format => "sarif";

    public string FileName => "findings.sarif";

    public IReadOnlyList<string> Write(Stream stream, FindingsDocument document)
    {
        var notes = new List<string>();
        using var json = new Utf8JsonWriter(stream, ReportJson.Options);
        json.WriteStartObject();
        json.WriteString("$schema"u8, "https://json.schemastore.org/sarif-2.1.0.json");
        json.WriteString("version"u8, "2.1.0");
        json.WriteStartArray("runs"u8);
        foreach (var (tool, findings) in Runs(document, notes))
        {
            Run(json, document, tool, findings, notes);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        return notes;
    }

    private List<(string Tool, List<Finding> Findings)> Runs(FindingsDocument document, List<string> notes)
    {
        var byTool = document.Coverage.Where(c => c.Status != CoverageStatus.Skipped).Select(c => c.Scanner).Distinct().ToDictionary(name => name, _ => new List<Finding>());
        foreach (var f in document.Findings.Where(f => f.State != FindingState.Fixed))
        {
            var tool = f.Scanners[0].Name;
            if (!byTool.TryGetValue(tool, out var findings))
            {
                byTool[tool] = findings = [];
            }

            findings.Add(f);
        }

        var runs = byTool.OrderByDescending(r => r.Value.Count > 0 ? r.Value[0].Severity : Severity.Unknown).ThenBy(r => r.Key, StringComparer.Ordinal).Select(r => (r.Key, r.Value)).ToList();
        if (options.CompletedOnly)
        {
            foreach (var (tool, _) in runs.Where(r => !Completed(document, r.Key)))
            {
                notes.Add($"the run of {tool} is left out, since it did not complete");
            }

            runs.RemoveAll(r => !Completed(document, r.Key));
        }

        foreach (var (tool, _) in runs.Skip(options.MaxRuns))
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"the run of {tool} is left out: {options.MaxRuns} runs fit"));
        }

        return [.. runs.Take(options.MaxRuns)];
    }

    private static bool Completed(FindingsDocument document, string tool) =>
        document.Coverage.Where(c => c.Scanner == tool && c.Status != CoverageStatus.Skipped).All(c => c.Status == CoverageStatus.Completed);

    private void Run(Utf8JsonWriter json, FindingsDocument document, string tool, List<Finding> all, List<string> notes)
    {
        var findings = all;
        if (all.Count > options.MaxResults)
        {
            findings = all.GetRange(0, options.MaxResults);
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"{all.Count - options.MaxResults} of {all.Count} findings of {tool}, the least severe, are left out"));
        }

        // One descriptor for each severity that a rule has here: the number that readers show stands with the rule, and it has to be the finding's own.
        var rules = new Dictionary<(string, Severity), int>();
        foreach (var f in findings)
        {
            rules.TryAdd((f.Rule.Id, f.Severity), rules.Count);
        }

        var coverage = document.Coverage.Where(c => c.Scanner == tool).ToList();
        json.WriteStartObject();
        json.WriteStartObject("tool"u8);
        json.WriteStartObject("driver"u8);
        json.WriteString("name"u8, tool);
        if (coverage.Select(c => c.Version).OfType<string>().FirstOrDefault() is { Length: > 0 } version)
        {
            json.WriteString("version"u8, version);
        }

        json.WriteStartArray("rules"u8);
        foreach (var f in findings.DistinctBy(f => (f.Rule.Id, f.Severity)))
        {
            SarifRule.Write(json, f);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartObject("automationDetails"u8);
        json.WriteString("id"u8, $"{options.Category}/{tool}/");
        json.WriteEndObject();
        Invocations(json, document.Run, coverage);
        json.WriteString("columnKind"u8, "utf16CodeUnits");
        json.WriteStartArray("results"u8);
        foreach (var f in findings)
        {
            Result(json, f, rules[(f.Rule.Id, f.Severity)]);
            json.FlushSometimes();
        }

        json.WriteEndArray();
        json.WriteStartObject("properties"u8);
        json.WriteString("secopsVersion"u8, document.Run.SecopsVersion);
        json.WriteString("runId"u8, document.Run.Id);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Invocations(Utf8JsonWriter json, RunInfo run, List<Coverage> coverage)
    {
        json.WriteStartArray("invocations"u8);
        foreach (var c in coverage)
        {
            json.WriteStartObject();
            json.WriteBoolean("executionSuccessful"u8, c.Status == CoverageStatus.Completed || c.NothingToScan);
            json.WriteString("startTimeUtc"u8, run.StartedAt.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
            json.WriteString("endTimeUtc"u8, run.FinishedAt.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
            json.WriteStartArray("toolExecutionNotifications"u8);
            if (c.Status != CoverageStatus.Completed || c.Message is not null)
            {
                var level = c.IsComplete ? "note" : c.Status == CoverageStatus.Completed ? "warning" : "error";
                Notification(json, level, $"{c.Scanner} on {c.Target}: {Words.Of(c.Status)}{(c.Message is null ? "" : ": " + c.Message)}", null);
            }

            foreach (var file in c.Unread)
            {
                Notification(json, "error", "could not be read: " + file.Reason, file.Path);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Notification(Utf8JsonWriter json, string level, string text, string? path)
    {
        json.WriteStartObject();
        json.WriteString("level"u8, level);
        json.WriteStartObject("message"u8);
        json.WriteString("text"u8, text);
        json.WriteEndObject();
        if (path is not null)
        {
            json.WriteStartArray("locations"u8);
            json.WriteStartObject();
            json.WriteStartObject("physicalLocation"u8);
            SarifPlace.Artifact(json, path);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private void Result(Utf8JsonWriter json, Finding f, int rule)
    {
        json.WriteStartObject();
        json.WriteString("ruleId"u8, f.Rule.Id);
        json.WriteNumber("ruleIndex"u8, rule);
        json.WriteString("level"u8, SarifRule.Level(f.Severity));
        json.WriteStartObject("message"u8);
        json.WriteString("text"u8, Message(f));
        json.WriteEndObject();
        SarifPlace.Locations(json, f);
        json.WriteStartObject("partialFingerprints"u8);
        if (options.LineHash(f) is { } hash)
        {
            json.WriteString("primaryLocationLineHash"u8, hash);
        }

        json.WriteString("secopsFinding/v1"u8, f.Id);
        json.WriteEndObject();
        json.WriteString("baselineState"u8, f.State == FindingState.New ? "new" : "unchanged");
        json.WriteStartArray("suppressions"u8);
        if (f.Waiver is not null)
        {
            json.WriteStartObject();
            json.WriteString("kind"u8, "external");
            json.WriteString("status"u8, "accepted");
            json.WriteString("justification"u8, FindingText.Waiver(f));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        SarifFix.Write(json, f);
        json.WriteStartObject("properties"u8);
        json.WriteString("severity"u8, Words.Of(f.Severity));
        if (SeverityScale.Score(f.Severity) is { } score)
        {
            json.WriteString("security-severity"u8, score);
        }

        json.WriteString("category"u8, Words.Of(f.Category));
        json.WriteString("state"u8, Words.Of(f.State));
        json.Texts("scanners", f.Scanners.Select(s => s.Name));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string Message(Finding f) => Plain(FindingText.Fix(f) is { } fix ? $"{FindingText.Full(f)}\nFix: {fix}" : FindingText.Full(f));

    /// <summary>Braces and brackets have a meaning in SARIF messages (placeholders, links): the text is plain, so they are escaped.</summary>
    internal static string Plain(string text) =>
        FindingText.Clean(text).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("[", "\\[", StringComparison.Ordinal).Replace("]", "\\]", StringComparison.Ordinal)
            .Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal);
}
