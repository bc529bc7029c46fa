using System.Globalization;
using SecOps.Findings;

namespace SecOps.Reports;

/// <summary>What a finding says in words, for every format that people read. The text is as the scanner wrote it: each format makes it safe.</summary>
internal static class FindingText
{
    /// <summary>Where it is, in a few words.</summary>
    public static string Place(Finding f)
    {
        var l = f.Location;
        if (l.Package is { } package)
        {
            return package.Version is null ? package.Name : $"{package.Name} {package.Version}";
        }

        if (l.Path is { } path)
        {
            return l.StartLine is { } line ? string.Create(CultureInfo.InvariantCulture, $"{path}:{line}") : path;
        }

        return l.Url is { } url ? $"{l.Method} {url}".Trim() : l.Resource ?? l.Image?.Reference ?? "";
    }

    /// <summary>Everything known of it that has no column of its own: a name and a value each.</summary>
    /// <param name="reason">Why the gate refuses it, if it does.</param>
    public static IEnumerable<(string Name, string Value)> Facts(Finding f, string? reason = null)
    {
        var l = f.Location;
        (string Name, string? Value)[] all =
        [
            ("Gate", reason),
            ("Fix", Mends(f)),
            ("State of the fix", FixState(f.Fix)),
            ("Fix made by", f.Fix?.Engine),
            ("What remains", f.Fix?.Risk),
            ("Comes instead", f.Fix is null ? null : string.Join(", ", f.Fix.Successors)),
            ("Pull request", f.Fix?.PullRequest),
            ("Waiver", Waiver(f)),
            ("Confidence", f.Confidence),
            ("Rule", f.Rule.Name == f.Rule.Id ? null : f.Rule.Name),
            ("Advisories", f.Rule.Advisories.Count > 0 ? string.Join(", ", f.Rule.Advisories) : null),
            ("Package", l.Package?.Purl),
            ("Named in", l.Package?.Manifest),
            ("File", l.Package is null ? null : l.Path),
            ("Image", l.Image is { } image ? string.Join(" ", new[] { image.Reference, image.Digest }.OfType<string>()) : null),
            ("Request", l.Url is { } url ? $"{l.Method} {url}".Trim() : null),
            ("Parameter", l.Parameter),
            ("Resource", l.Resource),
            ("Reported by", string.Join(", ", f.Scanners.Select(s => s.Severity is null ? $"{s.Name} {s.RuleId}" : $"{s.Name} {s.RuleId} ({s.Severity})"))),
        ];
        return all.Where(a => a.Value is { Length: > 0 }).Select(a => (a.Name, a.Value!));
    }

    /// <summary>Title and explanation; the title alone is left out where the explanation begins with it.</summary>
    public static string Full(Finding f) =>
        string.IsNullOrWhiteSpace(f.Message) ? f.Title : f.Message.StartsWith(f.Title.TrimEnd('…', '.'), StringComparison.Ordinal) ? f.Message : $"{f.Title}\n{f.Message}";

    /// <summary>What mends it, and what became of a fix that was tried, in one line; null when nothing is known.</summary>
    public static string? Fix(Finding f) => (Mends(f), f.Fix?.Outcome == "skipped" ? null : FixState(f.Fix)) switch
    {
        (null, null) => null,
        ({ } mends, null) => mends,
        (null, { } state) => state,
        ({ } mends, { } state) => $"{mends} ({state})",
    };

    /// <summary>What mends it, without what became of a try.</summary>
    public static string? Mends(Finding f) =>
        f.Fix?.Description is { Length: > 0 } description ? description : f.Location.Package is { IsFixed: true } package ? Findings.Fix.Update(package).Description : null;

    /// <summary>What became of a fix that <c>secops remediate</c> tried; null when none was.</summary>
    public static string? FixState(Fix? fix)
    {
        var why = string.Join(": ", new[] { fix?.Gate, fix?.Reason }.OfType<string>());
        var because = why.Length == 0 ? "" : ": " + why;
        return fix?.Outcome switch
        {
            null => null,
            Findings.Fix.Verified => "verified: the scanner no longer reports it, the tests pass",
            Findings.Fix.ScannerVerified => "scanner-verified: the scanner no longer reports it; there are no tests",
            "rejected" => fix.Gate is null ? "rejected" + because : $"rejected by the gate {why}",
            "not-verifiable" => "not verifiable" + because,
            "proposed" => "proposed, not verified" + because,
            var other => other + because,
        };
    }

    /// <summary>The lines that go and come, each with its sign in front, as a diff shows them.</summary>
    public static IEnumerable<string> Lines(FixChange change) =>
        change.Edits.SelectMany(e => Signed('-', e.Removed).Concat(Signed('+', e.Added)));

    private static IEnumerable<string> Signed(char sign, string text) =>
        text.Length == 0 ? [] : text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n').Select(line => sign + line);

    /// <summary>Control characters and direction overrides become blanks; lines and tabs stay.</summary>
    public static string Clean(string? text) =>
        text is null ? "" : string.Join('\n', text.ReplaceLineEndings("\n").Split('\n').Select(line => string.Join('\t', line.Split('\t').Select(Terminal.Clean))));

    public static string State(FindingState state) => state == FindingState.NotRescanned ? "not rescanned" : Words.Of(state);

    public static string? Waiver(Finding f) =>
        f.Waiver is { } w ? string.Create(CultureInfo.InvariantCulture, $"{w.Reason} ({w.Owner}, until {w.Expires:yyyy-MM-dd})") : null;

    /// <summary>The scanners that did not look at everything they were to, in a few words; null when all did.</summary>
    public static string? NotRun(FindingsDocument document)
    {
        var all = document.Coverage.Where(c => !c.IsComplete)
            .Select(c => $"{c.Scanner} ({(c.Status == CoverageStatus.Completed ? "some files not read" : Status(c.Status))}{(c.Required ? ", required" : "")})").Distinct().ToList();
        return all.Count == 0 ? null : string.Join(", ", all);
    }

    private static string Status(CoverageStatus status) => status == CoverageStatus.TimedOut ? "timed out" : Words.Of(status);

    /// <summary>How a scanner's run ended, in a sentence's rest: <c>completed, 6 reported</c>.</summary>
    public static string Ended(Coverage c)
    {
        var status = c.NothingToScan ? "skipped" : Status(c.Status);
        var counted = c.Status == CoverageStatus.Completed ? string.Create(CultureInfo.InvariantCulture, $", {c.Findings} reported in {Durations.Show(TimeSpan.FromMilliseconds(c.DurationMs))}") : "";
        var unread = c.Unread.Count > 0 ? $", {Words.Count(c.Unread.Count, "file")} not read" : "";
        return status + counted + unread + (c.Message is null ? "" : ": " + c.Message);
    }
}
