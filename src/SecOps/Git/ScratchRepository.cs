using SecOps.Processes;

namespace SecOps.Git;

/// <summary>
/// A repository of its own in the system's temporary folder, for changes that nobody may see before they are proven. It is no
/// linked worktree: what runs in it, tests among it, can't reach the user's branches, index or hooks, and a killed run leaves nothing behind
/// in the user's repository.
/// </summary>
public sealed class ScratchRepository : IDisposable
{
    /// <summary>Bytes stay bytes: no line-end conversion, no filters, whatever .gitattributes says.</summary>
    private const string Attributes = "* -text -ident -filter -working-tree-encoding\n";

    private const string Prefix = "secops-fix-";
    private const string Lock = "lock";

    private readonly ProcessRunner processes;
    private readonly string folder;

    /// <summary>Held as long as this process lives: tells a later run that the folder is in use.</summary>
    private readonly FileStream held;

    private ScratchRepository(ProcessRunner processes, string folder)
    {
        (this.processes, this.folder) = (processes, folder);
        held = new FileStream(Path.Combine(folder, Lock), FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        Root = Path.Combine(folder, "tree");
    }

    /// <summary>The work tree's top folder, full path.</summary>
    public string Root { get; }

    /// <summary>An empty folder beside the work tree, for what runs here.</summary>
    public string Beside(string name) => Directory.CreateDirectory(Path.Combine(folder, name)).FullName;

    /// <summary>Copies files as they stand in the work tree, committed or not, and commits them.</summary>
    /// <param name="root">The folder that the files are relative to.</param>
    public static async Task<ScratchRepository> CopyAsync(ProcessRunner processes, string root, IReadOnlyList<string> files, CancellationToken cancellation)
    {
        var scratch = New(processes);
        try
        {
            Directory.CreateDirectory(scratch.Root);
            await scratch.GitAsync(["init", "--quiet", "--initial-branch=base"], cancellation);
            scratch.WriteAttributes();
            foreach (var file in files)
            {
                cancellation.ThrowIfCancellationRequested();
                Copy(root, scratch.Root, file);
            }

            await scratch.GitAsync(["add", "--all", "--force"], cancellation);
            await scratch.GitAsync(["commit", "--quiet", "--allow-empty", "--message=base"], cancellation);
            return scratch;
        }
        catch
        {
            scratch.Dispose();
            throw;
        }
    }

    /// <summary>Clones the repository without copying its objects, and checks a commit out.</summary>
    public static async Task<ScratchRepository> CloneAsync(ProcessRunner processes, string root, string commit, CancellationToken cancellation)
    {
        var scratch = New(processes);
        try
        {
            await scratch.GitAsync(["clone", "--quiet", "--shared", "--no-checkout", "--", root, scratch.Root], cancellation, scratch.folder);
            scratch.WriteAttributes();
            await scratch.GitAsync(["checkout", "--quiet", "--detach", commit], cancellation);
            return scratch;
        }
        catch
        {
            scratch.Dispose();
            throw;
        }
    }

    public Task<string> HeadAsync(CancellationToken cancellation) => GitAsync(["rev-parse", "HEAD"], cancellation);

    /// <summary>Throws away every change since the commit, ignored and new files too.</summary>
    public async Task ResetAsync(string commit, CancellationToken cancellation)
    {
        await GitAsync(["reset", "--quiet", "--hard", commit], cancellation);
        await GitAsync(["clean", "--quiet", "-ffdx"], cancellation);
    }

    /// <summary>Commits the files, and throws away what else changed (tests leave things behind).</summary>
    /// <returns>The new commit.</returns>
    public async Task<string> CommitAsync(IEnumerable<string> paths, string message, CancellationToken cancellation)
    {
        await GitAsync(["add", "--force", "--", .. paths], cancellation);
        await GitAsync(["commit", "--quiet", "--file=-"], cancellation, input: message);
        var head = await HeadAsync(cancellation);
        await ResetAsync(head, cancellation);
        return head;
    }

    /// <summary>Puts a commit on top of the current one; false, with nothing changed, when it does not fit there.</summary>
    public async Task<bool> CherryPickAsync(string commit, CancellationToken cancellation)
    {
        var result = await RunAsync(["cherry-pick", "--allow-empty", commit], cancellation);
        if (result.ExitCode != 0)
        {
            await RunAsync(["cherry-pick", "--abort"], cancellation);
            return false;
        }

        return true;
    }

    /// <summary>A unified diff that <c>git apply</c> takes.</summary>
    /// <param name="context">Unchanged lines around each change.</param>
    public async Task<string> DiffAsync(string from, string to, CancellationToken cancellation, int context = 3)
    {
        var file = Path.Combine(folder, "diff");
        var result = await RunAsync(["diff", "--no-color", "--no-ext-diff", "--no-textconv", $"--unified={context}", from, to], cancellation, outputFile: file);
        return result.ExitCode == 0 ? await File.ReadAllTextAsync(file, cancellation) : throw Failed("diff", result);
    }

    public async Task<IReadOnlyList<string>> ListFilesAsync(CancellationToken cancellation)
    {
        var file = Path.Combine(folder, "files");
        var result = await RunAsync(["ls-files", "-z"], cancellation, outputFile: file);
        if (result.ExitCode != 0)
        {
            throw Failed("ls-files", result);
        }

        var files = (await File.ReadAllTextAsync(file, cancellation)).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        Array.Sort(files, StringComparer.Ordinal);
        return files;
    }

    /// <summary>Runs git here with neither hooks nor the user's settings.</summary>
    /// <returns>Standard output, trimmed.</returns>
    /// <exception cref="SecOpsException">git failed.</exception>
    public async Task<string> GitAsync(IReadOnlyList<string> arguments, CancellationToken cancellation, string? workingDirectory = null, string? input = null, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var result = await RunAsync(arguments, cancellation, workingDirectory, input, environment: environment);
        return result.ExitCode == 0 ? result.Output.Trim() : throw Failed(arguments[0], result);
    }

    public void Dispose()
    {
        held.Dispose();
        for (var attempt = 1; attempt <= 5; attempt++)
        {
            try
            {
                Delete(folder);
                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Something that just ends still writes there; if it does not end, the next run takes the folder away.
                Thread.Sleep(50 * attempt);
            }
        }
    }

    /// <summary>The lock goes last: what can't be deleted now is then known to the next run as left over.</summary>
    private static void Delete(string folder)
    {
        foreach (var inner in Directory.GetDirectories(folder))
        {
            foreach (var file in Directory.EnumerateFiles(inner, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }))
            {
                // git's objects are read-only, which Windows minds.
                File.SetAttributes(file, FileAttributes.Normal);
            }

            Directory.Delete(inner, recursive: true);
        }

        Directory.Delete(folder, recursive: true);
    }

