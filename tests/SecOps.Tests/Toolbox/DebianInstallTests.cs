using System.Runtime.InteropServices;
using System.Text.Json;
using SecOps.Processes;
using SecOps.Scanners.Bandit;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Toolbox;

/// <summary>The real Bandit out of Debian's archive, by the machine's own mirror.</summary>
public sealed class DebianInstallTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_mirrors_are_those_that_an_update_would_ask_also_where_none_was_ever_made()
    {
        const string Answer = """
            'http://mirror.example/debian/dists/bookworm/InRelease' mirror.example_debian_dists_bookworm_InRelease 0
            'http://mirror.example/debian/dists/bookworm/main/binary-amd64/Packages.xz' mirror.example_Packages 0
            'https://vendor.example/apt/dists/stable/InRelease' vendor.example_apt_dists_stable_InRelease 0
            """;
        DebianSource.Releases(Answer).ShouldBe([("http://mirror.example/debian/", "bookworm"), ("https://vendor.example/apt/", "stable")]);
    }

    [NeedsAptFact]
    public async Task Bandit_is_unpacked_from_the_network_registry_apt_and_finds_what_a_scan_needs()
    {
        var processes = new ProcessRunner(new Redactor());
        var lines = new List<string>();
        var locked = ToolLock.Own.Find("bandit")! with { Python = null };
        // As if the interpreter lacked one of the modules: its package comes along.
        var debian = locked.Debian! with { Modules = new Dictionary<string, string>(locked.Debian!.Modules) { ["secops_absent_module"] = "python3-pbr" } };
        var installer = new ToolInstaller(processes, new ToolFolder(folder["tools"]), folder["cache"], new InstallSettings(), TimeProvider.System, lines.Add);
        var result = await installer.InstallAsync(locked with { Debian = debian }, new BanditScanner().Tool, CancellationToken.None);
        result.Source.ShouldStartWith("Debian ");
        Directory.Exists(Path.Combine(folder["tools/bandit"], result.Version, "root/usr/lib/python3/dist-packages/pbr")).ShouldBeTrue();
        lines.ShouldContain(l => l.Contains("downloading python3-bandit from Debian", StringComparison.Ordinal));

        // A folder that tries to stand in for modules of the scanner: isolated, the scanner does not look there.
        folder.Write("project/app.py", "import subprocess\nsubprocess.call('ls', shell=True)\n");
        folder.Write("project/yaml.py", "raise SystemExit('hijacked')\n");
        var scan = await processes.RunAsync(
            new ProcessCall(result.Path, ["-f", "json", "-q", "-r", "."]) { WorkingDirectory = folder["project"], Environment = new Dictionary<string, string?> { ["PYTHONPATH"] = folder["project"] } },
            CancellationToken.None);
        scan.ExitCode.ShouldBe(1, scan.Error);
        scan.Output.ShouldContain("B602");
        // And secops uses it where PATH has none.
        var secops = await processes.RunAsync(
            new ProcessCall(Path.Combine(AppContext.BaseDirectory, "secops"), ["scan", ".", "--only", "bandit", "--fail-on", "low", "--json"])
            {
                WorkingDirectory = folder["project"],
                Environment = new Dictionary<string, string?>
                {
                    ["SECOPS_TOOLS"] = folder["tools"],
                    ["SECOPS_CACHE"] = folder["cache"],
                    ["PATH"] = folder["empty"],
                    ["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../..")),
                },
            },
            CancellationToken.None);
        secops.ExitCode.ShouldBe(ExitCode.GateFailed, secops.Error);
        using var document = JsonDocument.Parse(secops.Output);
        var coverage = document.RootElement.GetProperty("coverage").EnumerateArray().ShouldHaveSingleItem();
        coverage.GetProperty("status").GetString().ShouldBe("completed");
        coverage.GetProperty("version").GetString().ShouldBe(result.Version);

        var at = Path.Combine(folder["tools/bandit"], result.Version);
        InstalledManifest.Read(at).Differences(at).ShouldBeEmpty();
    }
}
