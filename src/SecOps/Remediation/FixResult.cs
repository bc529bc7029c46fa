using SecOps.Findings;

namespace SecOps.Remediation;

/// <summary>What a rule or the model answers to a finding.</summary>
public abstract record FixResult;

/// <summary>Nothing is changed.</summary>
/// <param name="Reason">For a person: why it is left alone.</param>
public sealed record NoFix(string Reason) : FixResult
{
    /// <summary>Asking again would give the same answer.</summary>
    public bool IsFinal { get; init; } = true;
}

/// <summary>A change that has not been proven yet.</summary>
/// <param name="Summary">One line, as a commit says it: <c>Use yaml.safe_load</c>.</param>
public sealed record Proposal(IReadOnlyList<FileChange> Changes, string Summary) : FixResult
{
    /// <summary>What remains to be known or done, for the reviewer; null when nothing.</summary>
    public string? Risk { get; init; }

    /// <summary>Files beside the finding's own that may change, such as requirements.txt.</summary>
    public IReadOnlyList<string> Companions { get; init; } = [];
}

/// <param name="Path">Relative to the root, with /.</param>
/// <param name="Before">The whole text as it was; null for a new file.</param>
public sealed record FileChange(string Path, string? Before, string After);

/// <summary>What a rule is asked.</summary>
public sealed record FixRequest(Finding Finding, SourceTree Tree)
{
    /// <summary>Tells the digest that an image's name stands for now; null where nothing may be asked. Throws <see cref="SecOpsException"/>.</summary>
    public Func<string, CancellationToken, Task<string>>? Digest { get; init; }
}

/// <summary>One built-in way to mend one kind of finding. Pure: reads the tree, changes nothing.</summary>
public interface IFixRule
{
    /// <summary>The scanners whose findings it mends.</summary>
    IReadOnlyList<string> Scanners { get; }

    /// <summary>Their rule ids.</summary>
    IReadOnlyList<string> RuleIds { get; }

    /// <summary>Rule ids, of lower severity, that may appear where the finding was.</summary>
    IReadOnlyList<string> Successors => [];

    /// <summary>Breaks too much to be applied without being asked for in <c>remediate.also</c>.</summary>
    bool OnRequest => false;

    FixResult Propose(FixRequest request);

    /// <summary>For the rare rule that has to ask somebody outside; the others know at once.</summary>
    Task<FixResult> ProposeAsync(FixRequest request, CancellationToken cancellation) => Task.FromResult(Propose(request));
}
