using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using SecOps.Findings;
using SecOps.GitHub;

namespace SecOps.Reports;

/// <summary>
/// Shows a run on GitHub: alerts in the Security tab, annotations, the step's summary, one comment on the pull request, a check with the verdict. Each is
/// tried, whatever became of the others. Limits: https://docs.github.com/code-security/reference/code-scanning/sarif-files/sarif-support-for-code-scanning
/// </summary>
internal sealed class GitHubPublisher(GitHubClient client, GitHubContext context, Terminal terminal, TimeProvider clock)
{
    private const int MaxUpload = 10 * 1024 * 1024;
    private const int MaxResults = 25_000;
    private const int MaxShown = 5_000;
    private const int MaxRuns = 20;
    private const int MaxComment = 65_000;
    private const int MaxSummary = 1_000 * 1024;
    private const int MaxCheckAnnotations = 50;

    /// <summary>Prefix of each run's category in the Security tab, name of the check and mark of the comment; another one for a second project in the same repository.</summary>
    public string Category { get; init; } = "secops";

    /// <summary>The repository's folder, to compute line hashes from its files; null: without.</summary>
    public string? Root { get; init; }

    /// <returns>What failed, each a sentence; empty when all went well.</returns>
    public async Task<IReadOnlyList<string>> PublishAsync(FindingsDocument document, CancellationToken cancellation)
    {
        var failures = new List<string>();
        (string What, Func<Task> Do)[] steps =
        [
            ("SARIF", () => UploadAsync(document, failures, cancellation)),
            ("annotations", () => Annotate(document)),
            ("step summary", () => SummarizeAsync(document, cancellation)),
            ("comment", () => CommentAsync(document, cancellation)),
            ("check", () => CheckAsync(document, cancellation)),
        ];
        foreach (var (what, act) in steps)
        {
            try
            {
                await act();
            }
            catch (GitHubException e) when (context.FromFork && e.Status is HttpStatusCode.Forbidden or HttpStatusCode.NotFound)
            {
                // Nobody who works on the fork can change that, so it is no failure; annotations and summary need no token.
                terminal.Say($"GitHub: the {what} is left out: this pull request comes from a fork, whose token may only read.");
            }
            catch (GitHubException e)
            {
                failures.Add(e.Message);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                failures.Add($"the {what} cannot be written: {e.Message}");
            }
        }

        return failures;
    }

    private async Task UploadAsync(FindingsDocument document, List<string> failures, CancellationToken cancellation)
    {
        if (!document.Coverage.Any(c => c.Status == CoverageStatus.Completed))
        {
            terminal.Say("GitHub: no SARIF is uploaded, since no scanner completed: an empty report would close alerts.");
            return;
        }

        var hashes = new LineHashes(Root);
        byte[] packed;
        IReadOnlyList<string> notes;
        for (var limit = MaxResults; ; limit /= 2)
        {
            (packed, notes) = Pack(document, limit, hashes);
            if (packed.Length <= MaxUpload || limit < 100)
            {
                break;
            }
        }

        foreach (var note in notes)
        {
            terminal.Say($"GitHub: {note}.");
        }

        var many = document.Findings.GroupBy(f => f.Scanners[0].Name).Where(g => g.Count() > MaxShown).Select(g => g.Key).ToList();
        if (many.Count > 0)
        {
            terminal.Say(string.Create(CultureInfo.InvariantCulture, $"GitHub: of {string.Join(", ", many)} the worst {MaxShown} are shown there."));
        }

        var id = await client.UploadSarifAsync(context.Repository, context.Commit, context.Ref, Convert.ToBase64String(packed), document.Run.StartedAt, cancellation);
        await AwaitAsync(id, failures, cancellation);
    }

