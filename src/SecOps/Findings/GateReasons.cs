using System.Collections;

namespace SecOps.Findings;

/// <summary>A gate's reasons. Those that are findings are made when they are asked for: there may be hundreds of thousands.</summary>
/// <param name="failing">In their order, before the others.</param>
internal sealed class GateReasons(ArraySegment<Finding> failing, List<GateReason> others, Func<Finding, GateReason> reason) : IReadOnlyList<GateReason>
{
    public int Count => failing.Count + others.Count;

    public GateReason this[int index] => index < failing.Count ? reason(failing[index]) : others[index - failing.Count];

    public IEnumerator<GateReason> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
