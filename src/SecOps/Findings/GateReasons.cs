using System.Collections;

namespace SecOps.Findings;

/// <summary>A gate's reasons. Those that are findings are made when they are asked for: there may be hundreds of thousands.</summary>
/// <param name="failing">In their order, before the others.</param>
/// <param name="expired">By a finding's id, the waiver that would cover it had it not ended.</param>
internal sealed class GateReasons(ArraySegment<FailingFinding> failing, List<GateReason> others, IReadOnlyDictionary<string, string>? expired) : IReadOnlyList<GateReason>
{
    public int Count => failing.Count + others.Count;

    public GateReason this[int index] => index < failing.Count ? Reason(failing[index]) : others[index - failing.Count];

    public IEnumerator<GateReason> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    private GateReason Reason(FailingFinding f) => new(f.Because, f.Id, f.Rule, Waiver: expired?.GetValueOrDefault(f.Id));

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>What a reason says of a finding, so that the finding itself need not be looked at again.</summary>
internal readonly record struct FailingFinding(string Because, string Id, string Rule);
