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

    public static Task<ProcessResult> RunWithAsync(string folder, Dictionary<string, string?> environment, params string[] arguments)
    {
        environment.TryAdd("PATH", Parts.SearchPath);
        environment.TryAdd("SECOPS_TOOLS", System.IO.Path.Combine(folder, "no-tools"));
        environment.TryAdd("SECOPS_CACHE", System.IO.Path.Combine(folder, "no-cache"));
        return Runner.RunAsync(
            new ProcessCall(Path, arguments) { WorkingDirectory = folder, Environment = environment, Timeout = TimeSpan.FromMinutes(3), MaxCapture = 4 << 20 },
            CancellationToken.None);
    }
}