    internal Task<ProcessResult> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellation, string? workingDirectory = null, string? input = null, string? outputFile = null, IReadOnlyDictionary<string, string?>? environment = null) =>
        processes.RunAsync(
            new ProcessCall("git", ["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "core.quotepath=off", "-c", "core.autocrlf=false", "-c", "commit.gpgsign=false", "-c", "gc.auto=0", .. arguments])
            {
                WorkingDirectory = workingDirectory ?? Root,
                Input = input,
                OutputFile = outputFile,
                MaxCapture = 1024 * 1024,
                Timeout = TimeSpan.FromMinutes(5),
                Environment = new Dictionary<string, string?>(environment ?? new Dictionary<string, string?>())
                {
                    ["GIT_CONFIG_GLOBAL"] = OperatingSystem.IsWindows() ? "NUL" : "/dev/null",
                    ["GIT_CONFIG_NOSYSTEM"] = "1",
                    ["GIT_TERMINAL_PROMPT"] = "0",
                    ["GIT_DIR"] = null,
                    ["GIT_WORK_TREE"] = null,
                    ["GIT_INDEX_FILE"] = null,
                    ["GIT_AUTHOR_NAME"] = "secops", ["GIT_AUTHOR_EMAIL"] = "secops@users.noreply.github.com",
                    ["GIT_COMMITTER_NAME"] = "secops", ["GIT_COMMITTER_EMAIL"] = "secops@users.noreply.github.com",
                    ["LC_ALL"] = "C",
                },
            },
            cancellation);

    private static SecOpsException Failed(string command, ProcessResult result) =>
        SecOpsException.Tool($"git {command} failed in the scratch repository ({result.ExitCode}): {GitRepository.Said(result)}");

    private static ScratchRepository New(ProcessRunner processes)
    {
        Sweep();
        return new(processes, Directory.CreateTempSubdirectory(Prefix).FullName);
    }

    /// <summary>Takes away what killed runs left in the temporary folder.</summary>
    private static void Sweep()
    {
        foreach (var old in Directory.EnumerateDirectories(Path.GetTempPath(), Prefix + "*").ToList())
        {
            try
            {
                // Without a lock it is being made just now, or its end was cut short.
                if (File.Exists(Path.Combine(old, Lock)))
                {
                    using (new FileStream(Path.Combine(old, Lock), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
                    {
                        // Nobody holds it any more.
                    }
                }
                else if (DateTime.UtcNow - Directory.GetLastWriteTimeUtc(old) < TimeSpan.FromHours(1))
                {
                    continue;
                }

                Delete(old);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // In use, or somebody else's.
            }
        }
    }

    private void WriteAttributes()
    {
        var info = Directory.CreateDirectory(Path.Combine(Root, ".git", "info"));
        File.WriteAllText(Path.Combine(info.FullName, "attributes"), Attributes);
    }

    /// <summary>A link is copied as a link when it stays inside; one that leads out is left away. Folders (submodules) too.</summary>
    private static void Copy(string from, string to, string file)
    {
        var source = new FileInfo(Path.Combine(from, file));
        var target = Path.Combine(to, file);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        if (source.LinkTarget is { } link)
        {
            var inside = !Path.IsPathRooted(link) && Path.GetFullPath(link, source.DirectoryName!).StartsWith(from + Path.DirectorySeparatorChar, StringComparison.Ordinal);
            if (inside)
            {
                File.CreateSymbolicLink(target, link);
            }
        }
        else if (source.Exists)
        {
            source.CopyTo(target);
        }
    }
}
