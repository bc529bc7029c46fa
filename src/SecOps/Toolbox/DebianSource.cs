using System.Text.RegularExpressions;
using SecOps.Processes;

namespace SecOps.Toolbox;

/// <summary>
/// Unpacks Debian packages under a folder: no root, and nothing of the system changes. The mirror is the one that the machine uses;
/// apt checks the signature of the index and the hash of each package.
/// </summary>
/// <param name="cache">For the index of packages, which is kept for a day.</param>
internal sealed partial class DebianSource(ProcessRunner processes, string cache, Action<string> progress)
{
    // Debian's Python modules belong to Debian's interpreter, whichever other one comes first on PATH.
    private const string Interpreter = "/usr/bin/python3";
    private const string Keys = "/usr/share/keyrings/debian-archive-keyring.gpg";

    private static readonly TimeSpan IndexAge = TimeSpan.FromDays(1);

    /// <returns>Null when this machine can use Debian's packages, else why not.</returns>
    public static string? Unfit() =>
        !OperatingSystem.IsLinux() || !File.Exists("/etc/debian_version") || OwnSuite() is null ? "this is not Debian"
        : new[] { "/usr/bin/apt-get", "/usr/bin/dpkg", Interpreter }.FirstOrDefault(f => !File.Exists(f)) is { } missing ? $"{missing} is missing"
        : null;

    /// <summary>Fills the folder: <c>root</c> with the packages' files, and <c>bin/EXECUTABLE</c>.</summary>
    /// <exception cref="SourceUnavailableException">The mirror does not answer or does not have it.</exception>
    public async Task FetchAsync(LockedDebian wanted, string executable, string suite, string folder, CancellationToken cancellation)
    {
        var root = Path.Combine(folder, "root");
        Directory.CreateDirectory(root);
        await UnpackAsync([wanted.Package], suite, root, cancellation);
        var missing = await MissingAsync(wanted.Modules, cancellation);
        if (missing.Count > 0)
        {
            await UnpackAsync(missing, OwnSuite()!, root, cancellation);
        }

        WriteStarter(Path.Combine(folder, "bin", executable), wanted.Start);
        await RunAsync(Interpreter, ["-I", "-m", "compileall", "-q", root], root, cancellation);
    }

