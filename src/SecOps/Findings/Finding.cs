namespace SecOps.Findings;

/// <summary>What a finding is about. Decides what its identity is made of.</summary>
public enum Category : byte { Code, Dependency, Secret, Config, Web, Cloud }

/// <summary>Ordered: a later member is worse. <see cref="Unknown"/> when a report gives none; a severity is never invented.</summary>
public enum Severity : byte { Unknown, Info, Low, Medium, High, Critical }

/// <summary>Where a finding stands against the baseline, the waivers and what this run looked at.</summary>
public enum FindingState : byte { New, Existing, Fixed, Waived, NotRescanned }

/// <summary>One weakness, however many scanners see it and however often.</summary>
public sealed record Finding
{
    private string id = "";

    /// <summary>Null for most: of hundreds of thousands each empty member is megabytes.</summary>
    private Rare? rare;

    public Finding()
    {
    }

    /// <summary>For <c>with</c>: a copy has its own rare members.</summary>
    private Finding(Finding other)
    {
        (id, Category, Severity, State, Title, Message) = (other.id, other.Category, other.Severity, other.State, other.Title, other.Message);
        (Rule, Location, Scanners) = (other.Rule, other.Location, other.Scanners);
        rare = other.rare is { } its ? its with { } : null;
    }

    /// <summary><c>f1-</c> and 20 hex digits, given by <see cref="Identity"/>; empty until then.</summary>
    public string Id { get => id; init => id = value; }

    /// <summary>Other ids this finding is or was known by: under another advisory name, or an older algorithm.</summary>
    public IReadOnlyList<string> Aliases { get => rare?.Aliases ?? []; init => Set(value.Count > 0)?.Aliases = value; }

    public required Category Category { get; init; }

    public required Severity Severity { get; init; }

    /// <summary>high, medium or low where the scanner says so.</summary>
    public string? Confidence { get => rare?.Confidence; init => Set(value is not null)?.Confidence = value; }

    /// <summary>One line for a list.</summary>
    public required string Title { get; init; }

    /// <summary>The scanner's explanation, at most <see cref="MaxMessage"/> characters.</summary>
    public string? Message { get; init; }

    public required Rule Rule { get; init; }

    public Location Location { get; init; } = Location.None;

    /// <summary>The scanners that report it, sorted by name. Never empty.</summary>
    public required IReadOnlyList<Detection> Scanners { get; init; }

    /// <summary>What is known of a fix; null when nothing is. Where no more is known than the package's fixed version, the update to that.</summary>
    public Fix? Fix { get => OwnFix ?? (Location.Package is { IsFixed: true } package ? Fix.Update(package) : null); init => Set(value is not null)?.Fix = value; }

    /// <summary>The fix as far as it is more than the package's update, which is made anew whenever it is asked for.</summary>
    internal Fix? OwnFix => rare?.Fix;

    public FindingState State { get; init; } = FindingState.New;

    /// <summary>The waiver that holds for it; null when none does.</summary>
    public AppliedWaiver? Waiver { get => rare?.Waiver; init => Set(value is not null)?.Waiver = value; }

    /// <summary>
    /// The findings this one is made of, when several scanners flag the same line for the same CWE; else empty. They stay whole,
    /// because a merge may bring a further one and has to decide anew.
    /// </summary>
    public IReadOnlyList<Finding> Joined { get => rare?.Joined ?? []; init => Set(value.Count > 0)?.Joined = value; }

    /// <summary>This finding under an id. One that had none is not copied, it gets it: of hundreds of thousands there is no second copy.</summary>
    internal Finding Under(string given)
    {
        if (id.Length > 0)
        {
            return id == given ? this : this with { Id = given };
        }

        id = given;
        return this;
    }

    /// <summary>
    /// Asks memory for what hangs on this finding. Done for some hundred before any of them is written, the answers come together; of hundreds
    /// of thousands in an order that is not that of memory, waiting for each in turn is half of what writing them takes.
    /// </summary>
    internal int Touch() =>
        id.Length + Title.Length + (Message?.Length ?? 0) + Rule.Id.Length + (Rule.Url?.Length ?? 0) + Rule.Advisories.Count
        + (Location.Path?.Length ?? 0) + (Location.Snippet?.Length ?? 0)
        + (Location.Package is { } p ? (p.Purl?.Length ?? 0) + p.Name.Length + (p.Version?.Length ?? 0) + (p.FixedVersion?.Length ?? 0) : 0)
        + Scanners.Count + (OwnFix?.Description?.Length ?? 0);

    /// <summary>This finding, and what it is made of, in another state.</summary>
    public Finding In(FindingState state, AppliedWaiver? waiver = null) =>
        this with { State = state, Waiver = waiver, Joined = Joined.Count == 0 ? Joined : [.. Joined.Select(part => part.In(state, waiver))] };

    /// <summary>Longer explanations are cut here: a model of 300,000 findings has to fit in memory.</summary>
    public const int MaxMessage = 2000;

    /// <summary>Longer snippets are cut here, for identity as well as for display.</summary>
    public const int MaxSnippet = 4000;

    /// <summary>The rare members to be set; null when there are none and nothing to set.</summary>
    private Rare? Set(bool something) => something ? rare ??= new Rare() : rare;

    private sealed record Rare
    {
        public IReadOnlyList<string> Aliases { get; set; } = [];

        public string? Confidence { get; set; }

        public Fix? Fix { get; set; }

        public AppliedWaiver? Waiver { get; set; }

        public IReadOnlyList<Finding> Joined { get; set; } = [];
    }
}

/// <param name="Id">The scanner's own id, e.g. <c>B602</c>, or the advisory, e.g. <c>CVE-2024-34069</c>.</param>
/// <param name="Name">A short name, where the scanner has one.</param>
/// <param name="Url">http or https address of the explanation; anything else is dropped by the readers.</param>
/// <param name="Cwe">CWE names, <c>CWE-78</c>, sorted.</param>
/// <param name="Advisories">Every known name of the same advisory, sorted; for dependencies.</param>
public sealed record Rule(
    string Id,
    string? Name = null,
    string? Url = null,
    IReadOnlyList<string>? Cwe = null,
    IReadOnlyList<string>? Advisories = null)
{
    public IReadOnlyList<string> Cwe { get; init; } = Cwe ?? [];

    public IReadOnlyList<string> Advisories { get; init; } = Advisories ?? [];
}

/// <param name="Purl">Package URL with version (https://github.com/package-url/purl-spec).</param>
/// <param name="FixedVersion">Several, with a comma between, stand for several release lines.</param>
/// <param name="Manifest">The file that names the package, relative to the repository root.</param>
public sealed record Package(string? Purl, string Name, string? Version, string? FixedVersion, string? Manifest)
{
    /// <summary>A version is known that mends it.</summary>
    public bool IsFixed => !string.IsNullOrEmpty(FixedVersion);

    /// <summary>The fixers choose among several, a report shows the first.</summary>
    internal ReadOnlySpan<char> FirstFixedVersion => FixedVersion.AsSpan(0, FixedVersion!.IndexOf(',') is >= 0 and var end ? end : FixedVersion.Length).Trim();
}

/// <param name="Reference">As the scanner was given it.</param>
/// <param name="Digest"><c>sha256:…</c> of the manifest.</param>
public sealed record Image(string Reference, string? Digest);

/// <summary>One scanner's sight of a finding, in its own words.</summary>
public readonly record struct Detection(string Name, string RuleId, string? Severity);

/// <summary>A waiver as it stands on a finding.</summary>
public sealed record AppliedWaiver(string Reason, string Owner, DateOnly Expires);
