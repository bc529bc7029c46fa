using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace SecOps.Processes;

/// <summary>Runs tools: both outputs drained together into bounded tails, ended on time with all their children, redacted.</summary>
public sealed class ProcessRunner(Redactor redactor)
{
    /// <summary>A process that has ended may have left a child that holds the pipe open; it is not waited for longer than this.</summary>
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(2);

    private static readonly ConcurrentDictionary<Process, ProcessTree> Running = new();

    /// <summary>Kills everything that any runner has started: for a second Ctrl+C.</summary>
    public static void KillAll()
    {
        foreach (var (process, tree) in Running)
        {
            tree.KillRest(process);
        }
    }

    /// <summary>Runs the call to its end, its time limit, or cancellation.</summary>
    /// <exception cref="ToolNotFoundException">The executable is not there.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the process and its children have been ended.</exception>
    public async Task<ProcessResult> RunAsync(ProcessCall call, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var tree = new ProcessTree();
        using var process = new Process { StartInfo = Describe(call, tree) };
        var clock = Stopwatch.StartNew();
        Start(process, call);
        tree.Root = process.Id;
        Running[process] = tree;
        var output = new TailCapture(call.OutputFile is null ? call.MaxCapture : 0, Redacted(call.OnOutputLine));
        var error = new TailCapture(call.MaxCapture, Redacted(call.OnErrorLine));
        using var stopDraining = new CancellationTokenSource();
        await using var file = call.OutputFile is null ? null : new FileStream(call.OutputFile, FileMode.Create, FileAccess.Write);
        var drains = Task.WhenAll(
            output.DrainAsync(process.StandardOutput.BaseStream, file, stopDraining.Token),
            error.DrainAsync(process.StandardError.BaseStream, null, stopDraining.Token));
        var timedOut = false;
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(call.Timeout);
            try
            {
                await FeedAsync(process, call, limit.Token);
                await process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                timedOut = !cancellation.IsCancellationRequested;
                await LetGoAsync(process, call);
                await tree.EndAsync(process, call.Grace);
            }

            await Task.WhenAny(drains, Task.Delay(DrainLimit, CancellationToken.None));
        }
        finally
        {
            // Whatever it left behind goes too: a scanner's stray child would hold files, ports and the pipe.
            tree.KillRest(process);
            Running.TryRemove(process, out _);
            await stopDraining.CancelAsync();
            await Task.WhenAny(drains, Task.Delay(DrainLimit, CancellationToken.None));
        }

        cancellation.ThrowIfCancellationRequested();
        var code = process.HasExited ? process.ExitCode : -1;
        return new ProcessResult(code, call.OutputIsSecret ? output.Text : redactor.Redact(output.Text), redactor.Redact(error.Text), timedOut, clock.Elapsed);
    }

    private static ProcessStartInfo Describe(ProcessCall call, ProcessTree tree)
    {
        var start = new ProcessStartInfo(call.Executable)
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = call.WorkingDirectory ?? "",
        };
        foreach (var argument in call.Arguments)
        {
            start.ArgumentList.Add(argument);
        }

        if (call.CleanEnvironment)
        {
            start.Environment.Clear();
        }

        // That this process is a stage of a run is not true of what it starts.
        start.Environment.Remove(ProcessCall.StageVariable);
        foreach (var (name, value) in call.Environment)
        {
            start.Environment[name] = value;
        }

        start.Environment[ProcessTree.MarkName] = tree.Mark;
        return start;
    }

    private static void Start(Process process, ProcessCall call)
    {
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            if (call.WorkingDirectory is { } folder && !Directory.Exists(folder))
            {
                throw SecOpsException.Tool($"{folder} does not exist, so {call.Executable} cannot run there.", e);
            }

            throw new ToolNotFoundException(call.Executable, e);
        }
    }

    /// <summary>A process that watches its input ends by itself.</summary>
    private static async Task LetGoAsync(Process process, ProcessCall call)
    {
        if (!call.HoldsInput)
        {
            return;
        }

        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(call.Grace);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            // It does not watch, or takes too long: it is ended.
        }
    }

    private static async Task FeedAsync(Process process, ProcessCall call, CancellationToken cancellation)
    {
        try
        {
            if (call.Input is { } input)
            {
                await process.StandardInput.BaseStream.WriteAsync(Encoding.UTF8.GetBytes(input), cancellation);
            }

            if (!call.HoldsInput)
            {
                process.StandardInput.Close();
            }
        }
        catch (IOException)
        {
            // The process ended without reading its input; its exit code says more than a broken pipe.
        }
    }

    private Action<string>? Redacted(Action<string>? line) => line is null ? null : text => line(redactor.Redact(text));
}
