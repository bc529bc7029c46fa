using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using SecOps.Commands.Doctor;
using SecOps.Delivery.Diagnose;
using SecOps.Processes;
using SecOps.Testing;
using SecOps.Toolbox;
using Shouldly;
using Xunit;

namespace SecOps.Commands;

/// <summary><c>secops doctor</c> in a folder made for the test, with an environment of its own.</summary>
public sealed class DoctorTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Dictionary<string, string> environment;

    public DoctorTests() => environment = new Dictionary<string, string>
    {
        ["SECOPS_TOOLS"] = folder["tools"],
        ["SECOPS_CACHE"] = folder["cache"],
        ["DOCKER_HOST"] = "unix://" + folder["docker.sock"],
        ["HOME"] = folder.Path,
    };

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task An_empty_folder_is_fine_and_nothing_is_changed()
    {
        folder.Write("empty/.keep", "");
        var (code, checks) = await RunAsync();
        code.ShouldBe(ExitCode.Clean);
        checks.Select(c => c.Id).Where(id => !id.StartsWith("scanner.", StringComparison.Ordinal)).ShouldBe(["git", "path.relative", "configuration", "folder.results", "folder.tools", "folder.cache", "disk", "docker"]);
        Status(checks, "folder.results").ShouldBe("ok");
        Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName).ShouldBe(["empty"]);
    }

    [Fact]
    public async Task A_required_scanner_that_is_missing_fails_and_one_that_only_fits_is_a_warning()
    {
        folder.Write("empty/app.py", "x = 1\n");
        var (code, checks) = await RunAsync();
        code.ShouldBe(ExitCode.Clean);
        Status(checks, "scanner.bandit").ShouldBe("warning");
        folder.Write("empty/secops.yml", "gate:\n  require: [bandit]\n");
        (code, checks) = await RunAsync();
        code.ShouldBe(ExitCode.Incomplete);
        checks.Single(c => c.Id == "scanner.bandit").ShouldSatisfyAllConditions(c => c.Status.ShouldBe("failed"), c => c.Fix.ShouldBe("secops tools install bandit"));
    }

    [Fact]
    public async Task An_installed_scanner_is_named_with_its_version_and_a_changed_one_fails()
    {
        folder.Write("empty/app.py", "x = 1\n");
        var executable = ToolFolder.ExecutableIn(folder["tools/bandit/1.9.4"], "bandit");
        folder.Write(Path.GetRelativePath(folder.Path, executable), "original");
        InstalledManifest.Of(folder["tools/bandit/1.9.4"], "bandit", "1.9.4", "a test", DateTimeOffset.UnixEpoch).Write(folder["tools/bandit/1.9.4"]);
        var (_, checks) = await RunAsync();
        checks.Single(c => c.Id == "scanner.bandit").ShouldBe(new Check("scanner.bandit", "ok", executable, "bandit 1.9.4.", null));
        Status(checks, "tools.integrity").ShouldBe("ok");
        File.WriteAllText(executable, "changed");
        var (code, after) = await RunAsync();
        code.ShouldBe(ExitCode.Incomplete);
        after.Single(c => c.Id == "tools.integrity").Fix.ShouldBe("secops tools install bandit --force");
    }

    [Fact]
    public async Task A_wrong_configuration_is_quoted_with_its_line()
    {
        folder.Write("empty/secops.yml", "gate:\n  failOnn: high\n");
        var (code, checks) = await RunAsync();
        code.ShouldBe(ExitCode.Incomplete);
        var check = checks.Single(c => c.Id == "configuration");
        check.Status.ShouldBe("failed");
        check.Message.ShouldContain("secops.yml:2");
        check.Message.ShouldContain("Did you mean \"failOn\"?");
    }

    [Fact]
    public async Task A_waiver_that_has_ended_and_one_that_ends_soon_are_warnings()
    {
        folder.Write("empty/secops.yml", """
            waivers:
              - {rule: B101, reason: old, owner: a@example.com, expires: 2026-05-31}
              - {rule: B102, reason: soon, owner: b@example.com, expires: 2026-06-10}
              - {rule: B103, reason: later, owner: c@example.com, expires: 2027-01-31}
            """);
        var (_, checks) = await RunAsync();
        checks.Where(c => c.Id == "configuration.waiver").Select(c => c.Message).ShouldBe(["the waiver of a@example.com (old) ended on 2026-05-31: it holds no more.", "the waiver of b@example.com (soon) ends on 2026-06-10."]);
    }

    [Fact]
    public async Task A_variable_that_the_configuration_refers_to_is_looked_for_and_its_value_is_never_shown()
    {
        folder.Write("empty/secops.yml", "# token: env:COMMENTED\nrun:\n  stages:\n    - name: env:ABSENT_NAME\n      command: scan .\n    - name: env:PRESENT_NAME\n      command: deploy ecs\n");
        environment["PRESENT_NAME"] = "hunter2hunter2";
        environment["AWS_CONFIG_FILE"] = environment["AWS_SHARED_CREDENTIALS_FILE"] = folder["none"];
        var (_, checks) = await RunAsync();
        var variables = checks.Where(c => c.Id == "credentials.variable").ToList();
        variables.Select(c => (c.Status, c.Message)).ShouldBe([("warning", "ABSENT_NAME is not set."), ("ok", "PRESENT_NAME is set.")]);
        variables[0].Resource.ShouldEndWith("secops.yml:4");
        Status(checks, "credentials.aws").ShouldBe("warning");
        checks.ShouldAllBe(c => !c.ToString().Contains("hunter2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Docker_is_found_where_something_listens()
    {
        Status((await RunAsync()).Checks, "docker").ShouldBe("warning");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        environment["DOCKER_HOST"] = $"tcp://{listener.LocalEndpoint}";
        Status((await RunAsync()).Checks, "docker").ShouldBe("ok");
        environment["DOCKER_HOST"] = "gopher://nowhere";
        Status((await RunAsync()).Checks, "docker").ShouldBe("failed");
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_fails()
    {
        environment["SECOPS_CACHE"] = Path.Combine(folder.Write("file", ""), "below");
        var (code, checks) = await RunAsync();
        code.ShouldBe(ExitCode.Incomplete);
        checks.Single(c => c.Id == "folder.cache").ShouldSatisfyAllConditions(c => c.Status.ShouldBe("failed"), c => c.Fix!.ShouldContain("SECOPS_CACHE"));
    }

    [Fact]
    public async Task A_check_that_cannot_look_is_unknown_and_the_others_still_answer()
    {
        (string, DoctorCheck)[] list =
        [
            ("broken", (_, _) => throw SecOpsException.Tool("the remote is away.")),
            ("good", (_, _) => Task.FromResult<IReadOnlyList<DiagnoseCheck>>([DiagnoseCheck.Ok("good", "x", "fine.")])),
        ];
        var (code, checks) = await RunAsync(list);
        code.ShouldBe(ExitCode.Clean);
        checks.ShouldBe([new Check("broken", "unknown", "broken", "the remote is away.", null), new Check("good", "ok", "x", "fine.", null)]);
    }

    private static string Status(IEnumerable<Check> checks, string id) => checks.Single(c => c.Id == id).Status;

    private async Task<(int Code, List<Check> Checks)> RunAsync(IReadOnlyList<(string, DoctorCheck)>? list = null)
    {
        Directory.CreateDirectory(folder["empty"]);
        var output = new StringWriter();
        var redactor = new Redactor();
        var terminal = new Terminal(redactor, output, TextWriter.Null) { Json = true };
        using var workspace = new Workspace(new GlobalOptions { Json = true }, folder["empty"], environment.GetValueOrDefault, terminal, redactor, new JuneFirst());
        var code = await DoctorCommand.RunAsync(workspace, list ?? LocalChecks.All, CancellationToken.None);
        using var document = JsonDocument.Parse(output.ToString());
        return (code, [.. document.RootElement.GetProperty("checks").EnumerateArray().Select(c => new Check(Text(c, "id")!, Text(c, "status")!, Text(c, "resource")!, Text(c, "message")!, Text(c, "fix")))]);
    }

    private static string? Text(JsonElement check, string name) => check.GetProperty(name).GetString();

    private sealed record Check(string Id, string Status, string Resource, string Message, string? Fix);

    private sealed class JuneFirst : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);
    }
}
