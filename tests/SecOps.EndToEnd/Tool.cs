using System.Diagnostics;
using SecOps.Processes;
using SecOps.Testing;

namespace SecOps.EndToEnd;

/// <summary>The packed and installed tool, run as a person or a script runs it.</summary>
public static class Tool
{
    /// <summary>Variable that names the installed executable; tests/run.sh sets it.</summary>
    public const string Variable = "SECOPS_TEST_TOOL";

    private static readonly ProcessRunner Runner = new(new Redactor());

    public static string Path => Parts.Variable(Variable);

    /// <summary>Runs it in the folder, with the parts on PATH.</summary>
    public static Task<ProcessResult> RunAsync(string folder, params string[] arguments) => RunWithAsync(folder, [], arguments);

    /// <summary>Starts it and does not wait, so that it can be killed.</summary>
    public static Process Start(string folder, Dictionary<string, string?> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in Own(folder, environment))
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        // Nobody reads them, and a full pipe would hold it up.
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    public static Task<ProcessResult> RunWithAsync(string folder, Dictionary<string, string?> environment, params string[] arguments)
    {
        Own(folder, environment);
        return Runner.RunAsync(
            new ProcessCall(Path, arguments) { WorkingDirectory = folder, Environment = environment, Timeout = TimeSpan.FromMinutes(3), MaxCapture = 4 << 20 },
            CancellationToken.None);
    }

    /// <summary>The parts on PATH, and neither this machine's tools nor its cache.</summary>
    private static Dictionary<string, string?> Own(string folder, Dictionary<string, string?> environment)
    {
        environment.TryAdd("PATH", Parts.SearchPath);
        environment.TryAdd("SECOPS_TOOLS", System.IO.Path.Combine(folder, "no-tools"));
        environment.TryAdd("SECOPS_CACHE", System.IO.Path.Combine(folder, "no-cache"));
        return environment;
    }
}
