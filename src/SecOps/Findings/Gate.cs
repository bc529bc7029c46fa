using System.Globalization;

namespace SecOps.Findings;

public enum Verdict { Passed, Failed, Incomplete }

/// <summary>What the gate decided, and why.</summary>
public sealed record GateResult(Verdict Verdict, IReadOnlyList<GateReason> Reasons);

/// <summary>One reason for a verdict.</summary>
/// <param name="Because">The sentence for a person.</param>
/// <param name="Finding">Id of the finding responsible, if one is.</param>
/// <param name="Rule">Its rule.</param>
/// <param name="Scanner">The scanner that did not complete, if one is responsible.</param>
public sealed record GateReason(string Because, string? Finding = null, string? Rule = null, string? Scanner = null);

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

    /// <summary>Older vulnerability databases make the run incomplete; null: any age.</summary>
    public TimeSpan? MaxDatabaseAge { get; init; }

    public Severity ThresholdFor(Category category) => Categories.GetValueOrDefault(category, FailOn);
}

/// <summary>Decides. Pure: the same document and policy give the same result.</summary>
public static class Gate
{
    /// <summary>Failed wins over incomplete; incomplete over passed.</summary>
    public static GateResult Evaluate(GatePolicy policy, IEnumerable<Finding> findings, IReadOnlyList<Coverage> coverage, DateTimeOffset now)
    {
        var failed = findings.Select(f => Judge(policy, f)).OfType<GateReason>().ToList();
        var incomplete = Completeness(policy, coverage, now).ToList();
        var verdict = failed.Count > 0 ? Verdict.Failed : incomplete.Count > 0 ? Verdict.Incomplete : Verdict.Passed;
        return new GateResult(verdict, [.. failed, .. incomplete]);
    }

    /// <summary>Why this finding fails the gate; null when it does not.</summary>
    public static GateReason? Judge(GatePolicy policy, Finding f)
    {
        var counts = f.State == FindingState.New || (f.State == FindingState.Existing && !policy.NewOnly);
        var threshold = policy.ThresholdFor(f.Category);
        if (!counts || f.Severity < threshold)
        {
            return null;
        }

        var key = policy.Categories.ContainsKey(f.Category) ? "categories." + Words.Of(f.Category) : "failOn";
        var relation = f.Severity == threshold ? "is at" : "is above";
        var which = policy.NewOnly ? "new, and " : "";
        return new GateReason($"{which}{Words.Of(f.Severity)} {relation} {key}: {Words.Of(threshold)}", f.Id, f.Rule.Id);
    }

    private static IEnumerable<GateReason> Completeness(GatePolicy policy, IReadOnlyList<Coverage> coverage, DateTimeOffset now)
    {
        foreach (var name in policy.Require.Where(name => !coverage.Any(c => c.Scanner == name)))
        {
            yield return new GateReason($"{name} is required and was not run", Scanner: name);
        }

        foreach (var c in coverage.Where(c => (c.Required || IsRequired(policy, c)) && !c.IsComplete))
        {
            yield return new GateReason(Incompleteness(c), Scanner: c.Scanner);
        }

        // A scanner that was started and did not end well is not a clean result either, asked for by name or not.
        foreach (var c in coverage.Where(c => !c.Required && !IsRequired(policy, c) && c.Status is CoverageStatus.Failed or CoverageStatus.TimedOut or CoverageStatus.Cancelled))
        {
            yield return new GateReason(Incompleteness(c), Scanner: c.Scanner);
        }

        if (coverage.Any(c => c.Status == CoverageStatus.Missing) && !coverage.Any(c => c.Status == CoverageStatus.Completed))
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
            _ => string.Create(CultureInfo.InvariantCulture, $"could not read {c.Unread.Count} file{(c.Unread.Count == 1 ? "" : "s")} (first: {c.Unread[0].Path})"),
        };
        return c.Message is null || c.Status == CoverageStatus.Completed ? $"{c.Scanner} {what}" : $"{c.Scanner} {what}: {c.Message}";
    }
}
