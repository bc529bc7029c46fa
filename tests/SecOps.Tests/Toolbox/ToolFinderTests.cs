using SecOps.Processes;
using SecOps.Testing;
using Shouldly;

namespace SecOps.Toolbox;

public sealed class ToolFinderTests : IDisposable
{
    private static readonly ToolSpecification Specification = new("tool", "tool") { OldestGood = new Version(2, 0) };

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [UnixFact]
    public async Task PATH_comes_first_unless_it_is_too_old_and_the_tool_folder_has_a_good_one()
    {
        OnPath("1.9");
        (await FindAsync())!.Path.ShouldBe(folder["path/tool"]);
        Installed("1.5");
        (await FindAsync())!.Path.ShouldBe(folder["path/tool"]);
        Installed("2.10");
        Installed("2.9");
        (await FindAsync())!.Path.ShouldBe(folder["tools/tool/2.10/bin/tool"]);
        OnPath("2.0");
        (await FindAsync())!.Path.ShouldBe(folder["path/tool"]);
        File.Delete(folder["path/tool"]);
        (await FindAsync())!.Path.ShouldBe(folder["tools/tool/2.10/bin/tool"]);
    }

    [UnixFact]
    public async Task A_version_is_asked_once_as_long_as_the_file_stays_the_same()
    {
        OnPath("1.9");
        (await VersionAsync()).ShouldBe("1.9");
        (await VersionAsync()).ShouldBe("1.9");
        Starts().ShouldBe(1);
        OnPath("2.10");
        (await VersionAsync()).ShouldBe("2.10");
        Starts().ShouldBe(2);
    }

    [UnixFact]
    public async Task An_installed_tools_version_is_known_without_starting_it()
    {
        Installed("2.9");
        (await VersionAsync()).ShouldBe("2.9");
        Starts().ShouldBe(0);
    }

    [UnixFact]
    public async Task A_shims_version_is_asked_every_time_and_a_broken_cache_is_no_answer()
    {
        Script(folder["shims/tool"], "2.0");
        var finder = Finder(folder["shims"]);
        var location = (await finder.FindAsync(Specification, CancellationToken.None))!;
        await finder.VersionAsync(Specification, location, CancellationToken.None);
        await finder.VersionAsync(Specification, location, CancellationToken.None);
        Starts().ShouldBe(2);
        OnPath("1.9");
        await VersionAsync();
        foreach (var file in Directory.GetFiles(folder["cache/versions"]))
        {
            File.WriteAllText(file, "nonsense");
        }

        (await VersionAsync()).ShouldBe("1.9");
    }

    [UnixFact]
    public async Task A_half_installed_tool_is_none()
    {
        Script(folder["tools/tool/2.9/bin/tool"], "2.9");
        (await FindAsync()).ShouldBeNull();
    }

    private void OnPath(string version) => Script(folder["path/tool"], version);

    private void Installed(string version)
    {
        Script(folder[$"tools/tool/{version}/bin/tool"], version);
        InstalledManifest.Of(folder[$"tools/tool/{version}"], "tool", version, "a test", DateTimeOffset.UnixEpoch).Write(folder[$"tools/tool/{version}"]);
    }

    private void Script(string file, string version)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, $"#!/bin/sh\necho start >> '{folder["starts"]}'\necho tool {version}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private int Starts() => File.Exists(folder["starts"]) ? File.ReadAllLines(folder["starts"]).Length : 0;

    private ToolFinder Finder(string path) => new(new ToolFolder(folder["tools"]), path, new ProcessRunner(new Redactor()), new VersionCache(folder["cache"]));

    private Task<ToolLocation?> FindAsync() => Finder(folder["path"]).FindAsync(Specification, CancellationToken.None);

    private async Task<string?> VersionAsync() => await Finder(folder["path"]).VersionAsync(Specification, (await FindAsync())!, CancellationToken.None);
}
