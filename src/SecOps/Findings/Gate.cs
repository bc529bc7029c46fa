using System.Globalization;

namespace SecOps.Findings;

public enum Verdict { Passed, Failed, Incomplete }

/// <summary>What the gate decided, and why.</summary>
public sealed record GateResult(Verdict Verdict, IReadOnlyList<GateReason> Reasons)
{
    /// <summary>What did not decide and should be known.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The rules it decided by; null in documents of other origin.</summary>
    public GatePolicy? Policy { get; init; }
}

/// <summary>One reason for a verdict.</summary>
/// <param name="Because">The sentence for a person.</param>
/// <param name="Finding">Id of the finding responsible, if one is.</param>
/// <param name="Rule">Its rule.</param>
/// <param name="Scanner">The scanner that did not complete, if one is responsible.</param>
/// <param name="Waiver">The waiver that would have covered the finding and no longer holds: where it stands, and since when.</param>
public readonly record struct GateReason(string Because, string? Finding = null, string? Rule = null, string? Scanner = null, string? Waiver = null);

/// <summary>The rules of the gate.</summary>
public sealed record GatePolicy
{
    /// <summary>The lowest severity that fails.</summary>
    public Severity FailOn { get; init; } = Severity.High;

    /// <summary>Another threshold for a category.</summary>
    public IReadOnlyDictionary<Category, Severity> Categories { get; init; } = new Dictionary<Category, Severity>();

    /// <summary>Only findings that the baseline does not know can fail the gate.</summary>
    public bool NewOnly { get; init; }

    /// <summary>Scanners that must have completed.</summary>
    public IReadOnlyList<string> Require { get; init; } = [];

    /// <summary>A failed quality gate of SonarQube fails this gate too.</summary>
    public bool QualityGate { get; init; }

    /// <summary>Older vulnerability databases make the run incomplete; null: any age.</summary>
    public TimeSpan? MaxDatabaseAge { get; init; }

    public Severity ThresholdFor(Category category) => Categories.GetValueOrDefault(category, FailOn);
}

/// <summary>Decides. Pure: the same document and policy give the same result.</summary>
public static class Gate
{
    /// <summary>Failed wins over incomplete; incomplete over passed.</summary>
    /// <param name="expired">By a finding's id, the waiver that would cover it had it not ended; of <see cref="Waivers"/>.</param>
    public static GateResult Evaluate(
        GatePolicy policy, IReadOnlyList<Finding> findings, IReadOnlyList<Coverage> coverage, DateTimeOffset now, IReadOnlyDictionary<string, string>? expired = null)
    {
        // A hundred thousand reasons have a handful of sentences.
        var sentences = new string?[(int)Severity.Critical + 1, Enum.GetValues<Category>().Length];
        var (fails, unknown) = (new FailingFinding[findings.Count], 0);
        Identity.Each(0, findings.Count, i =>
        {
            if (findings[i] is var f && Fails(policy, f))
            {
                fails[i] = new FailingFinding(sentences[(int)f.Severity, (int)f.Category] ??= Because(policy, f), f.Id, f.Rule.Id);
            }
            else if (f.Severity == Severity.Unknown && Counts(policy, f))
            {
                Interlocked.Increment(ref unknown);
            }
        });

        var failing = 0;
        foreach (var f in fails)
        {
            if (f.Id is not null)
            {
                fails[failing++] = f;
            }
        }

        var others = new List<GateReason>();
        if (policy.QualityGate)
        {
            others.AddRange(FailedQuality(coverage).Select(c => new GateReason(c.Quality!.Sentence!, Scanner: c.Scanner)));
        }

        var failures = failing + others.Count;
        others.AddRange(Completeness(policy, coverage, now));
        var reasons = new GateReasons(new ArraySegment<FailingFinding>(fails, 0, failing), others, expired);
        return new GateResult(failures > 0 ? Verdict.Failed : reasons.Count > 0 ? Verdict.Incomplete : Verdict.Passed, reasons) { Notes = [.. Notes(policy, unknown, coverage)], Policy = policy };
    }

    private static bool Fails(GatePolicy policy, Finding f) => Counts(policy, f) && f.Severity >= policy.ThresholdFor(f.Category);

    private static string Because(GatePolicy policy, Finding f)
    {
        var threshold = policy.ThresholdFor(f.Category);
        var relation = f.Severity == threshold ? "is at" : "is above";
        var which = policy.NewOnly ? "new, and " : "";
        return $"{which}{Words.Of(f.Severity)} {relation} {Key(policy, f.Category)}: {Words.Of(threshold)}";
    }

