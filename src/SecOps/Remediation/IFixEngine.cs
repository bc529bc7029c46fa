namespace SecOps.Remediation;

/// <summary>Proposes fixes: the built-in rules, or a model.</summary>
public interface IFixEngine
{
    /// <summary>rules, or the model's id.</summary>
    string Name { get; }

    /// <summary>How often a refused fix may be tried again.</summary>
    int Attempts { get; }

    /// <summary>A model's changes are looked at more strictly.</summary>
    bool IsModel { get; }

    /// <summary>Rule ids that may take the finding's place.</summary>
    IReadOnlyList<string> Successors(FixRequest request);

    /// <param name="failure">Why the last attempt was refused; null at the first.</param>
    Task<FixResult> ProposeAsync(FixRequest request, int attempt, string? failure, CancellationToken cancellation);

    /// <summary>Told what became of the attempt: a gate's name and words, or null when it was verified.</summary>
    void Judged(FixRequest request, int attempt, string? gate, string decision);
}

/// <summary>The built-in rules. Needs no account and no network.</summary>
/// <param name="also">Rule ids whose fixes are only made when asked for.</param>
/// <param name="digest">Tells the digest of an image; null where nothing may be asked.</param>
public sealed class RulesEngine(IReadOnlyCollection<string> also, Func<string, CancellationToken, Task<string>>? digest = null) : IFixEngine
{
    public string Name => "rules";

    public int Attempts => 1;

    public bool IsModel => false;

    public IReadOnlyList<string> Successors(FixRequest request) => RuleList.Find(request.Finding)?.Successors ?? [];

    public Task<FixResult> ProposeAsync(FixRequest request, int attempt, string? failure, CancellationToken cancellation) =>
        RuleList.Find(request.Finding) is not { } rule ? Task.FromResult<FixResult>(new NoFix(RuleList.WhyNone(request.Finding)))
        : rule.OnRequest && !also.Contains(request.Finding.Rule.Id) ? Task.FromResult<FixResult>(new NoFix($"its fix is made on request only: remediate.also: [{request.Finding.Rule.Id}]"))
        : rule.ProposeAsync(request with { Digest = digest }, cancellation);

    public void Judged(FixRequest request, int attempt, string? gate, string decision)
    {
        // Rules do not learn.
    }
}
