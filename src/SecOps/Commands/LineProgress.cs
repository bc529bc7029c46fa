using System.Globalization;
using SecOps.Findings;
using SecOps.Scanners;

namespace SecOps.Commands;

/// <summary>Progress as plain lines: one when a scanner starts, one when it ends.</summary>
internal sealed class LineProgress(Terminal terminal) : IScanProgress
{
    public void Started(ScanJob job) => terminal.Progress($"{job.Scanner.Name}: scanning {job.Target.Shown}");

    public void Ended(ScanJob job, Coverage coverage)
    {
        var time = Durations.Show(TimeSpan.FromMilliseconds(coverage.DurationMs));
        var what = coverage.Status == CoverageStatus.Completed
            ? string.Create(CultureInfo.InvariantCulture, $"{coverage.Findings} found")
            : Words.Of(coverage.Status);
        terminal.Progress($"{job.Scanner.Name}: {what} ({time})");
    }
}
