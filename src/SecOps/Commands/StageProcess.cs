using System.Reflection;
using SecOps.Configuration;
using SecOps.Processes;
using SecOps.Toolbox;

namespace SecOps.Commands;

/// <summary>
/// A stage of <c>secops run</c>: the same program once more. Its standard input ends with the run, also when that is killed, and it
/// then stops as after Ctrl+C. While it lives it holds a lock, so that the next run does not begin beside it.
/// </summary>
internal static class StageProcess
{
    public static bool IsStage => Environment.GetEnvironmentVariable(ProcessCall.StageVariable) is { Length: > 0 };

    /// <summary>The file that stages hold, each of them shared.</summary>
    public static string LockFile(string folder) => Path.Combine(folder, "cache", "stages.lock");

    /// <summary>For the stage: takes the lock, and stops when the run ends. Null in every other process.</summary>
    /// <param name="output">As <c>--output</c> names it.</param>
    public static async Task<IDisposable?> EnterAsync(string? output, CancellationTokenSource stop, Terminal terminal)
    {
        if (!IsStage)
        {
            return null;
        }

        var watch = new Thread(() =>
        {
            using var input = Console.OpenStandardInput();
            while (input.ReadByte() >= 0)
            {
            }

            stop.Cancel();
        })
        { IsBackground = true };
        watch.Start();
        return await FileLock.TakeAsync(LockFile(Path.GetFullPath(output ?? ".secops")), () => terminal.Progress("waiting for another run"), stop.Token, shared: true);
    }

    /// <summary>For the run: one stage from start to end.</summary>
    /// <returns>Its exit code.</returns>
    public static async Task<int> RunAsync(Workspace workspace, string run, RunStage stage, CancellationToken cancellation)
    {
        // A stage may have a folder or a configuration of its own: another target is held to other rules.
        bool Names(params string[] options) => stage.Arguments.Any(a => options.Contains(a.Split('=')[0]));
        List<string> global = Names("--output", "-o") ? [] : ["--output", workspace.Folder];
        if (workspace.Options.Config is { } config && !Names("--config"))
        {
            global.AddRange(["--config", workspace.FullPath(config)]);
        }

        foreach (var (given, name) in new[] { (workspace.Options.Offline, "--offline"), (workspace.Options.Verbose, "--verbose"), (workspace.Options.Quiet, "--quiet"), (!workspace.Terminal.Color, "--no-color") })
        {
            if (given)
            {
                global.Add(name);
            }
        }

        var (executable, first) = Self();
        void Line(string line) => workspace.Terminal.Progress($"{stage.Name} | {line}");
        var call = new ProcessCall(executable, [.. first, .. stage.Arguments, .. global])
        {
            WorkingDirectory = workspace.Directory,
            Environment = new Dictionary<string, string?> { [ProcessCall.StageVariable] = $"{run}/{stage.Name}" },
            HoldsInput = true,
            OnOutputLine = Line,
            OnErrorLine = Line,
            Grace = TimeSpan.FromSeconds(30),
        };
        try
        {
            return (await workspace.Processes.RunAsync(call, cancellation)).ExitCode;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Cancelled;
        }
    }

    /// <summary>How this program was started: by its own executable, or by dotnet with its assembly.</summary>
    private static (string Executable, string[] First) Self()
    {
        var process = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(process) == "dotnet"
            ? (process, [Path.Combine(AppContext.BaseDirectory, Assembly.GetExecutingAssembly().GetName().Name + ".dll")])
            : (process, []);
    }
}
