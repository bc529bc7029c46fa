namespace SecOps.Commands;

/// <summary>Progress as lines that are drawn over: one a scanner, with its state, time and findings.</summary>
internal sealed class LiveProgress(Terminal terminal, TimeProvider clock) : ScanDisplay(clock, TimeSpan.FromMilliseconds(200))
{
    private int drawn;

    protected override void OnStarted(Entry entry) => Draw();

    protected override void OnEnded(Entry entry) => Draw();

    protected override void Tick() => Draw();

    protected override void Close() => Draw();

    private void Draw()
    {
        // Up over what was drawn before; every line is cleared to its end.
        var text = drawn > 0 ? $"\e[{drawn}A" : "";
        var width = Entries.Count == 0 ? 0 : Entries.Max(e => e.Job.Scanner.Name.Length);
        foreach (var entry in Entries)
        {
            var state = entry.Coverage is { } coverage ? $"{Result(coverage)} ({Time(coverage)})" : $"running {Since(entry)}";
            var line = $"{entry.Job.Scanner.Name.PadRight(width)}  {state}  {Terminal.Clean(entry.Job.Target.Shown)}";
            // A line that wraps would be two when it is drawn over.
            text += (line.Length >= terminal.Width ? line[..(terminal.Width - 1)] : line) + "\e[K\n";
        }

        drawn = Entries.Count;
        terminal.Raw(text);
    }
}
