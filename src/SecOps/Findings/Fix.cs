namespace SecOps.Findings;

/// <summary>What is known of a finding's fix, and what became of one that was tried.</summary>
/// <param name="Description">What mends it, for a person.</param>
/// <param name="Version">The first fixed version, for a dependency.</param>
/// <param name="Outcome">What became of a proposed fix: verified, scanner-verified, proposed, rejected, not-verifiable, drift, skipped; null when none was tried.</param>
/// <param name="Gate">One word: the gate that refused it, or why it was skipped (no-fix, limit); null for a fix that holds.</param>
public sealed record Fix(string? Description, string? Version = null, string? Outcome = null, string? Gate = null)
{
    public const string Verified = "verified";
    public const string ScannerVerified = "scanner-verified";

    // The description of an update, around the package's name and its fixed version.
    internal const string UpdateBefore = "Update ";
    internal const string UpdateBetween = " to ";
    internal const string UpdateAfter = ".";

    /// <summary>What the gate found, or why the finding was left alone, for a person.</summary>
    public string? Reason { get; init; }

    /// <summary>rules, or the model's id.</summary>
    public string? Engine { get; init; }

    /// <summary>What remains to be known or done with the fix in place.</summary>
    public string? Risk { get; init; }

    /// <summary>Less severe findings that come in its place, as <c>B603 tools.py:10</c>.</summary>
    public IReadOnlyList<string> Successors { get; init; } = [];

    /// <summary>The address of the pull request that brings it.</summary>
    public string? PullRequest { get; init; }

    /// <summary>The change by itself, against the files as they were scanned. Empty when there is none, or when it would show a secret.</summary>
    public IReadOnlyList<FixChange> Changes { get; init; } = [];

    /// <summary>The update of a package of which a fixed version is known.</summary>
    internal static Fix Update(Package package) => new($"{UpdateBefore}{package.Name}{UpdateBetween}{package.FixedVersion}{UpdateAfter}", package.FirstFixedVersion.ToString());

    /// <summary>Whether it is that update and no more. There may be hundreds of thousands: no text is made.</summary>
    internal bool IsUpdateOf(Package package)
    {
        var rest = Description.AsSpan();
        return package.IsFixed && Takes(ref rest, UpdateBefore) && Takes(ref rest, package.Name) && Takes(ref rest, UpdateBetween) && Takes(ref rest, package.FixedVersion!) && rest is UpdateAfter
            && package.FirstFixedVersion.SequenceEqual(Version)
            && (Outcome ?? Gate ?? Reason ?? Engine ?? Risk ?? PullRequest) is null && Successors.Count == 0 && Changes.Count == 0;

        static bool Takes(ref ReadOnlySpan<char> text, string part)
        {
            var begins = text.StartsWith(part, StringComparison.Ordinal);
            text = begins ? text[part.Length..] : text;
            return begins;
        }
    }

    /// <summary>Proven: the scanner is silent, nothing new came, and no test that there is speaks against it.</summary>
    public bool IsVerified => Outcome is Verified or ScannerVerified;
}

/// <summary>What a fix does to one file.</summary>
/// <param name="Path">Relative to the repository root, with /.</param>
/// <param name="Edits">In the order of lines; none touches another.</param>
public sealed record FixChange(string Path, IReadOnlyList<FixEdit> Edits);

/// <summary>Puts lines in the place of others.</summary>
/// <param name="StartLine">From 1: the first removed line; with none removed, the line before which the others come (one after the last at the end).</param>
/// <param name="Lines">How many lines go.</param>
/// <param name="Removed">Their text with line ends, secrets masked.</param>
/// <param name="Added">The text in their place, with line ends.</param>
public sealed record FixEdit(int StartLine, int Lines, string Removed, string Added);
