namespace SecOps.Commands;

/// <summary>Progress as plain lines, for logs.</summary>
internal sealed class LineProgress(Terminal terminal, TimeProvider clock) : ScanDisplay(clock, TimeSpan.FromSeconds(30))
{
    protected override void OnStarted(Entry entry) => terminal.Progress($"{entry.Job.Scanner.Name}: scanning {Terminal.Clean(entry.Job.Target.Shown)}");

    protected override void OnEnded(Entry entry) => terminal.Progress($"{entry.Job.Scanner.Name}: {Result(entry.Coverage!)} ({Time(entry.Coverage!)})");

    protected override void Tick()
    {
        var running = Entries.Where(e => e.Coverage is null).Select(e => $"{e.Job.Scanner.Name} ({Since(e)})").ToList();
        if (running.Count > 0)
        {
            terminal.Progress($"still running: {string.Join(", ", running)}");
        }
    }
}
