using System.Text.RegularExpressions;
using SecOps.Processes;

namespace SecOps.Remediation.Verification;

/// <summary>What the project's tests said.</summary>
/// <param name="Failures">Names of failed tests where the runner prints them (unittest, pytest).</param>
/// <param name="Text">The end of what was printed.</param>
public sealed record TestResult(bool Passed, IReadOnlyCollection<string> Failures, string Text);

/// <summary>
/// Runs the project's tests: no shell, no variable of the environment but harmless ones, an empty home, a time limit, and no
/// network but loopback where the system lets a user have that (Linux with user namespaces).
/// </summary>
internal sealed partial class TestRun(ProcessRunner processes, IReadOnlyList<string> command, TimeSpan limit, Func<string, string?> variable)
{
    /// <summary>The namespace's own loopback is down at first. The script is fixed; what it runs comes as arguments.</summary>
    private const string RaiseLoopback = "ip link set lo up 2>/dev/null; exec \"$@\"";

    private static readonly string[] Passed = ["PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT", "PATHEXT", "COMSPEC", "VIRTUAL_ENV", "PYENV_VERSION"];

    private bool isolated = OperatingSystem.IsLinux() && ExecutableFinder.Find("unshare", variable("PATH")) is not null;

    /// <summary>For the reviewer: how the tests were run.</summary>
    public string Conditions => isolated ? "without network" : "with network";

    /// <summary>The tests before any change. Where they only pass with network, they have it from then on.</summary>
    public async Task<TestResult> BaselineAsync(string folder, string home, CancellationToken cancellation)
    {
        var first = await RunAsync(folder, home, cancellation);
        if (first.Passed || !isolated)
        {
            return first;
        }

        isolated = false;
        var second = await RunAsync(folder, home, cancellation);
        isolated = !second.Passed;
        return second.Passed ? second : first;
    }

    public async Task<TestResult> RunAsync(string folder, string home, CancellationToken cancellation)
    {
        IReadOnlyList<string> words = isolated ? ["unshare", "--map-root-user", "--net", "--", "sh", "-c", RaiseLoopback, "sh", .. command] : command;
        ProcessResult result;
        try
        {
            result = await processes.RunAsync(
                new ProcessCall(words[0], [.. words.Skip(1)])
                {
                    WorkingDirectory = folder,
                    CleanEnvironment = true,
                    Environment = Environment(home),
                    Timeout = limit,
                },
                cancellation);
        }
        catch (ToolNotFoundException e)
        {
            throw SecOpsException.Usage($"the tests can't be run: {e.Message}");
        }

        var text = result.Output + "\n" + result.Error;
        var failures = Failure().Matches(text).Select(m => m.Groups[1].Success ? m.Groups[1].Value : m.Groups[2].Value).ToHashSet(StringComparer.Ordinal);
        return new TestResult(result is { ExitCode: 0, TimedOut: false }, failures, result.TimedOut ? $"the tests were ended after {Durations.Show(limit)}" : text);
    }

    private Dictionary<string, string?> Environment(string home)
    {
        var environment = Passed.Where(name => variable(name) is not null).ToDictionary(name => name, variable);
        environment["HOME"] = home;
        environment["USERPROFILE"] = home;
        environment["TMPDIR"] = home;
        environment["PYTHONDONTWRITEBYTECODE"] = "1";
        environment["CI"] = "true";
        if (variable("HOME") is { Length: > 0 } user && Directory.Exists(Path.Combine(user, ".local", "lib")))
        {
            // Packages that the user installed with pip --user.
            environment["PYTHONUSERBASE"] = Path.Combine(user, ".local");
        }

        return environment;
    }

    [GeneratedRegex(@"^(?:FAIL|ERROR): (.+?)\s*$|^(?:FAILED|ERROR) ([^\s-][^\n]*?)(?: - .*)?\s*$", RegexOptions.Multiline)]
    private static partial Regex Failure();
}
