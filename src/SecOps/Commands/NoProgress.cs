using SecOps.Findings;
using SecOps.Scanners;

namespace SecOps.Commands;

/// <summary>Of scans that nobody asked to see.</summary>
internal sealed class NoProgress : IScanProgress
{
    public void Started(ScanJob job)
    {
        // Nothing is shown.
    }

    public void Ended(ScanJob job, Coverage coverage)
    {
        // Nothing is shown.
    }
}
