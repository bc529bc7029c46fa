using System.Globalization;
using SecOps.Findings;
using SecOps.Graylog;

namespace SecOps.Reports;

/// <summary>
/// What Graylog is told of a run: a message for the run, one for each scanner's look at a target, and on request one for each finding. Fields
/// that a dashboard asks for: counts by severity, image, SonarQube's quality gate and bugs, project key, verdict.
/// </summary>
internal static class GraylogMessages
{
    /// <summary>More messages of findings than this are not sent for one run: the worst get one.</summary>
    public const int MaxFindings = 5_000;

    /// <param name="projectKey">What the messages of a project have in common, where no scanner names a project of its own; null: none.</param>
    /// <returns>The messages, and how many findings got none.</returns>
    public static (IReadOnlyList<GelfMessage> Messages, int LeftOut) Of(FindingsDocument document, string host, string? projectKey, bool findings)
    {
        var told = findings ? document.Findings.Where(f => f.State is FindingState.New or FindingState.Existing).ToList() : [];
        return (
            [
                Run(document, host, projectKey), .. document.Coverage.Select((c, number) => Scanner(document, host, projectKey, c, number)),
                .. told.Take(MaxFindings).Select(f => One(document, host, projectKey, f)),
            ],
            Math.Max(0, told.Count - MaxFindings));
    }

    private static GelfMessage Run(FindingsDocument document, string host, string? projectKey)
    {
        var s = document.Summary;
        var verdict = document.Gate is { } gate ? Words.Of(gate.Verdict) : "none";
        return new GelfMessage(
            document.Run.Id + "-run", host, $"secops: gate {verdict}, {Words.Count(s.Total, "finding")}", document.Run.FinishedAt, Level(document.Gate?.Verdict),
            [
                .. Common(document, "run", projectKey), new("reasons", string.Join("\n", (document.Gate?.Reasons ?? []).Take(20).Select(r => r.Because))),
                new("total", s.Total), .. Counts(document.Findings), new("new", s.New), new("existing", s.Existing), new("waived", s.Waived), new("fixed", s.Fixed), new("not_rescanned", s.NotRescanned),
                new("incomplete", string.Join(' ', document.Coverage.Where(c => !c.IsComplete).Select(c => c.Scanner).Distinct())),
            ]);
    }

    private static GelfMessage Scanner(FindingsDocument document, string host, string? projectKey, Coverage c, int number)
    {
        var ours = document.Findings.Where(f => f.Scanners.Any(s => s.Name == c.Scanner)).ToList();
        var image = ours.Select(f => f.Location.Image?.Reference).OfType<string>().Distinct().ToList();
        return new GelfMessage(
            string.Create(CultureInfo.InvariantCulture, $"{document.Run.Id}-scanner-{number}"), host, $"secops: {c.Scanner} {Words.Of(c.Status)}", document.Run.FinishedAt, c.IsComplete ? 6 : 4,
            [
                .. Common(document, "scanner", c.Quality?.ProjectKey ?? projectKey), new("scanner", c.Scanner), new("scanner_version", c.Version), new("target", c.Target), new("status", Words.Of(c.Status)), new("message", c.Message),
                new("reported", c.Findings), new("duration_ms", c.DurationMs), new("unread_files", c.Unread.Count), .. Counts(ours),
                // An imported report's target is its file; the findings say which image it was about.
                new("image", image.Count == 1 ? image[0] : null), .. Quality(c.Quality),
            ]);
    }

    /// <summary>SonarQube's own words of the project: its quality gate is not the verdict of ours.</summary>
    private static IEnumerable<KeyValuePair<string, object?>> Quality(ProjectQuality? quality) => quality is null ? [] :
    [
        new("quality_gate", quality.Gate), new("quality_gate_failing", string.Join(", ", quality.Failing.Select(c => c.Sentence))),
        new("bugs", quality.Bugs), new("vulnerabilities", quality.Vulnerabilities), new("code_smells", quality.CodeSmells), new("hotspots", quality.Hotspots),
    ];

    private static GelfMessage One(FindingsDocument document, string host, string? projectKey, Finding f) => new(
        $"{document.Run.Id}-{f.Id}", host, MarkdownText.Cut(f.Title, 500), document.Run.FinishedAt, f.Severity switch { Severity.Critical => 2, Severity.High => 3, Severity.Medium => 4, Severity.Low => 5, _ => 6 },
        [
            .. Common(document, "finding", projectKey), new("finding", f.Id), new("severity", Words.Of(f.Severity)), new("category", Words.Of(f.Category)), new("state", Words.Of(f.State)), new("rule", f.Rule.Id),
            new("place", FindingText.Place(f)), new("path", f.Location.Path), new("line", f.Location.StartLine), new("package", f.Location.Package?.Purl), new("image", f.Location.Image?.Reference),
            new("scanners", string.Join(' ', f.Scanners.Select(s => s.Name).Distinct())), new("cwe", string.Join(' ', f.Rule.Cwe)), new("fix", FindingText.Fix(f)), new("fix_outcome", f.Fix?.Outcome), new("full", f.Message),
        ]);

    private static IEnumerable<KeyValuePair<string, object?>> Common(FindingsDocument document, string kind, string? projectKey) =>
    [
        new("kind", kind), new("project_key", projectKey), new("gate", document.Gate is { } gate ? Words.Of(gate.Verdict) : "none"), new("run", document.Run.Id), new("commit", document.Run.Commit), new("branch", document.Run.Branch), new("secops_version", document.Run.SecopsVersion),
    ];

    private static IEnumerable<KeyValuePair<string, object?>> Counts(IEnumerable<Finding> findings)
    {
        var s = Summary.Of([.. findings]);
        return [new("critical", s.Critical), new("high", s.High), new("medium", s.Medium), new("low", s.Low), new("info", s.Info), new("unknown", s.Unknown)];
    }

    private static int Level(Verdict? verdict) => verdict switch { Verdict.Failed => 3, Verdict.Incomplete => 4, _ => 6 };
}
