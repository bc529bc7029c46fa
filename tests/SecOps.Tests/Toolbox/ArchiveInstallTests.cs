using System.Formats.Tar;
using System.Runtime.InteropServices;
using SecOps.Processes;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Toolbox;

/// <summary>Tools from release archives, over a real HTTP server.</summary>
public sealed class ArchiveInstallTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly FileServer server = new();
    private readonly List<string> progress = [];

    private string Home => folder["tools/tool"];

    public void Dispose()
    {
        server.Dispose();
        folder.Dispose();
    }

    [UnixFact]
    public async Task A_tar_is_downloaded_checked_and_unpacked()
    {
        var content = Archives.TarGz(Archives.File("LICENSE", "MIT"), Archives.File("./tool", Archives.Script));
        var result = await InstallAsync(Serve("tool.tar.gz", content));
        result.ShouldBe(new InstallResult("tool", "1.2.3", "installed", "127.0.0.1", folder["tools/tool/1.2.3/bin/tool"]));
        File.ReadAllText(folder["tools/tool/1.2.3/LICENSE"]).ShouldBe("MIT");
        new ToolFolder(folder["tools"]).Find(Specification).ShouldBe(("1.2.3", result.Path));
        progress.ShouldContain(p => p.StartsWith("tool: downloading tool.tar.gz", StringComparison.Ordinal));
        Entries().ShouldBe([".lock", "1.2.3"]);
    }

    [UnixFact]
    public async Task A_zip_is_downloaded_checked_and_unpacked()
    {
        var tool = Serve("tool.zip", Archives.Zip(("sub/", "", 0x41ED), ("sub/tool", Archives.Script, 0x81A4)), executable: "sub/tool");
        (await InstallAsync(tool)).Version.ShouldBe("1.2.3");
    }

    [Fact]
    public async Task Another_checksum_refuses_and_leaves_nothing()
    {
        var tool = Serve("tool.tar.gz", Archives.TarGz(Archives.File("tool", Archives.Script)));
        server.Files["tool.tar.gz"][^1] ^= 1;
        (await RefusedAsync(tool)).ShouldContain("is not the pinned file, so nothing was installed: its SHA-256 is ");
    }

    [Theory]
    [InlineData("../tool")]
    [InlineData("a/../../tool")]
    [InlineData("/tmp/secops-test-tool")]
    [InlineData("..\\tool")]
    [InlineData("C:tool")]
    [InlineData("installed.json")]
    public async Task An_entry_that_leads_out_of_the_folder_or_fakes_the_record_is_refused(string name)
    {
        (await RefusedAsync(Serve("tool.tar.gz", Archives.TarGz(Archives.File(name, "x"), Archives.File("tool", Archives.Script))))).ShouldContain("was refused");
        (await RefusedAsync(Serve("tool.zip", Archives.Zip((name, "x", 0x81A4), ("tool", Archives.Script, 0x81A4))))).ShouldContain("was refused");
        File.Exists(folder["tools/tool/tool"]).ShouldBeFalse();
        File.Exists("/tmp/secops-test-tool").ShouldBeFalse();
    }

    [Fact]
    public async Task A_link_or_a_device_is_refused()
    {
        TarEntry[] hostile =
        [
            Archives.Link(TarEntryType.SymbolicLink, "tool", "/bin/sh"), Archives.Link(TarEntryType.HardLink, "tool", "/etc/passwd"),
            new PaxTarEntry(TarEntryType.Fifo, "tool"), new PaxTarEntry(TarEntryType.CharacterDevice, "tool"),
        ];
        foreach (var entry in hostile)
        {
            (await RefusedAsync(Serve("tool.tar.gz", Archives.TarGz(entry)))).ShouldContain("is neither a file nor a folder");
        }

        (await RefusedAsync(Serve("tool.zip", Archives.Zip(("tool", "/bin/sh", 0xA1FF))))).ShouldContain("is neither a file nor a folder");
    }

    [Fact]
    public async Task A_name_that_stands_in_it_twice_is_refused() =>
        (await RefusedAsync(Serve("tool.tar.gz", Archives.TarGz(Archives.File("tool", "good"), Archives.File("./tool", "evil"))))).ShouldContain("stands in it twice");

    [Fact]
    public async Task What_is_no_archive_is_refused()
    {
        (await RefusedAsync(Serve("tool.tar.gz", [1, 2, 3]))).ShouldContain("is not an archive that can be read");
        var whole = Archives.TarGz(Archives.File("tool", new string('x', 100_000)));
        (await RefusedAsync(Serve("tool.tar.gz", whole[..^40]))).ShouldContain("tool.tar.gz");
        (await RefusedAsync(Serve("tool.zip", [1, 2, 3]))).ShouldContain("is not an archive that can be read");
    }

    [UnixFact]
    public async Task An_archive_without_the_executable_or_with_one_that_does_not_run_is_refused()
    {
        (await RefusedAsync(Serve("tool.tar.gz", Archives.TarGz(Archives.File("README", "x"))))).ShouldContain("has no tool in it");
        (await RefusedAsync(Serve("tool.tar.gz", Archives.TarGz(Archives.File("tool", "#!/bin/sh\necho broken >&2\nexit 3\n"))))).ShouldContain("does not run here: broken");
    }

    [Fact]
    public async Task A_server_that_does_not_have_it_is_named()
    {
        var tool = Serve("tool.tar.gz", []);
        server.Files.Clear();
        (await RefusedAsync(tool)).ShouldContain($"{server.Address}/tool.tar.gz answers 404 Not Found");
    }

    [UnixFact]
    public async Task Offline_only_a_mirror_folder_serves()
    {
        var content = Archives.TarGz(Archives.File("tool", Archives.Script));
        var tool = Serve("tool.tar.gz", content);
        (await RefusedAsync(tool, new InstallSettings { Offline = true })).ShouldContain("--offline allows no network");
        (await RefusedAsync(tool, new InstallSettings { Offline = true, Mirror = folder["mirror"] })).ShouldContain("tool.tar.gz");
        Directory.CreateDirectory(folder["mirror"]);
        File.WriteAllBytes(folder["mirror/tool.tar.gz"], content);
        (await InstallAsync(tool, new InstallSettings { Offline = true, Mirror = folder["mirror"] })).Source.ShouldBe(folder["mirror"]);
        server.Requests.ShouldBeEmpty();
    }

    [UnixFact]
    public async Task A_mirror_address_stands_in_for_the_makers_site()
    {
        var tool = Serve("tool.tar.gz", Archives.TarGz(Archives.File("tool", Archives.Script)));
        var elsewhere = tool with { Archives = tool.Archives!.ToDictionary(a => a.Key, a => a.Value with { Url = "https://example.invalid/v1/tool.tar.gz" }) };
        (await InstallAsync(elsewhere, new InstallSettings { Mirror = server.Address + "/" })).Status.ShouldBe("installed");
    }

    [UnixFact]
    public async Task A_newer_version_that_is_installed_is_enough()
    {
        var tool = Serve("tool.tar.gz", Archives.TarGz(Archives.File("tool", Archives.Script)));
        await InstallAsync(tool);
        (await InstallAsync(tool with { Version = "1.2.2" })).ShouldSatisfyAllConditions(r => r.Status.ShouldBe("alreadyInstalled"), r => r.Version.ShouldBe("1.2.3"));
        (await InstallAsync(tool with { Version = "1.2.10" })).Status.ShouldBe("installed");
    }

    [UnixFact]
    public async Task A_mirrors_password_is_sent_and_never_shown()
    {
        var tool = Serve("tool.tar.gz", Archives.TarGz(Archives.File("tool", Archives.Script)));
        var settings = new InstallSettings { Mirror = server.Address.Replace("//", "//jo:s%40cret-word@", StringComparison.Ordinal) };
        var result = await InstallAsync(tool, settings);
        server.Authorizations.ShouldBe(["Authorization: Basic " + Convert.ToBase64String("jo:s@cret-word"u8)]);
        result.Source.ShouldBe(server.Address + "/");
        File.ReadAllText(folder["tools/tool/1.2.3/installed.json"]).ShouldNotContain("cret-word");
        server.Files.Clear();
        (await Should.ThrowAsync<SecOpsException>(InstallAsync(tool, settings with { Force = true }))).Message.ShouldNotContain("cret-word");
        progress.ShouldAllBe(line => !line.Contains("cret-word", StringComparison.Ordinal));
    }

    [UnixFact]
    public async Task Installed_once_however_many_ask_at_once()
    {
        var tool = Serve("tool.tar.gz", Archives.TarGz(Archives.File("tool", Archives.Script)));
        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => InstallAsync(tool))));
        results.Count(r => r.Status == "installed").ShouldBe(1);
        results.Count(r => r.Status == "alreadyInstalled").ShouldBe(3);
        server.Requests.Count.ShouldBe(1);
    }

    [UnixFact]
    public async Task Force_installs_again_and_what_a_killed_installation_left_goes()
    {
        var tool = Serve("tool.tar.gz", Archives.TarGz(Archives.File("tool", Archives.Script)));
        var installed = await InstallAsync(tool);
        File.AppendAllText(installed.Path, "# changed");
        folder.Write("tools/tool/.install-killed/bin/tool", "half");
        var manifest = InstalledManifest.Read(folder["tools/tool/1.2.3"]);
        manifest.Differences(folder["tools/tool/1.2.3"]).ShouldBe(["bin/tool has changed"]);
        (await InstallAsync(tool, new InstallSettings { Force = true })).Status.ShouldBe("installed");
        InstalledManifest.Read(folder["tools/tool/1.2.3"]).Differences(folder["tools/tool/1.2.3"]).ShouldBeEmpty();
        Entries().ShouldBe([".lock", "1.2.3"]);
    }

    [UnixFact]
    public async Task Every_kind_of_change_is_seen()
    {
        await InstallAsync(Serve("tool.tar.gz", Archives.TarGz(Archives.File("tool", Archives.Script), Archives.File("a/b", "b"))));
        var at = folder["tools/tool/1.2.3"];
        File.Delete(Path.Combine(at, "a/b"));
        File.CreateSymbolicLink(Path.Combine(at, "a/c"), "/bin/sh");
        File.WriteAllText(Path.Combine(at, "bin/tool"), "other");
        InstalledManifest.Read(at).Differences(at).ShouldBe(["a/b is missing", "bin/tool has changed", "a/c was added"]);
    }

    [Fact]
    public async Task Cancelled_in_the_middle_nothing_is_left()
    {
        using var stalling = new FileServer { Cut = "tool.tar.gz" };
        var content = stalling.Files["tool.tar.gz"] = Archives.TarGz(Archives.File("tool", Archives.Script));
        using var stop = new CancellationTokenSource();
        var install = Installer(new InstallSettings()).InstallAsync(Tool($"{stalling.Address}/tool.tar.gz", content), Specification, stop.Token);
        await stalling.HalfSent;
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(install);
        Entries().ShouldBe([".lock"]);
    }

    private static ToolSpecification Specification { get; } = new("tool", "tool");

    private LockedTool Serve(string name, byte[] content, string executable = "tool")
    {
        server.Files[name] = content;
        return Tool($"{server.Address}/{name}", content, executable);
    }

    private static LockedTool Tool(string url, byte[] content, string executable = "tool") => new("tool", "1.2.3", "tool")
    {
        Archives = new Dictionary<string, LockedArchive>
        {
            [$"{(OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux")}-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}"] =
                new(url, Archives.Sha256(content), executable),
        },
    };

    private ToolInstaller Installer(InstallSettings settings) =>
        new(new ProcessRunner(new Redactor()), new ToolFolder(folder["tools"]), folder["cache"], settings, TimeProvider.System, line => { lock (progress) { progress.Add(line); } });

    private Task<InstallResult> InstallAsync(LockedTool tool, InstallSettings? settings = null) => Installer(settings ?? new InstallSettings()).InstallAsync(tool, Specification, CancellationToken.None);

    private async Task<string> RefusedAsync(LockedTool tool, InstallSettings? settings = null)
    {
        var refusal = await Should.ThrowAsync<SecOpsException>(InstallAsync(tool, settings));
        refusal.Code.ShouldBe(ExitCode.ToolFailed);
        Entries().ShouldBe([".lock"]);
        return refusal.Message;
    }

    private IEnumerable<string> Entries() => Directory.EnumerateFileSystemEntries(Home).Select(e => Path.GetFileName(e)!).Order(StringComparer.Ordinal);
}
