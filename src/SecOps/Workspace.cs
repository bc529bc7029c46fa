using Serilog;
using SecOps.Configuration;
using SecOps.Git;
using SecOps.Processes;
using SecOps.Toolbox;

namespace SecOps;

/// <summary>What a command works with, wired by hand. Built once a command; tests build another.</summary>
public sealed class Workspace : IDisposable
{
    private readonly Lazy<Serilog.Core.Logger> log;

    public Workspace(GlobalOptions options, string directory, Func<string, string?> variable, Terminal terminal, Redactor redactor, TimeProvider clock)
    {
        (Options, Directory, Variable, Terminal, Redactor, Clock) = (options, directory, variable, terminal, redactor, clock);
        Processes = new ProcessRunner(redactor);
        Tools = new ToolFinder(ToolFolder.Of(variable), variable("PATH"), Processes, new VersionCache(UserCache.Of(variable)));
        log = new Lazy<Serilog.Core.Logger>(() => Logging.Create(Folder, options.Verbose, redactor));
    }

    public GlobalOptions Options { get; }

    /// <summary>The current directory, full path.</summary>
    public string Directory { get; }

    /// <summary>Reads an environment variable.</summary>
    public Func<string, string?> Variable { get; }

    public Terminal Terminal { get; }

    public Redactor Redactor { get; }

    public TimeProvider Clock { get; }

    public ProcessRunner Processes { get; }

    public ToolFinder Tools { get; }

    /// <summary>Made when first used.</summary>
    public ILogger Log => log.Value;

    /// <summary>The folder of results: <c>--output</c>, by default <c>.secops</c>; full path.</summary>
    public string Folder => Path.GetFullPath(Options.Output ?? ".secops", Directory);

    /// <summary>Makes the folder of results, and keeps it out of git: a report may quote what it found.</summary>
    public string OpenFolder()
    {
        var ignore = Path.Combine(Folder, ".gitignore");
        if (!File.Exists(ignore))
        {
            AtomicFile.WriteText(ignore, "*\n");
        }

        // A writer writes all the time.
        AtomicFile.RemoveLeftovers(Folder, "*", TimeSpan.FromMinutes(10));
        return Folder;
    }

    public string FindingsFile => Path.Combine(Folder, "findings.json");

    /// <summary>A path from the command line, full.</summary>
    public string FullPath(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path, Directory));

    /// <summary>The folder that paths in findings are relative to: the repository's top, else the folder itself.</summary>
    public (GitRepository? Git, string Root) RootOf(string path)
    {
        var folder = File.Exists(path) ? Path.GetDirectoryName(path)! : path;
        var git = GitRepository.Find(Processes, folder);
        return (git, git?.Root ?? folder);
    }

    /// <summary>The configuration that holds for the folder.</summary>
    public SecOpsConfiguration Configuration(string folder) =>
        SecOpsConfiguration.Load(Options.Config is { } file ? FullPath(file) : null, folder, RootOf(folder).Root, Variable);

    public void Dispose()
    {
        if (log.IsValueCreated)
        {
            try
            {
                log.Value.Dispose();
            }
            catch (IOException)
            {
                // The disk is full: the command says so, and the end of its log is lost.
            }
        }
    }
}

/// <summary>The options that every command has.</summary>
public sealed record GlobalOptions
{
    public string? Config { get; init; }

    public string? Output { get; init; }

    public bool Json { get; init; }

    public bool Quiet { get; init; }

    public bool Verbose { get; init; }

    public bool Offline { get; init; }
}
