using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using SecOps.Configuration;
using SecOps.Findings;
using SecOps.Processes;
using SecOps.Remediation;
using SecOps.Remediation.Bedrock;
using SecOps.Remediation.Verification;

namespace SecOps.Commands;

/// <summary>What is told beside the outcomes.</summary>
internal sealed record RemediateFacts
{
    /// <summary>US dollars spent on a model.</summary>
    public decimal Cost { get; init; }

    /// <summary>The last hash of the model's audit log.</summary>
    public string? Audit { get; init; }

    /// <summary>Where the code as it was is kept: a file, or an address in S3.</summary>
    public string? Snapshot { get; init; }

    /// <summary>Of a dry run.</summary>
    public WouldSend? WouldSend { get; init; }
}

/// <summary>Tells what became of each finding: on the terminal, as JSON, and in <c>findings.json</c>.</summary>
internal sealed class RemediateResults(Workspace workspace, SecOpsConfiguration configuration, Rescan rescan, IReadOnlyList<Finding> found)
{
    public void Write(IReadOnlyList<FixOutcome> outcomes, RunInfo run, RemediateFacts facts)
    {
        var document = File.Exists(workspace.FindingsFile) ? FindingsReader.Read(workspace.FindingsFile) : New(run);
        outcomes = [.. outcomes.Select(o => o with { Diff = o.Diff is null ? null : SecretPlaceholders.Mask(o.Diff, workspace.Redactor), Reason = o.Reason is null ? null : SecretPlaceholders.Mask(o.Reason, workspace.Redactor) })];
        var byId = outcomes.ToDictionary(o => o.Finding.Id, StringComparer.Ordinal);
        var updated = document with { Findings = [.. document.Findings.Select(f => With(f, byId, workspace.Redactor))] };
        AtomicFile.Write(workspace.FindingsFile, stream => FindingsWriter.Write(stream, updated));
        if (workspace.Options.Json)
        {
            workspace.Terminal.Result(Json(outcomes, facts));
        }

        Tell(workspace.Terminal, outcomes, facts);
    }

    private FindingsDocument New(RunInfo run)
    {
        var now = workspace.Clock.GetUtcNow();
        var waived = Waivers.Apply(configuration.Waivers, Identity.Assign(found), DateOnly.FromDateTime(now.UtcDateTime));
        List<Coverage> coverage = [.. rescan.Coverage.Values.OrderBy(c => c.Scanner, StringComparer.Ordinal)];
        return new FindingsDocument
        {
            Run = run,
            Coverage = coverage,
            Findings = waived.Findings,
            WaiverNotes = waived.Notes,
            Gate = Gate.Evaluate(configuration.Gate, waived.Findings, coverage, now, waived.Expired),
        };
    }

    /// <summary>The finding with what became of it; when several scanners see it together, each part has its own.</summary>
    private static Finding With(Finding finding, Dictionary<string, FixOutcome> outcomes, Redactor redactor)
    {
        var named = finding.Aliases.Prepend(finding.Id).Where(outcomes.ContainsKey).Select(id => outcomes[id]).FirstOrDefault();
        // What a dry run proposes is less than what was proven before.
        return named is null || (named.Outcome == FixOutcome.Proposed && finding.OwnFix?.Outcome is not null) ? finding : finding with
        {
            Fix = Of(finding.Fix, named, redactor),
            Joined = [.. finding.Joined.Select(part => With(part, outcomes, redactor))],
        };
    }

    private static Fix Of(Fix? old, FixOutcome outcome, Redactor redactor) =>
        new(outcome.Summary ?? old?.Description, old?.Version, outcome.Outcome, outcome.Gate)
        {
            Reason = outcome.Reason,
            Engine = outcome.Engine,
            Risk = outcome.Risk,
            Successors = outcome.Successors,
            PullRequest = outcome.PullRequest,
            Changes = FixEdits.Of(outcome.Changes, text => SecretPlaceholders.Mask(text, redactor)),
        };

    private static string Json(IReadOnlyList<FixOutcome> outcomes, RemediateFacts facts)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteStartArray("results"u8);
            foreach (var o in outcomes)
            {
                json.WriteStartObject();
                json.WriteString("finding"u8, o.Finding.Id);
                json.WriteString("rule"u8, o.Finding.Rule.Id);
                json.WriteString("outcome"u8, o.Outcome);
                json.WriteString("gate"u8, o.Gate);
                json.WriteString("diff"u8, o.Diff);
                json.WriteString("path"u8, o.Finding.Location.Path ?? o.Finding.Location.Package?.Manifest);
                if (o.Finding.Location.StartLine is { } line)
                {
                    json.WriteNumber("line"u8, line);
                }

                json.WriteString("reason"u8, o.Reason);
                json.WriteString("engine"u8, o.Engine);
                json.WriteString("summary"u8, o.Summary);
                json.WriteString("risk"u8, o.Risk);
                FindingsWriter.Write(json, "successors"u8, o.Successors);
                json.WriteString("pullRequest"u8, o.PullRequest);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteNumber("cost"u8, facts.Cost);
            json.WriteString("audit"u8, facts.Audit);
            json.WriteString("snapshot"u8, facts.Snapshot);
            if (facts.WouldSend is { } send)
            {
                json.WriteStartObject("wouldSend"u8);
                json.WriteNumber("calls"u8, send.Calls);
                json.WriteNumber("inputTokens"u8, send.InputTokens);
                json.WriteNumber("cost"u8, send.Cost);
                FindingsWriter.Write(json, "files"u8, send.Files);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    private static void Tell(Terminal terminal, IReadOnlyList<FixOutcome> outcomes, RemediateFacts facts)
    {
        var counts = outcomes.GroupBy(o => o.Outcome).OrderByDescending(g => g.Count()).Select(g => string.Create(CultureInfo.InvariantCulture, $"{g.Count()} {g.Key}"));
        terminal.Say(outcomes.Count == 0 ? "No findings to mend." : $"{Words.Count(outcomes.Count, "finding")}: {string.Join(", ", counts)}.");
        foreach (var outcome in outcomes.Where(o => facts.WouldSend is not null || o.IsVerified))
        {
            terminal.Say(Terminal.Clean($"  {outcome.Finding.Rule.Id,-8} {outcome.Finding.Location.Path}:{outcome.Finding.Location.StartLine}  {outcome.Summary ?? outcome.Reason}"));
        }

        if (facts.WouldSend is { } send)
        {
            terminal.Say(send.Calls == 0
                ? "Nothing would be sent."
                : string.Create(CultureInfo.InvariantCulture, $"{send.Calls} calls, {send.Files.Count} files, about {send.InputTokens} tokens, at most {send.Cost:0.00} US dollars for the first attempts. A finding whose built-in fix is refused would be sent too."));
        }
    }
}
