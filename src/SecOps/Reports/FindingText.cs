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
            ("Fix", Fix(f)),
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
        f.Message is null ? f.Title : f.Message.StartsWith(f.Title.TrimEnd('…', '.'), StringComparison.Ordinal) ? f.Message : $"{f.Title}\n{f.Message}";

    /// <summary>What mends it, and what became of a fix that was tried; null when nothing is known.</summary>
    public static string? Fix(Finding f)
    {
        var package = f.Location.Package;
        var version = f.Fix?.Version ?? package?.FixedVersion;
        string?[] parts =
        [
            f.Fix?.Description ?? (version is null || package is null ? null : $"update {package.Name} to {version}"),
            f.Fix?.Outcome is { } outcome ? $"({string.Join(": ", new[] { outcome, f.Fix.Gate, f.Fix.Reason }.OfType<string>())})" : null,
        ];
        var text = string.Join(" ", parts.OfType<string>());
        return text.Length == 0 ? null : text;
    }

    public static string State(FindingState state) => state == FindingState.NotRescanned ? "not rescanned" : Words.Of(state);

    public static string? Waiver(Finding f) =>
        f.Waiver is { } w ? string.Create(CultureInfo.InvariantCulture, $"{w.Reason} ({w.Owner}, until {w.Expires:yyyy-MM-dd})") : null;

    /// <summary>How a scanner's run ended, in a sentence's rest: <c>completed, 6 reported</c>.</summary>
    public static string Ended(Coverage c)
    {
        var status = c.NothingToScan ? "skipped" : Words.Of(c.Status);
        var counted = c.Status == CoverageStatus.Completed ? string.Create(CultureInfo.InvariantCulture, $", {c.Findings} reported in {Durations.Show(TimeSpan.FromMilliseconds(c.DurationMs))}") : "";
        var unread = c.Unread.Count > 0 ? string.Create(CultureInfo.InvariantCulture, $", {c.Unread.Count} file{(c.Unread.Count == 1 ? "" : "s")} not read") : "";
        return status + counted + unread + (c.Message is null ? "" : ": " + c.Message);
    }
}
