namespace SecOps.Findings;

/// <summary>How a scanner's run ended. "Not run" is a result: only <see cref="Completed"/> says anything about findings.</summary>
public enum CoverageStatus { Completed, Missing, Failed, TimedOut, Cancelled, Skipped }

/// <summary>What one scanner looked at, and how that ended.</summary>
public sealed record Coverage
{
    public required string Scanner { get; init; }

    public string? Version { get; init; }

    /// <summary>What was scanned: a path relative to the root, an image, a URL, or an imported file.</summary>
    public required string Target { get; init; }

    public required CoverageStatus Status { get; init; }

    /// <summary>The tool's own entries, before any of them were joined.</summary>
    public int Findings { get; init; }

    public long DurationMs { get; init; }

    /// <summary>For a person: why it did not complete, or what to know.</summary>
    public string? Message { get; init; }

    /// <summary>Whether the gate needs it: named on the command line or in <c>gate.require</c>.</summary>
    public bool Required { get; init; }

    /// <summary>native, container or import; null when it did not run.</summary>
    public string? Source { get; init; }

    /// <summary>When the tool's vulnerability database was built, where it has one.</summary>
    public DateTimeOffset? DatabaseDate { get; init; }

    /// <summary>What SonarQube says of the project as a whole; null for other scanners.</summary>
    public ProjectQuality? Quality { get; init; }

    /// <summary>Files that the scanner says it could not read.</summary>
    public IReadOnlyList<UnreadFile> Unread { get; init; } = [];

    /// <summary>
    /// What of the source tree was looked at: paths relative to the root, folders with a <c>/</c> at the end. Null: all of it, or not
    /// known; empty: none of it (an image, an address). A finding outside is not rescanned, and so never called fixed.
    /// </summary>
    public IReadOnlyList<string>? Scope { get; init; }

    /// <summary>In a merged document, the run this is of.</summary>
    public string? Run { get; init; }

    /// <summary>In a merged document, the parts this entry sums up; empty when it is one itself.</summary>
    public IReadOnlyList<Coverage> Parts { get; init; } = [];

    /// <summary>Completed, and nothing left unread; or there was nothing for it to scan.</summary>
    public bool IsComplete => (Status == CoverageStatus.Completed && Unread.Count == 0) || (Status == CoverageStatus.Skipped && !Required) || NothingToScan;

    /// <summary>Skipped because the target holds nothing for this scanner: complete, whoever asked.</summary>
    public bool NothingToScan { get; init; }
}

/// <param name="Path">Relative to the root.</param>
public sealed record UnreadFile(string Path, string Reason);
