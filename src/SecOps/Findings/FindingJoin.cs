using System.Globalization;

namespace SecOps.Findings;

/// <summary>
/// Makes one finding of two sightings of the same weakness. Each member is joined by taking the greater of an order (or the union), so
/// that any order, any grouping and any repetition gives the same result.
/// </summary>
internal static class FindingJoin
{
    public static Finding Of(Finding a, Finding b)
    {
        if (ReferenceEquals(a, b))
        {
            return a;
        }

        var text = TextOrder(a, b) <= 0 ? a : b;
        var standing = StandingOrder(a, b) >= 0 ? a : b;
        return a with
        {
            Aliases = Names(a.Aliases, b.Aliases),
            Severity = a.Severity >= b.Severity ? a.Severity : b.Severity,
            Confidence = ConfidenceOrder(a.Confidence, b.Confidence) >= 0 ? a.Confidence : b.Confidence,
            Title = text.Title,
            Message = text.Message,
            Rule = new Rule(
                string.CompareOrdinal(a.Rule.Id, b.Rule.Id) <= 0 ? a.Rule.Id : b.Rule.Id,
                text.Rule.Name,
                text.Rule.Url,
                Names(a.Rule.Cwe, b.Rule.Cwe),
                Names(a.Rule.Advisories, b.Rule.Advisories)),
            Location = Place(a.Location, b.Location),
            Scanners = Detections(a.Scanners, b.Scanners),
            Fix = FixOrder(a.OwnFix, b.OwnFix) <= 0 ? a.OwnFix : b.OwnFix,
            State = standing.State,
            Waiver = standing.Waiver,
        };
    }

    /// <summary>The scanners' sightings, each once, sorted by scanner, rule and word for the severity.</summary>
    public static IReadOnlyList<Detection> Detections(IReadOnlyList<Detection> a, IReadOnlyList<Detection> b)
    {
        if (a.SequenceEqual(b))
        {
            return a;
        }

        List<Detection> all = [.. a.Concat(b).Distinct()];
        all.Sort(static (x, y) =>
        {
            var order = string.CompareOrdinal(x.Name, y.Name);
            order = order != 0 ? order : string.CompareOrdinal(x.RuleId, y.RuleId);
            return order != 0 ? order : string.CompareOrdinal(x.Severity, y.Severity);
        });
        return all;
    }

    /// <summary>Sorted, each once.</summary>
    public static IReadOnlyList<string> Names(IReadOnlyList<string> a, IReadOnlyList<string> b)
    {
        if (b.Count == 0 || ReferenceEquals(a, b) || a.SequenceEqual(b))
        {
            return a;
        }

        return a.Count == 0 ? b : [.. a.Union(b).Order(StringComparer.Ordinal)];
    }

    private static Location Place(Location a, Location b)
    {
        var lines = LineOrder(a, b) <= 0 ? a : b;
        return new Location
        {
            Path = First(a.Path, b.Path),
            StartLine = lines.StartLine,
            EndLine = lines.EndLine,
            StartColumn = lines.StartColumn,
            Snippet = lines.Snippet,
            Package = Package(a.Package, b.Package),
            Image = ImageOrder(a.Image, b.Image) <= 0 ? a.Image : b.Image,
            Url = First(a.Url, b.Url),
            Method = First(a.Method, b.Method),
            Parameter = First(a.Parameter, b.Parameter),
            Resource = First(a.Resource, b.Resource),
        };
    }

    private static Package? Package(Package? a, Package? b)
    {
        if (a is null || b is null || a == b)
        {
            return a ?? b;
        }

        return new Package(First(a.Purl, b.Purl), First(a.Name, b.Name)!, First(a.Version, b.Version), First(a.FixedVersion, b.FixedVersion), First(a.Manifest, b.Manifest));
    }

    private static int TextOrder(Finding a, Finding b)
    {
        var order = Compare(a.Message, b.Message);
        order = order != 0 ? order : Compare(a.Title, b.Title);
        order = order != 0 ? order : Compare(a.Rule.Name, b.Rule.Name);
        return order != 0 ? order : Compare(a.Rule.Url, b.Rule.Url);
    }

    private static int LineOrder(Location a, Location b)
    {
        var order = Compare(a.StartLine, b.StartLine);
        order = order != 0 ? order : Compare(a.StartColumn, b.StartColumn);
        order = order != 0 ? order : Compare(a.EndLine, b.EndLine);
        return order != 0 ? order : Compare(a.Snippet, b.Snippet);
    }

    private static int ImageOrder(Image? a, Image? b)
    {
        var order = Compare(a?.Reference, b?.Reference);
        return order != 0 ? order : Compare(a?.Digest, b?.Digest);
    }

    private static int FixOrder(Fix? a, Fix? b)
    {
        var order = (a is null).CompareTo(b is null);
        order = order != 0 ? order : Compare(a?.Outcome, b?.Outcome);
        order = order != 0 ? order : Compare(a?.Version, b?.Version);
        order = order != 0 ? order : Compare(a?.Description, b?.Description);
        order = order != 0 ? order : Compare(a?.Gate, b?.Gate);
        order = order != 0 ? order : Compare(a?.Reason, b?.Reason);
        order = order != 0 ? order : Compare(a?.Engine, b?.Engine);
        order = order != 0 ? order : Compare(a?.PullRequest, b?.PullRequest);
        return order != 0 || a is null || b is null ? order : Compare(Changes(a), Changes(b));
    }

    private static string Changes(Fix fix) =>
        string.Join('\n', fix.Changes.SelectMany(c => c.Edits.Select(e => string.Create(CultureInfo.InvariantCulture, $"{c.Path}:{e.StartLine}:{e.Lines}:{e.Added}"))));

    /// <summary>What one part saw, another need not have looked at; what one part knows already, is known.</summary>
    private static int StandingOrder(Finding a, Finding b)
    {
        var order = Standing(a.State).CompareTo(Standing(b.State));
        // Of two waivers the one that ends first, so that none outlives its end by a merge.
        order = order != 0 ? order : Nullable.Compare(b.Waiver?.Expires, a.Waiver?.Expires);
        order = order != 0 ? order : Compare(b.Waiver?.Owner, a.Waiver?.Owner);
        return order != 0 ? order : Compare(b.Waiver?.Reason, a.Waiver?.Reason);
    }

    private static int Standing(FindingState state) => state switch
    {
        FindingState.NotRescanned => 0,
        FindingState.Fixed => 1,
        FindingState.New => 2,
        FindingState.Existing => 3,
        _ => 4,
    };

    private static int ConfidenceOrder(string? a, string? b)
    {
        var order = Rank(a).CompareTo(Rank(b));
        return order != 0 ? order : Compare(b, a);
    }

    private static int Rank(string? confidence) => confidence switch { "high" => 3, "medium" => 2, "low" => 1, _ => 0 };

    private static string? First(string? a, string? b) => Compare(a, b) <= 0 ? a : b;

    /// <summary>Ordinal, nothing last: something known is better than nothing.</summary>
    private static int Compare(string? a, string? b) => a is null || b is null ? (a is null).CompareTo(b is null) : string.CompareOrdinal(a, b);

    private static int Compare(int? a, int? b) => a is null || b is null ? (a is null).CompareTo(b is null) : a.Value.CompareTo(b.Value);
}
