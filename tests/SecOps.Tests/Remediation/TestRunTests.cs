using System.Diagnostics;
using SecOps.Processes;
using SecOps.Remediation.Verification;
using SecOps.Testing;
using Shouldly;

namespace SecOps.Remediation;

/// <summary>The project's tests are somebody's program: they run apart from what this process knows and reaches.</summary>
public sealed class TestRunTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [NeedsFact("python3")]
    public async Task They_see_no_credential_and_no_home()
    {
        folder.Write("check.py", "import os\nprint(sorted(os.environ))\nprint(os.listdir(os.environ['HOME']))\n");
        var result = await RunAsync("python3 check.py");
        result.Passed.ShouldBeTrue(result.Text);
        result.Text.ShouldContain("[]");
        foreach (var name in new[] { "AWS_ACCESS_KEY_ID", "GITHUB_TOKEN", "GITHUB_ACTIONS", "SSH_AUTH_SOCK", "SECOPS_X" })
        {
            result.Text.ShouldNotContain(name);
        }
    }

    [NeedsFact("python3", "unshare", "ip")]
    public async Task They_reach_loopback_alone_where_the_system_lets_that_be()
    {
        folder.Write("check.py", "import socket\nserver = socket.create_server(('127.0.0.1', 0))\nsocket.create_connection(server.getsockname(), 5)\ntry:\n    socket.create_connection(('192.0.2.1', 80), 5)\nexcept OSError as e:\n    print('errno', e.errno)\n");
        var run = Run("python3 check.py", TimeSpan.FromMinutes(1));
        var result = await run.BaselineAsync(folder.Path, Home, CancellationToken.None);
        result.Passed.ShouldBeTrue(result.Text);
        if (run.Conditions == "without network")
        {
            // ENETUNREACH, at once.
            result.Text.ShouldContain("errno 101");
        }
    }

    [NeedsFact("python3")]
    public async Task What_takes_too_long_is_ended_with_everything_it_started()
    {
        var mark = "secops-" + Guid.NewGuid().ToString("N");
        folder.Write("check.py", $"import subprocess, sys, time\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)', '{mark}'], start_new_session=False)\ntime.sleep(300)\n");
        var watch = Stopwatch.StartNew();
        var result = await Run("python3 check.py", TimeSpan.FromSeconds(3)).RunAsync(folder.Path, Home, CancellationToken.None);
        result.Passed.ShouldBeFalse();
        result.Text.ShouldContain("ended after");
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(60));
        if (OperatingSystem.IsLinux())
        {
            Directory.GetDirectories("/proc").Select(d => Path.Combine(d, "cmdline")).Where(f => File.Exists(f) && TryRead(f).Contains(mark, StringComparison.Ordinal)).ShouldBeEmpty();
        }
    }

    private string Home => Directory.CreateDirectory(folder["home"]).FullName;

    private static string TryRead(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It just ended.
            return "";
        }
    }

    private Task<TestResult> RunAsync(string command) => Run(command, TimeSpan.FromMinutes(1)).RunAsync(folder.Path, Home, CancellationToken.None);

    private static TestRun Run(string command, TimeSpan limit) => new(new ProcessRunner(new Redactor()), CommandLine.Split(command), limit, name => name switch
    {
        "PATH" => Parts.SearchPath,
        "AWS_ACCESS_KEY_ID" or "GITHUB_TOKEN" or "GITHUB_ACTIONS" or "SSH_AUTH_SOCK" or "SECOPS_X" => "x",
        _ => null,
    });
}
