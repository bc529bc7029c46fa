using SecOps.Findings;
using SecOps.Processes;
using SecOps.Testing;
using SecOps.Toolbox;

namespace SecOps.Scanners;

/// <summary>Scanners that are scripts: they keep the arguments they get and do what a test tells them. The only tools on PATH.</summary>
internal sealed class StandIns : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Redactor redactor = new();

    public StandIns()
    {
        Directory.CreateDirectory(folder["bin"]);
        Directory.CreateDirectory(folder["tree"]);
        Directory.CreateDirectory(folder["raw"]);
    }

    /// <summary>The folder that is scanned.</summary>
    public string Tree => folder["tree"];

    public string Raw => folder["raw"];

    public string Cache => folder["cache"];

    public ScannerSettings Settings { get; set; } = new();

    /// <summary>A tool on PATH.</summary>
    /// <param name="script">Run by sh. <c>$OUT</c> is the argument after --output, -o, -quickout or --report-path.</param>
    public void Add(string tool, string script)
    {
        var file = folder.Write($"bin/{tool}", $$"""
            #!/bin/sh
            case "$*" in version*|--version|"-cmd -version") echo "1.99.0"; exit 0;; esac
            for a in "$@"; do
              printf '%s\n' "$a" >> "$0.args"
              case "$last" in --output|-o|-quickout|--report-path) OUT="$a";; esac
              last="$a"
            done
            {{script}}
            """);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>The arguments of every call, a line each; what differs from run to run is named.</summary>
    public string ArgumentsOf(string tool)
    {
        var lines = File.ReadAllText(folder[$"bin/{tool}.args"]).Replace(Tree, "TREE", StringComparison.Ordinal);
        return System.Text.RegularExpressions.Regex.Replace(
            System.Text.RegularExpressions.Regex.Replace(lines, @"[^\s=]*?/raw/\.[\w-]+\.\d+\.[0-9a-f]+", "REPORTS"), "secops-(\\w+)-[0-9a-f]{32}", "secops-$1-ID");
    }

    public void ForgetArguments(string tool) => File.Delete(folder[$"bin/{tool}.args"]);

    public bool WasStarted(string tool) => File.Exists(folder[$"bin/{tool}.args"]);

    public string Write(string name, string text) => folder.Write("tree/" + name, text);

    public SourceTarget Source(params string[] files) => new(".", Tree, [.. files.Order(StringComparer.Ordinal)]);

    public async Task<ScanOutcome> RunAsync(IScanner scanner, ScanTarget target, TimeSpan? timeout = null) => (await RunAsync(timeout, (scanner, target)))[0];

    public Task<IReadOnlyList<ScanOutcome>> RunAsync(TimeSpan? timeout, params (IScanner Scanner, ScanTarget Target)[] jobs) => RunAsync(timeout, CancellationToken.None, jobs);

    public async Task<IReadOnlyList<ScanOutcome>> RunAsync(TimeSpan? timeout, CancellationToken cancellation, params (IScanner Scanner, ScanTarget Target)[] jobs)
    {
        var processes = new ProcessRunner(redactor);
        var path = folder["bin"] + Path.PathSeparator + "/usr/bin" + Path.PathSeparator + "/bin";
        var tools = new ToolFinder(new ToolFolder(folder["tools"]), path, processes, new VersionCache(folder["versions"]));
        using var run = new ScannerRun(processes, redactor, tools, Raw, new Silent(), Cache, Settings);
        return await run.RunAsync([.. jobs.Select(j => new ScanJob(j.Scanner, j.Target, true, timeout ?? TimeSpan.FromMinutes(2)))], cancellation);
    }

    public void Dispose() => folder.Dispose();

    private sealed class Silent : IScanProgress
    {
        public void Started(ScanJob job)
        {
            // Not looked at.
        }

        public void Ended(ScanJob job, Coverage coverage)
        {
            // Not looked at.
        }
    }
}
