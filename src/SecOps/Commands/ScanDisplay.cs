using System.Globalization;
using SecOps.Findings;
using SecOps.Scanners;

namespace SecOps.Commands;

/// <summary>Shows what runs: on a terminal a live line a scanner, elsewhere a line at its start and end, and every 30 s what is still running.</summary>
internal abstract class ScanDisplay : IScanProgress, IDisposable
{
    private readonly Lock gate = new();
    private readonly List<Entry> entries = [];
    private readonly TimeProvider clock;
    private readonly ITimer timer;
    private bool disposed;

    protected ScanDisplay(TimeProvider clock, TimeSpan period)
    {
        this.clock = clock;
        timer = clock.CreateTimer(_ => Locked(Tick), null, period, period);
    }

    public static ScanDisplay Create(Terminal terminal, TimeProvider clock) =>
        terminal is { Interactive: true, Quiet: false } ? new LiveProgress(terminal, clock) : new LineProgress(terminal, clock);

    public void Started(ScanJob job) => Locked(() =>
    {
        var entry = new Entry(job, clock.GetUtcNow());
        entries.Add(entry);
        OnStarted(entry);
    });

    public void Ended(ScanJob job, Coverage coverage) => Locked(() =>
    {
        var entry = entries.Find(e => e.Job == job)!;
        entry.Coverage = coverage;
        OnEnded(entry);
    });

    public void Dispose()
    {
        timer.Dispose();
        Locked(() =>
        {
            Close();
            disposed = true;
        });
    }

    protected IReadOnlyList<Entry> Entries => entries;

    protected string Since(Entry entry) => string.Create(CultureInfo.InvariantCulture, $"{(clock.GetUtcNow() - entry.Start).TotalSeconds:0} s");

    protected static string Result(Coverage coverage) => coverage.Status == CoverageStatus.Completed
        ? string.Create(CultureInfo.InvariantCulture, $"{coverage.Findings} found")
        : coverage.NothingToScan ? "nothing to scan" : Words.Of(coverage.Status);

    protected static string Time(Coverage coverage) => Durations.Show(TimeSpan.FromMilliseconds(coverage.DurationMs));

    protected abstract void OnStarted(Entry entry);

    protected abstract void OnEnded(Entry entry);

    protected abstract void Tick();

    protected virtual void Close()
    {
    }

    private void Locked(Action action)
    {
        lock (gate)
        {
            if (!disposed)
            {
                action();
            }
        }
    }

    /// <summary>A scanner on its target.</summary>
    protected sealed class Entry(ScanJob job, DateTimeOffset start)
    {
        public ScanJob Job => job;

        public DateTimeOffset Start => start;

        /// <summary>Null while it runs.</summary>
        public Coverage? Coverage { get; set; }
    }
}