    /// <summary>
    /// A script of its own instead of Debian's: it finds the modules beside it, and is isolated (-I), so that nothing in the
    /// scanned folder or the user's settings can stand in for one of them.
    /// </summary>
    private static void WriteStarter(string file, string start)
    {
        var (module, function) = (start.Split(':')[0], start.Split(':')[1]);
        AtomicFile.WriteText(file, $"""
            #!{Interpreter} -I
            import os, sys
            sys.dont_write_bytecode = True
            here = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
            sys.path.insert(0, os.path.join(here, 'root/usr/lib/python3/dist-packages'))
            from {module} import {function}
            sys.exit({function}())

            """.ReplaceLineEndings("\n"));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, File.GetUnixFileMode(file) | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }
    }

    private async Task<List<string>> MissingAsync(IReadOnlyDictionary<string, string> modules, CancellationToken cancellation)
    {
        const string Ask = "import importlib.util, sys\nfor m in sys.argv[1:]:\n  if importlib.util.find_spec(m) is None: print(m)";
        var result = await RunAsync(Interpreter, ["-I", "-c", Ask, .. modules.Keys], "/", cancellation);
        if (result.ExitCode != 0)
        {
            throw new SourceUnavailableException($"{Interpreter} does not run: {result.LastLine()}");
        }

        return [.. result.Output.Split('\n').Where(modules.ContainsKey).Select(m => modules[m])];
    }

    private async Task UnpackAsync(IReadOnlyList<string> packages, string suite, string root, CancellationToken cancellation)
    {
        var state = Path.Combine(cache, "apt", suite);
        using var turn = await FileLock.TakeAsync(state + ".lock", () => progress("waiting for another download from Debian"), cancellation);
        var fresh = await IndexAsync(suite, state, force: false, cancellation);
        var download = root + ".debs";
        Directory.CreateDirectory(download);
        progress($"downloading {string.Join(", ", packages)} from Debian {suite}");
        var result = await AptAsync(state, download, ["download", .. packages], cancellation);
        if (result.ExitCode != 0 && !fresh)
        {
            // The suite may have moved on since the index was read.
            await IndexAsync(suite, state, force: true, cancellation);
            result = await AptAsync(state, download, ["download", .. packages], cancellation);
        }

        if (result.ExitCode != 0)
        {
            throw new SourceUnavailableException($"apt-get download: {Reason(result)}");
        }

        foreach (var package in Directory.EnumerateFiles(download, "*.deb"))
        {
            var unpacked = await RunAsync("/usr/bin/dpkg", ["-x", package, root], download, cancellation);
            if (unpacked.ExitCode != 0)
            {
                throw new SourceUnavailableException($"dpkg -x {Path.GetFileName(package)}: {unpacked.LastLine()}");
            }
        }

        Directory.Delete(download, recursive: true);
    }

    /// <returns>Whether the index was read just now.</returns>
    private async Task<bool> IndexAsync(string suite, string state, bool force, CancellationToken cancellation)
    {
        var read = Path.Combine(state, "read");
        if (!force && File.Exists(read) && DateTime.UtcNow - File.GetLastWriteTimeUtc(read) < IndexAge)
        {
            return false;
        }

        progress($"reading the index of Debian {suite}");
        Directory.CreateDirectory(Path.Combine(state, "lists", "partial"));
        Directory.CreateDirectory(Path.Combine(state, "cache", "archives", "partial"));
        File.WriteAllText(Path.Combine(state, "sources.list"), await SourcesAsync(suite, cancellation));
        var result = await AptAsync(state, state, ["update", "-o", "APT::Update::Error-Mode=any"], cancellation);
        if (result.ExitCode != 0)
        {
            File.Delete(read);
            throw new SourceUnavailableException($"apt-get update: {Reason(result)}");
        }

        File.WriteAllText(read, "");
        return true;
    }

    /// <summary>The machine's own mirror: its lines for its own suite, or the first of them with the other suite's name.</summary>
    private async Task<string> SourcesAsync(string suite, CancellationToken cancellation)
    {
        var own = OwnSuite()!;
        var signed = File.Exists(Keys) ? $"[signed-by={Keys}] " : "";
        var releases = Releases((await RunAsync("/usr/bin/apt-get", AskReleases, "/", cancellation)).Output).ToList();
        var wanted = suite == own
            ? releases.Where(r => r.Suite == own || r.Suite.StartsWith(own + "-", StringComparison.Ordinal))
            : releases.Where(r => r.Suite == own).Take(1).Select(r => (r.Mirror, Suite: suite));
        var text = string.Concat(wanted.Select(r => $"deb {signed}{r.Mirror} {r.Suite} main\n").Distinct());
        return text.Length > 0 ? text : throw new SourceUnavailableException($"apt names no mirror of {own} here");
    }

    /// <summary>
    /// What an update would fetch, one line an address: <c>'MIRROR/dists/SUITE/InRelease' NAME SIZE</c>. It names the mirrors also on a
    /// machine where no index was ever read.
    /// </summary>
    internal static string[] AskReleases { get; } = ["update", "--print-uris"];

    /// <summary>Mirrors and suites in the answer to <see cref="AskReleases"/>.</summary>
    internal static IEnumerable<(string Mirror, string Suite)> Releases(string answer) =>
        from line in answer.Split('\n')
        let match = ReleaseAddress().Match(line)
        where match.Success
        select (match.Groups[1].Value, match.Groups[2].Value);

    [GeneratedRegex(@"^'([^'\s]+/)dists/([^/']+)/InRelease'")]
    private static partial Regex ReleaseAddress();

    /// <summary>apt's first complaint: its last line only says that there were some.</summary>
    private static string Reason(ProcessResult result) =>
        result.Error.Split('\n').FirstOrDefault(l => l.StartsWith("W: Failed", StringComparison.Ordinal) || l.StartsWith("E: ", StringComparison.Ordinal))?[3..].Trim() ?? result.LastLine();

    private Task<ProcessResult> AptAsync(string state, string directory, IReadOnlyList<string> arguments, CancellationToken cancellation) => RunAsync(
        "/usr/bin/apt-get",
        [
            "-qq",
            "-o", $"Dir::Etc::SourceList={state}/sources.list", "-o", "Dir::Etc::SourceParts=/dev/null",
            "-o", "Dir::Etc::Preferences=/dev/null", "-o", "Dir::Etc::PreferencesParts=/dev/null",
            "-o", $"Dir::State::Lists={state}/lists", "-o", $"Dir::Cache={state}/cache",
            "-o", "Acquire::Languages=none", "-o", "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false",
            "-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20", "-o", "Acquire::https::Timeout=20",
            // Whatever the machine's settings allow, unsigned content is never taken.
            "-o", "Acquire::AllowInsecureRepositories=false", "-o", "Acquire::AllowDowngradeToInsecureRepositories=false",
            "-o", "APT::Get::AllowUnauthenticated=false",
            // Run by root, apt would change to a user that cannot enter root's folders.
            "-o", "APT::Sandbox::User=root",
            .. arguments,
        ],
        directory,
        cancellation);

    private Task<ProcessResult> RunAsync(string executable, IReadOnlyList<string> arguments, string directory, CancellationToken cancellation) => processes.RunAsync(
        new ProcessCall(executable, arguments)
        {
            WorkingDirectory = directory,
            Environment = new Dictionary<string, string?> { ["LC_ALL"] = "C", ["DEBIAN_FRONTEND"] = "noninteractive" },
            Timeout = TimeSpan.FromMinutes(5),
        },
        cancellation);

    private static string? OwnSuite()
    {
        try
        {
            var release = File.ReadAllLines("/etc/os-release").Select(l => l.Split('=', 2)).Where(l => l.Length == 2)
                .GroupBy(l => l[0]).ToDictionary(l => l.Key, l => l.Last()[1].Trim('"'));
            return release.GetValueOrDefault("ID") == "debian" ? release.GetValueOrDefault("VERSION_CODENAME") : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