    /// <summary>Why this finding does not fail the gate.</summary>
    public static string WhyNot(GatePolicy policy, Finding f) => f.State switch
    {
        FindingState.Fixed => "it is fixed",
        FindingState.NotRescanned => "its file or scanner was not part of this run",
        FindingState.Waived when f.Waiver is { } w => string.Create(CultureInfo.InvariantCulture, $"it is waived until {w.Expires:O} by {w.Owner}: {w.Reason}"),
        FindingState.Waived => "it is waived",
        FindingState.Existing when policy.NewOnly => "the baseline knows it, and gate.newOnly is set",
        _ when f.Severity == Severity.Unknown => $"its severity is not known, and {Key(policy, f.Category)} is {Words.Of(policy.ThresholdFor(f.Category))}",
        _ => $"{Words.Of(f.Severity)} is below {Key(policy, f.Category)}: {Words.Of(policy.ThresholdFor(f.Category))}",
    };

    private static bool Counts(GatePolicy policy, Finding f) => f.State == FindingState.New || (f.State == FindingState.Existing && !policy.NewOnly);

    private static string Key(GatePolicy policy, Category category) => policy.Categories.ContainsKey(category) ? "categories." + Words.Of(category) : "failOn";

    private static IEnumerable<Coverage> FailedQuality(IReadOnlyList<Coverage> coverage) => coverage.Where(c => c.Quality is { HasFailed: true });

    private static IEnumerable<string> Notes(GatePolicy policy, int unknown, IReadOnlyList<Coverage> coverage)
    {
        foreach (var c in FailedQuality(coverage).Where(_ => !policy.QualityGate))
        {
            yield return $"{c.Quality!.Sentence}; gate.qualityGate: true lets that fail this gate";
        }

        if (unknown > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{unknown} finding{(unknown == 1 ? " has" : "s have")} no known severity and can't fail the gate; failOn: unknown lets {(unknown == 1 ? "it" : "them")}");
        }
    }

    private static IEnumerable<GateReason> Completeness(GatePolicy policy, IReadOnlyList<Coverage> coverage, DateTimeOffset now)
    {
        foreach (var name in policy.Require.Where(name => !coverage.Any(c => c.Scanner == name)))
        {
            yield return new GateReason($"{name} is required and was not run", Scanner: name);
        }

        foreach (var c in coverage.Where(c => (c.Required || IsRequired(policy, c)) && (!c.IsComplete || (c.Status == CoverageStatus.Skipped && !c.NothingToScan))))
        {
            yield return new GateReason(Incompleteness(c), Scanner: c.Scanner);
        }

        // A scanner that was started and did not end well is not a clean result either, asked for by name or not.
        foreach (var c in coverage.Where(c => !c.Required && !IsRequired(policy, c) && c.Status is CoverageStatus.Failed or CoverageStatus.TimedOut or CoverageStatus.Cancelled))
        {
            yield return new GateReason(Incompleteness(c), Scanner: c.Scanner);
        }

        // A required one that had nothing to look at has said what it was asked for: a change of a text alone is no unknown.
        if (coverage.Any(c => c.Status == CoverageStatus.Missing) && !coverage.Any(c => c.Status == CoverageStatus.Completed || (c.NothingToScan && (c.Required || IsRequired(policy, c)))))
        {
            yield return new GateReason("no scanner completed, so nothing is known");
        }

        foreach (var c in coverage.Where(c => c.Status == CoverageStatus.Completed && policy.MaxDatabaseAge is { } max && c.DatabaseDate is { } date && now - date > max))
        {
            var age = (now - c.DatabaseDate!.Value).TotalDays.ToString("0", CultureInfo.InvariantCulture);
            yield return new GateReason($"the database of {c.Scanner} is {age} days old, older than gate.maxDatabaseAge", Scanner: c.Scanner);
        }
    }

    private static bool IsRequired(GatePolicy policy, Coverage c) => policy.Require.Contains(c.Scanner);

    private static string Incompleteness(Coverage c)
    {
        var what = c.Status switch
        {
            CoverageStatus.Missing => "is not installed",
            CoverageStatus.Failed => "failed",
            CoverageStatus.TimedOut => "timed out",
            CoverageStatus.Cancelled => "was cancelled",
            CoverageStatus.Skipped => "was skipped",
            _ => $"could not read {Words.Count(c.Unread.Count, "file")} (first: {c.Unread[0].Path})",
        };
        return c.Message is null || c.Status == CoverageStatus.Completed ? $"{c.Scanner} {what}" : $"{c.Scanner} {what}: {c.Message}";
    }
}