    private (byte[] Packed, IReadOnlyList<string> Notes) Pack(FindingsDocument document, int limit, LineHashes hashes)
    {
        using var memory = new MemoryStream();
        IReadOnlyList<string> notes;
        using (var gzip = new GZipStream(memory, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            notes = new SarifReport(new SarifOptions { CompletedOnly = true, MaxRuns = MaxRuns, MaxResults = limit, Category = Category, LineHash = hashes.Of }).Write(gzip, document);
        }

        return (memory.ToArray(), notes);
    }

    private async Task AwaitAsync(string id, List<string> failures, CancellationToken cancellation)
    {
        const int Asks = 10;
        for (var ask = 0; id.Length > 0 && ask < Asks; ask++)
        {
            var (status, errors) = await client.GetSarifAsync(context.Repository, id, cancellation);
            if (status == "complete")
            {
                terminal.Say("GitHub: SARIF uploaded and processed.");
                return;
            }

            if (status == "failed")
            {
                failures.Add($"GitHub refuses the SARIF report: {Terminal.Clean(string.Join("; ", errors))}");
                return;
            }

            await Task.Delay(TimeSpan.FromSeconds(3), clock, cancellation);
        }

        terminal.Say($"GitHub: SARIF uploaded (id {Terminal.Clean(id)}), not processed yet.");
    }

    private Task Annotate(FindingsDocument document)
    {
        if (context.InActions)
        {
            var (lines, left) = WorkflowCommands.Annotations(document);
            foreach (var line in lines)
            {
                // GitHub reads commands from both outputs; with --json the first one belongs to a program.
                if (terminal.Json)
                {
                    terminal.Raw(line + "\n");
                }
                else
                {
                    terminal.Result(line + "\n");
                }
            }

            terminal.Say(string.Create(CultureInfo.InvariantCulture, $"GitHub: {lines.Count} annotations{(left > 0 ? $"; {left} findings, the least severe, got none" : "")}."));
        }

        return Task.CompletedTask;
    }

    private async Task SummarizeAsync(FindingsDocument document, CancellationToken cancellation)
    {
        if (context.StepSummary is not { } file)
        {
            return;
        }

        // A summary that grows too large is dropped whole, with what other commands of the step wrote.
        var room = MaxSummary - (File.Exists(file) ? new FileInfo(file).Length : 0);
        if (room < 10_000)
        {
            terminal.Say("GitHub: the step's summary is full; nothing was added.");
            return;
        }

        var (text, left) = MarkdownReport.Render(document, (int)room);
        await File.AppendAllTextAsync(file, text + "\n", new UTF8Encoding(false), cancellation);
        terminal.Say("GitHub: step summary written" + LeftOut(left));
    }

    private async Task CommentAsync(FindingsDocument document, CancellationToken cancellation)
    {
        if (context.PullRequest is not { } number)
        {
            return;
        }

        var (text, left) = MarkdownReport.Render(document, MaxComment);
        // Found again by this line, which nobody sees; a category has a comment of its own.
        var marker = $"<!-- secops-report {string.Concat(Category.Where(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.'))} -->\n";
        var body = marker + text;
        var comments = await client.ListCommentsAsync(context.Repository, number, cancellation);
        // Anybody may write the marker.
        if (comments.FirstOrDefault(c => c.OfTheHouse && c.Body.ReplaceLineEndings("\n").StartsWith(marker, StringComparison.Ordinal)) is { } ours)
        {
            await client.UpdateCommentAsync(context.Repository, ours.Id, body, cancellation);
            terminal.Say("GitHub: comment updated" + LeftOut(left));
        }
        else
        {
            await client.CreateCommentAsync(context.Repository, number, body, cancellation);
            terminal.Say("GitHub: comment written" + LeftOut(left));
        }
    }

    private async Task CheckAsync(FindingsDocument document, CancellationToken cancellation)
    {
        if (document.Gate is not { } gate)
        {
            return;
        }

        var (summary, _) = MarkdownReport.Render(document, MaxComment);
        // Inside Actions the step has annotated already.
        var placed = context.InActions ? [] : WorkflowCommands.Placed(document).ToList();
        List<CheckAnnotation> annotations = [.. placed.Take(MaxCheckAnnotations).Select(Annotation)];
        // Incomplete is no success, and "neutral" would let a required check pass.
        var conclusion = gate.Verdict == Verdict.Passed ? "success" : "failure";
        var s = document.Summary;
        var title = string.Create(CultureInfo.InvariantCulture, $"Gate {Words.Of(gate.Verdict)}: {Words.Count(s.Total, "finding")}, {s.New} new");
        await client.CreateCheckRunAsync(context.Repository, Category, context.Head, conclusion, title, summary, annotations, cancellation);
        var rest = placed.Count - annotations.Count;
        terminal.Say($"GitHub: check set to {conclusion}{(rest > 0 ? string.Create(CultureInfo.InvariantCulture, $"; {rest} findings, the least severe, got no annotation") : "")}.");
    }

    private static CheckAnnotation Annotation(Finding f)
    {
        var start = Math.Max(1, f.Location.StartLine ?? 1);
        var level = f.Severity switch { Severity.Critical or Severity.High => "failure", Severity.Medium or Severity.Unknown => "warning", _ => "notice" };
        return new CheckAnnotation(WorkflowCommands.Path(f), start, Math.Max(start, f.Location.EndLine ?? start), level, WorkflowCommands.Title(f), WorkflowCommands.Message(f));
    }

    private static string LeftOut(int left) => left == 0 ? "." : string.Create(CultureInfo.InvariantCulture, $"; {left} findings, the least severe, did not fit.");
}
