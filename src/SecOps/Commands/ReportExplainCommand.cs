using System.CommandLine;
using System.Globalization;
using SecOps.Findings;
using SecOps.Reports;

namespace SecOps.Commands;

/// <summary><c>secops report explain</c>: why the gate decided as it did, in all, or for one finding.</summary>
internal static class ReportExplainCommand
{
    public static Command Create(Func<ParseResult, Workspace> open)
    {
        var id = new Argument<string?>("id") { Description = "A finding's id, or its beginning. Default: the whole verdict.", Arity = ArgumentArity.ZeroOrOne, HelpName = "ID" };
        var command = new Command("explain", "Say why the gate decided as it did, or why a finding counts or does not.\n\nExample: secops report explain f1-9c1e") { id };
        command.SetAction((parsed, _) =>
        {
            using var workspace = open(parsed);
            return Task.FromResult(Run(workspace, parsed.GetValue(id)));
        });
        return command;
    }

    private static int Run(Workspace workspace, string? id)
    {
        var document = FindingsReader.Read(workspace.FindingsFile);
        // What the run decided by stands in its document; a document of another origin is judged by the configuration of this place.
        var policy = document.Gate?.Policy ?? workspace.Configuration(workspace.Directory).Gate;
        var gate = document.Gate ?? Gate.Evaluate(policy, document.Findings, document.Coverage, document.Run.FinishedAt);
        if (id is not null)
        {
            var finding = FindingChoice.Find(document, id);
            if (workspace.Options.Json)
            {
                ExplanationJson.Write(workspace.Terminal, gate, policy, [finding]);
            }

            Explain(workspace.Terminal, finding, gate, policy);
            return ExitCode.Clean;
        }

        if (workspace.Options.Json)
        {
            ExplanationJson.Write(workspace.Terminal, gate, policy, document.Findings);
        }

        Explain(workspace.Terminal, document, gate, policy);
        return ExitCode.Clean;
    }

    private static void Explain(Terminal terminal, FindingsDocument document, GateResult gate, GatePolicy policy)
    {
        terminal.Say($"The gate {Words.Of(gate.Verdict)}.");
        terminal.Say($"It fails on {Rules(policy)}.");
        var byId = document.Findings.ToLookup(f => f.Id);
        foreach (var reason in gate.Reasons)
        {
            var what = reason.Finding is { } id ? $"{Named(byId[id].FirstOrDefault())} ({id}): " : "";
            terminal.Say($"  {terminal.Paint("✗", "31")} {what}{Terminal.Clean(reason.Because)}{(reason.Waiver is null ? "" : "; waiver " + Terminal.Clean(reason.Waiver))}");
        }

        foreach (var waived in document.Findings.Where(f => f.State == FindingState.Waived))
        {
            terminal.Say($"  {terminal.Paint("○", "33")} {Named(waived)} ({waived.Id}): {Terminal.Clean(Gate.WhyNot(policy, waived))}");
        }

        var failing = gate.Reasons.Select(r => r.Finding).ToHashSet();
        foreach (var group in document.Findings.Where(f => f.State != FindingState.Waived && !failing.Contains(f.Id)).CountBy(f => Gate.WhyNot(policy, f)))
        {
            terminal.Say($"  {terminal.Paint("✓", "32")} {Words.Count(group.Value, "other finding")}: {group.Key}");
        }

        foreach (var c in document.Coverage.Where(c => c.IsComplete))
        {
            terminal.Say($"  {terminal.Paint("✓", "32")} {Terminal.Clean(c.Scanner)} {(c.NothingToScan ? "had nothing to scan" : Words.Of(c.Status))}");
        }

        foreach (var c in document.Coverage.Where(c => !c.IsComplete && gate.Reasons.All(r => r.Scanner != c.Scanner)))
        {
            terminal.Say($"  {terminal.Paint("○", "33")} {Terminal.Clean(c.Scanner)} {Words.Of(c.Status)}, and nothing requires it");
        }

        foreach (var note in gate.Notes.Concat(document.WaiverNotes))
        {
            terminal.Say($"  {terminal.Paint("note:", "33")} {Terminal.Clean(note)}");
        }
    }

    private static void Explain(Terminal terminal, Finding f, GateResult gate, GatePolicy policy)
    {
        terminal.Say($"{f.Id}  {Named(f)}");
        terminal.Say($"  {Terminal.Clean(f.Title)}");
        if (f.Message is { } message && message != f.Title)
        {
            terminal.Say($"  {Terminal.Clean(message)}");
        }

        foreach (var line in (f.Location.Snippet ?? "").Split('\n').Where(l => l.Length > 0).Take(10))
        {
            terminal.Say($"      {Terminal.Clean(line)}");
        }

        var words = string.Join(", ", f.Scanners.Select(s => $"{s.Name} {s.RuleId} says {s.Severity ?? "nothing of severity"}"));
        terminal.Say($"  severity: {Words.Of(f.Severity)} ({Terminal.Clean(words)})");
        terminal.Say($"  state: {Words.Of(f.State)}");
        if (f.Waiver is { } w)
        {
            terminal.Say(string.Create(CultureInfo.InvariantCulture, $"  waiver: {Terminal.Clean(w.Reason)}; {Terminal.Clean(w.Owner)}; until {w.Expires:O}"));
        }

        if (f.Aliases.Count > 0)
        {
            terminal.Say($"  also known as: {Terminal.Clean(string.Join(", ", f.Aliases))}");
        }

        if (f.Rule.Advisories.Count > 1)
        {
            terminal.Say($"  advisories: {Terminal.Clean(string.Join(", ", f.Rule.Advisories))}");
        }

        Explain(terminal, f.Fix);

        terminal.Say(gate.Reasons.FirstOrDefault(r => r.Finding == f.Id) is { Finding: not null } reason
            ? $"  {terminal.Paint("fails the gate", "31")}: {Terminal.Clean(reason.Because)}{(reason.Waiver is null ? "" : "; waiver " + Terminal.Clean(reason.Waiver))}"
            : $"  {terminal.Paint("does not fail the gate", "32")}: {Terminal.Clean(Gate.WhyNot(policy, f))}");
    }

    private static void Explain(Terminal terminal, Fix? fix)
    {
        (string Name, string? Value)[] lines =
        [
            ("fix", fix?.Description), ("state of the fix", FindingText.FixState(fix)), ("made by", fix?.Engine), ("what remains", fix?.Risk),
            ("comes instead", fix is { Successors.Count: > 0 } ? string.Join(", ", fix.Successors) : null), ("pull request", fix?.PullRequest),
        ];
        foreach (var (name, value) in lines.Where(l => l.Value is not null))
        {
            terminal.Say($"  {name}: {Terminal.Clean(value)}");
        }

        foreach (var change in fix?.Changes ?? [])
        {
            terminal.Say($"      {Terminal.Clean(change.Path)}");
            foreach (var line in FindingText.Lines(change).Take(20))
            {
                terminal.Say($"      {terminal.Paint(Terminal.Clean(line), line[0] == '-' ? "31" : "32")}");
            }
        }
    }

    private static string Rules(GatePolicy policy)
    {
        var categories = policy.Categories.OrderBy(c => c.Key).Select(c => $"{Words.Of(c.Key)} from {Words.Of(c.Value)}");
        return string.Join(", ", categories.Prepend($"severity {Words.Of(policy.FailOn)} and above")) + (policy.NewOnly ? ", new findings only" : "");
    }

    private static string Named(Finding? f) => f is null ? "a finding" : $"{Terminal.Clean(f.Rule.Id)} at {Terminal.Clean(FindingText.Place(f))}";
}
