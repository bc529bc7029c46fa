using SecOps.Processes;
using SecOps.Testing;
using Shouldly;

namespace SecOps.EndToEnd.Samples;

/// <summary>A sample in a git repository of its own, as somebody has it who moves a pipeline to secops.</summary>
internal sealed class SampleFolder : IDisposable
{
    private static readonly ProcessRunner Runner = new(new Redactor());
    private readonly TemporaryFolder folder = new();

    private SampleFolder()
    {
    }

    public string Path => folder.Path;

    public string this[string name] => folder[name];

    /// <param name="change">Changes its files before the first commit.</param>
    public static async Task<SampleFolder> CreateAsync(string sample, Action<SampleFolder>? change = null)
    {
        var created = new SampleFolder();
        var from = System.IO.Path.Combine(Parts.Repository, "samples", sample);
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var name = System.IO.Path.GetRelativePath(from, file);
            if (!name.Contains("__pycache__", StringComparison.Ordinal) && !name.StartsWith(".secops", StringComparison.Ordinal))
            {
                Directory.CreateDirectory(System.IO.Path.GetDirectoryName(created[name])!);
                File.Copy(file, created[name]);
            }
        }

        File.WriteAllText(created[".gitignore"], ".secops/\n__pycache__/\nno-tools/\nno-cache/\n");
        change?.Invoke(created);
        await created.GitAsync("init", "--quiet", "--initial-branch", "main");
        await created.GitAsync("config", "user.name", "Sample");
        await created.GitAsync("config", "user.email", "sample@example.com");
        await created.GitAsync("config", "commit.gpgsign", "false");
        await created.GitAsync("add", "--all");
        await created.GitAsync("commit", "--quiet", "--message", "The sample");
        return created;
    }

    public async Task<string> GitAsync(params string[] arguments)
    {
        var result = await ProcessAsync(Parts.Executable("git"), [], arguments);
        result.ExitCode.ShouldBe(0, result.Error);
        return result.Output.Trim();
    }

    public Task<ProcessResult> ProcessAsync(string executable, Dictionary<string, string?> environment, params string[] arguments) =>
        Runner.RunAsync(
            new ProcessCall(executable, arguments) { WorkingDirectory = Path, Environment = environment, Timeout = TimeSpan.FromMinutes(5), MaxCapture = 4 << 20 },
            CancellationToken.None);

    public void Dispose() => folder.Dispose();
}
