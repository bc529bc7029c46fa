using System.Text;
using SecOps.Processes;

namespace SecOps.Toolbox;

/// <summary>Installs pinned Python packages with pip into an environment of their own. pip's settings (index, proxy, certificates) hold.</summary>
/// <param name="path">The PATH variable's value.</param>
/// <param name="wheels">A folder of packages to use instead of an index; null: pip's index.</param>
internal sealed class PythonSource(ProcessRunner processes, string? path, string? wheels, Action<string> progress)
{
    private static readonly string Scripts = OperatingSystem.IsWindows() ? "Scripts" : "bin";

    /// <summary>Makes the folder a virtual environment with the packages. It has to be moved by <see cref="Relocate"/>.</summary>
    /// <exception cref="SourceUnavailableException">No Python that fits, or no index that answers.</exception>
    /// <exception cref="SecOpsException">A package is not what was pinned.</exception>
    public async Task FetchAsync(LockedPython wanted, string folder, CancellationToken cancellation)
    {
        var python = await InterpreterAsync(wanted.OldestPython, cancellation);
        var environment = Path.Combine(folder, Scripts, OperatingSystem.IsWindows() ? "python.exe" : "python");
        await NeedAsync(python, ["-m", "venv", "--without-pip", folder], cancellation);
        List<string> pip = ["-m", "pip", "--python", environment];
        // --python came with pip 22.3; without it the environment needs a pip of its own.
        if ((await RunAsync(python, [.. pip, "--version"], cancellation)).ExitCode != 0)
        {
            await NeedAsync(environment, ["-m", "ensurepip"], cancellation);
            (python, pip) = (environment, ["-m", "pip"]);
        }

        var requirements = Path.Combine(folder, "requirements.txt");
        await File.WriteAllTextAsync(requirements, Requirements(wanted), cancellation);
        progress(wheels is null ? "asking the Python package index" : $"installing Python packages from {wheels}");
        string[] from = wheels is null ? [] : ["--no-index", "--find-links", wheels];
        var result = await RunAsync(
            python,
            [
                .. pip, "install", "--require-hashes", "--only-binary", ":all:", "--no-deps", "--no-input", "--disable-pip-version-check",
                "--timeout", "5", "--retries", "1", .. from, "-r", requirements,
            ],
            cancellation);
        if (result.ExitCode == 0)
        {
            return;
        }

        if (result.Error.Contains("DO NOT MATCH THE HASHES", StringComparison.Ordinal))
        {
            throw SecOpsException.Tool("a Python package is not the one that was pinned, so nothing was installed. pip says: "
                + string.Join(' ', result.Error.Split('\n').Select(l => l.Trim()).SkipWhile(l => !l.Contains("DO NOT MATCH", StringComparison.Ordinal)).Where(l => l.Length > 0)));
        }

        // pip warns of each broken connection, and then only says that it found nothing.
        var silent = result.Error.Contains("Retrying (", StringComparison.Ordinal) ? "the index does not answer; " : "";
        throw new SourceUnavailableException($"pip: {silent}{result.LastLine()}");
    }

    /// <summary>
    /// A virtual environment knows its own path, in the first line of its scripts (on Windows inside their launchers); this writes the final
    /// one there before the folder is moved.
    /// </summary>
    public static void Relocate(string from, string to)
    {
        var (old, now) = (Encoding.UTF8.GetBytes(from), Encoding.UTF8.GetBytes(to));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(from, Scripts)).Append(Path.Combine(from, "pyvenv.cfg")))
        {
            if (new FileInfo(file).LinkTarget is not null || !File.Exists(file))
            {
                continue;
            }

            var content = File.ReadAllBytes(file);
            var result = Replace(content, old, now);
            if (result.Length != content.Length || !content.AsSpan().SequenceEqual(result))
            {
                // Written in place: the file keeps its mode.
                File.WriteAllBytes(file, result);
            }
        }
    }

    internal static byte[] Replace(byte[] content, byte[] old, byte[] now)
    {
        var result = new MemoryStream(content.Length);
        var rest = content.AsSpan();
        for (int at; (at = rest.IndexOf(old)) >= 0; rest = rest[(at + old.Length)..])
        {
            result.Write(rest[..at]);
            result.Write(now);
        }

        result.Write(rest);
        return result.ToArray();
    }

    private static string Requirements(LockedPython wanted) => string.Concat(wanted.Packages.Select(p =>
        $"{p.Name}=={p.Version}{(p.Marker is null ? "" : " ; " + p.Marker)}{string.Concat(p.Hashes.Select(h => " --hash=sha256:" + h))}\n"));

    private async Task<string> InterpreterAsync(string oldest, CancellationToken cancellation)
    {
        string[] names = OperatingSystem.IsWindows() ? ["python", "python3"] : ["python3", "python"];
        var python = names.Select(n => ExecutableFinder.Find(n, path)).FirstOrDefault(p => p is not null)
            ?? throw new SourceUnavailableException("there is no Python on PATH");
        var asked = await RunAsync(python, ["-I", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], cancellation);
        return Version.TryParse(asked.Output.Trim(), out var version) && version >= Version.Parse(oldest)
            ? python
            : throw new SourceUnavailableException($"{python} is {(version is null ? "of unknown version" : $"Python {version}")}, and {oldest} or newer is needed");
    }

    private async Task NeedAsync(string python, IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        var result = await RunAsync(python, arguments, cancellation);
        if (result.ExitCode != 0)
        {
            throw new SourceUnavailableException($"{python} {string.Join(' ', arguments.Take(2))}: {result.LastLine()}");
        }
    }

    private Task<ProcessResult> RunAsync(string executable, IReadOnlyList<string> arguments, CancellationToken cancellation) =>
        processes.RunAsync(new ProcessCall(executable, arguments) { Timeout = TimeSpan.FromMinutes(5) }, cancellation);
}
