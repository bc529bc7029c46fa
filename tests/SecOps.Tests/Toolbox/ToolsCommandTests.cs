using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using SecOps.Processes;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Toolbox;

/// <summary><c>secops tools</c> as a process.</summary>
public sealed class ToolsCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly FileServer server = new();

    public void Dispose()
    {
        server.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("install")]
    [InlineData("verify")]
    public async Task An_unknown_name_is_a_usage_error_that_suggests_the_nearest(string verb)
    {
        var result = await RunAsync("tools", verb, "bandti");
        result.ExitCode.ShouldBe(ExitCode.Usage);
        result.Error.ShouldContain("Did you mean \"bandit\"?");
    }

    [Fact]
    public async Task A_scanner_that_has_no_pinned_source_is_to_be_installed_by_hand()
    {
        var result = await RunAsync("tools", "install", "zap");
        result.ExitCode.ShouldBe(ExitCode.Usage);
        result.Error.ShouldContain("secops cannot install zap: install ");
    }

    [Fact]
    public async Task Listing_says_what_is_pinned_and_that_nothing_is_there()
    {
        var tools = Json(await RunAsync("tools", "list", "--json"));
        var gitleaks = tools.Single(t => t.GetProperty("name").GetString() == "gitleaks");
        gitleaks.GetProperty("pinned").GetString().ShouldBe(ToolLock.Own.Find("gitleaks")!.Version);
        gitleaks.GetProperty("installed").GetBoolean().ShouldBeFalse();
        gitleaks.GetProperty("path").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task A_dry_run_names_the_source_and_installs_nothing()
    {
        var tool = Json(await RunAsync("tools", "install", "gitleaks", "--dry-run", "--json")).ShouldHaveSingleItem();
        tool.GetProperty("status").GetString().ShouldBe("wouldInstall");
        tool.GetProperty("source").GetString().ShouldBe(server.Address + "/");
        Directory.Exists(folder["tools"]).ShouldBeFalse();
        server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_mirror_that_serves_something_else_is_refused_and_nothing_is_installed()
    {
        foreach (var archive in ToolLock.Own.Find("gitleaks")!.Archives!.Values)
        {
            server.Files[Path.GetFileName(archive.Url)] = [1, 2, 3];
        }

        var result = await RunAsync("tools", "install", "gitleaks", "--json");
        result.ExitCode.ShouldBe(ExitCode.ToolFailed);
        result.Error.ShouldContain("is not the pinned file, so nothing was installed");
        Json(result).ShouldHaveSingleItem().GetProperty("status").GetString().ShouldBe("failed");
        Directory.GetDirectories(folder["tools/gitleaks"]).ShouldBeEmpty();
    }

    [Fact]
    public async Task Offline_says_what_would_help()
    {
        var result = await RunAsync("tools", "install", "bandit", "--offline");
        result.ExitCode.ShouldBe(ExitCode.ToolFailed);
        result.Error.ShouldContain("--offline allows no network, and no mirror folder is set (SECOPS_TOOLS_MIRROR)");
    }

    [Fact]
    public async Task Verifying_sees_a_changed_file_and_a_tool_that_is_not_installed()
    {
        (await RunAsync("tools", "verify")).Output.ShouldContain("nothing is installed in ");
        (await RunAsync("tools", "verify", "bandit")).ExitCode.ShouldBe(ExitCode.Incomplete);
        folder.Write("tools/bandit/1.9.4/bin/bandit", "original");
        InstalledManifest.Of(folder["tools/bandit/1.9.4"], "bandit", "1.9.4", "a test", DateTimeOffset.UnixEpoch).Write(folder["tools/bandit/1.9.4"]);
        (await RunAsync("tools", "verify")).ExitCode.ShouldBe(ExitCode.Clean);
        folder.Write("tools/bandit/1.9.4/bin/bandit", "changed");
        var result = await RunAsync("tools", "verify", "--json");
        result.ExitCode.ShouldBe(ExitCode.ToolFailed);
        Json(result).ShouldHaveSingleItem().GetProperty("problems")[0].GetString().ShouldBe("bin/bandit has changed");
    }

    [Fact]
    public async Task Killed_in_the_middle_it_leaves_no_tool_and_the_next_one_clears_up()
    {
        var archive = ToolLock.Own.Find("gitleaks")!.Archives!.Values.Select(a => Path.GetFileName(a.Url)).Single(n => n.Contains(PlatformName, StringComparison.Ordinal));
        using (var stalling = new FileServer { Cut = archive })
        {
            stalling.Files[archive] = new byte[100_000];
            using var process = Process.Start(Start(stalling.Address, ["tools", "install", "gitleaks"]))!;
            await stalling.HalfSent.WaitAsync(TimeSpan.FromSeconds(60));
            process.Kill();
            await process.WaitForExitAsync();
        }

        Directory.GetDirectories(folder["tools/gitleaks"]).ShouldHaveSingleItem();
        (await RunAsync("tools", "list", "--json")).Output.ShouldNotContain("toolFolder");
        (await RunAsync("tools", "install", "gitleaks")).ExitCode.ShouldBe(ExitCode.ToolFailed);
        Directory.GetDirectories(folder["tools/gitleaks"]).ShouldBeEmpty();
    }

    private static string PlatformName =>
        (OperatingSystem.IsWindows() ? "windows_" : OperatingSystem.IsMacOS() ? "darwin_" : "linux_")
        + RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant() + ".";

    private ProcessStartInfo Start(string mirror, string[] arguments)
    {
        var start = new ProcessStartInfo(Executable, arguments) { WorkingDirectory = folder.Path };
        foreach (var (name, value) in Variables(mirror))
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private static string Executable { get; } = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "secops.exe" : "secops");

    private Dictionary<string, string?> Variables(string mirror) => new()
    {
        ["SECOPS_TOOLS"] = folder["tools"],
        ["SECOPS_CACHE"] = folder["cache"],
        ["SECOPS_TOOLS_MIRROR"] = mirror,
    };

    private Task<ProcessResult> RunAsync(params string[] arguments) => new ProcessRunner(new Redactor()).RunAsync(
        new ProcessCall(Executable, arguments)
        {
            WorkingDirectory = folder.Path,
            Environment = Variables(arguments.Contains("--offline") ? "" : server.Address),
            Timeout = TimeSpan.FromMinutes(2),
        },
        CancellationToken.None);

    private static List<JsonElement> Json(ProcessResult result)
    {
        using var document = JsonDocument.Parse(result.Output);
        return [.. document.RootElement.GetProperty("tools").EnumerateArray().Select(e => e.Clone())];
    }
}
