using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace SecOps.Processes;

/// <summary>
/// A process with all that it started. Children are known by parentage and, on Linux, by a mark in the environment they
/// inherited: a child whose parent has ended belongs to init and can't be found by parentage any more.
/// </summary>
internal sealed partial class ProcessTree
{
    public const string MarkName = "SECOPS_CALL";

    private const int Terminate = 15;
    private const int Kill = 9;

    /// <summary>Unique to one call; not secret.</summary>
    public string Mark { get; } = Guid.NewGuid().ToString("N");

    /// <summary>The number of the first process. Kept, since a process that was disposed of in the meantime no longer tells it.</summary>
    public int Root { get; set; }

    /// <summary>SIGTERM to all (on Windows there is no such thing), then, after the grace, the end.</summary>
    public async Task EndAsync(Process process, TimeSpan grace)
    {
        if (!OperatingSystem.IsWindows())
        {
            Signal(process, Terminate);
            using var limit = new CancellationTokenSource(grace);
            try
            {
                await process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                // It does not want to; KillRest does not ask.
            }
        }

        KillRest(process);
        using var last = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            await process.WaitForExitAsync(last.Token);
        }
        catch (OperationCanceledException)
        {
            // In uninterruptible sleep: nothing more can be done.
        }
    }

    /// <summary>Kills what is still there.</summary>
    public void KillRest(Process process)
    {
        try
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception or AggregateException or NotSupportedException)
        {
            // Ended in the meantime.
        }

        if (OperatingSystem.IsLinux())
        {
            foreach (var pid in Marked())
            {
                _ = SendSignal(pid, Kill);
            }
        }
    }

    private void Signal(Process process, int signal)
    {
        var pids = OperatingSystem.IsLinux() ? Marked() : [];
        if (!pids.Contains(process.Id) && !process.HasExited)
        {
            pids.Add(process.Id);
        }

        foreach (var pid in pids)
        {
            _ = SendSignal(pid, signal);
        }
    }

    /// <summary>What the first one started has a higher number, unless the numbers began anew since.</summary>
    private List<int> Marked()
    {
        var mark = Encoding.ASCII.GetBytes($"{MarkName}={Mark}");
        var pids = new List<int>();
        var lowest = LastNumber() >= Root ? Root : 0;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out var pid) || pid == Environment.ProcessId || pid < lowest)
            {
                continue;
            }

            try
            {
                if (File.ReadAllBytes(folder + "/environ").AsSpan().IndexOf(mark) >= 0)
                {
                    pids.Add(pid);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Ended, or somebody else's.
            }
        }

        return pids;
    }

    /// <summary>The number of the process or thread that was started last (proc(5), /proc/loadavg); 0 when the system does not say.</summary>
    private static int LastNumber()
    {
        try
        {
            return int.TryParse(File.ReadAllText("/proc/loadavg").TrimEnd().Split(' ')[^1], out var number) ? number : 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SendSignal(int pid, int signal);
}
