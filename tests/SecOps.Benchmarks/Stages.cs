using System.Diagnostics;
using System.Globalization;
using SecOps.Findings;
using SecOps.Scanners;

namespace SecOps.Benchmarks;

/// <summary>Time and processor time of each stage of <c>secops scan --import --baseline</c>, in one process.</summary>
internal static class Stages
{
    public static int Run(string tool, string report, string baseline)
    {
        var reader = ScannerList.Find(tool) ?? throw new ArgumentException(tool);
        var outcome = Timed("read the report", () => ScannerRun.Import(new ImportJob(reader, report), Environment.CurrentDirectory));
        var findings = Timed("identify", () => Identity.Assign([outcome.Findings]));
        var known = Timed("read the baseline", () => BaselineFile.Open(baseline).Read(findings));
        var placed = Timed("match", () => Matching.Apply(known, findings, [outcome.Coverage]));
        var gate = Timed("gate", () => Gate.Evaluate(new GatePolicy(), placed, [outcome.Coverage], DateTimeOffset.UnixEpoch));
        var run = new RunInfo { Id = "r", StartedAt = default, FinishedAt = default, SecopsVersion = "1" };
        Timed("write", () =>
        {
            using var stream = new FileStream(Path.GetTempFileName(), FileMode.Open, FileAccess.Write, FileShare.None, 64 * 1024, FileOptions.DeleteOnClose);
            FindingsWriter.Write(stream, new FindingsDocument { Run = run, Coverage = [outcome.Coverage], Findings = placed, Gate = gate });
            return stream.Length;
        });
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"heap",-20}{GC.GetTotalMemory(forceFullCollection: true) / 1_000_000.0,8:0.0} MB, {GC.CollectionCount(0)}/{GC.CollectionCount(1)}/{GC.CollectionCount(2)} collections"));
        GC.KeepAlive(placed);
        return 0;
    }

    private static T Timed<T>(string name, Func<T> stage)
    {
        var (clock, before) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        var (pause, allocated) = (GC.GetTotalPauseDuration(), GC.GetTotalAllocatedBytes());
        var result = stage();
        pause = GC.GetTotalPauseDuration() - pause;
        allocated = GC.GetTotalAllocatedBytes() - allocated;
        var spent = Environment.CpuUsage.TotalTime - before;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-20}{clock.ElapsedMilliseconds,8} ms, {spent.TotalMilliseconds,6:0} ms of processor time, {pause.TotalMilliseconds,5:0} ms paused to collect garbage, {allocated / 1e6,5:0} MB allocated"));
        return result;
    }
}
