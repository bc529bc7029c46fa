using SecOps.Processes;
using SecOps.Testing;
using Shouldly;

namespace SecOps.Toolbox;

/// <summary>Python packages by hash into an environment of their own, with the real pip, from a folder of packages made here.</summary>
public sealed class PythonInstallTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [NeedsFact("python3")]
    public async Task Pinned_packages_are_installed_and_the_program_runs_from_its_final_place()
    {
        var result = await InstallAsync(Wheel("1.2.3"));
        result.Version.ShouldBe("1.2.3");
        var run = await new ProcessRunner(new Redactor()).RunAsync(new ProcessCall(result.Path, ["--version"]), CancellationToken.None);
        run.Output.Trim().ShouldStartWith("secops-hello 1.2.3 from " + folder["tools/hello/1.2.3"]);
        var manifest = InstalledManifest.Read(folder["tools/hello/1.2.3"]);
        manifest.Source.ShouldBe(folder["wheels"]);
        manifest.Differences(folder["tools/hello/1.2.3"]).ShouldBeEmpty();
    }

    [NeedsFact("python3")]
    public async Task Another_hash_refuses_and_leaves_nothing()
    {
        Wheel("1.2.3");
        var refusal = await Should.ThrowAsync<SecOpsException>(InstallAsync(new string('0', 64)));
        refusal.Message.ShouldContain("is not the one that was pinned, so nothing was installed");
        Directory.GetFileSystemEntries(folder["tools/hello"]).Select(Path.GetFileName).ShouldBe([".lock"]);
    }

    [NeedsFact("python3")]
    public async Task A_package_that_is_not_there_is_said()
    {
        Directory.CreateDirectory(folder["wheels"]);
        (await Should.ThrowAsync<SecOpsException>(InstallAsync(new string('0', 64)))).Message.ShouldContain("secops-hello==1.2.3");
    }

    [NeedsFact("python3")]
    public async Task An_interpreter_that_is_too_old_is_said()
    {
        var refusal = await Should.ThrowAsync<SecOpsException>(InstallAsync(Wheel("1.2.3"), oldestPython: "4.0"));
        refusal.Message.ShouldContain("and 4.0 or newer is needed");
    }

    [UnixFact]
    public void The_place_of_an_environment_is_replaced_in_binary_files_too()
    {
        byte[] launcher = [0xff, 0, .. "#!/tmp/old/bin/python\r\n"u8, 0x50, 0x4b, 3, 4];
        PythonSource.Replace(launcher, "/tmp/old"u8.ToArray(), "/home/new"u8.ToArray()).ShouldBe([0xff, 0, .. "#!/home/new/bin/python\r\n"u8, 0x50, 0x4b, 3, 4]);
        PythonSource.Replace(launcher, "/absent"u8.ToArray(), "/home/new"u8.ToArray()).ShouldBe(launcher);
    }

    private Task<InstallResult> InstallAsync(string hash, string oldestPython = "3.6")
    {
        var tool = new LockedTool("hello", "1.2.3", "secops-hello") { Python = new LockedPython(oldestPython, [new LockedPackage("secops-hello", "1.2.3", [hash])]) };
        var settings = new InstallSettings { Offline = true, Mirror = folder["wheels"], SearchPath = Parts.SearchPath };
        return new ToolInstaller(new ProcessRunner(new Redactor()), new ToolFolder(folder["tools"]), folder["cache"], settings, TimeProvider.System, _ => { })
            .InstallAsync(tool, new ToolSpecification("hello", "secops-hello"), CancellationToken.None);
    }

    /// <summary>A package whose program says its version and where it lies (https://packaging.python.org/en/latest/specifications/binary-distribution-format/).</summary>
    /// <returns>Its SHA-256.</returns>
    private string Wheel(string version)
    {
        var info = $"secops_hello-{version}.dist-info";
        var content = Archives.Zip(
            ("secops_hello.py", $"import os\ndef main():\n    print('secops-hello {version} from ' + os.path.realpath(__file__))\n", 0x81A4),
            ($"{info}/METADATA", $"Metadata-Version: 2.1\nName: secops-hello\nVersion: {version}\n", 0x81A4),
            ($"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n", 0x81A4),
            ($"{info}/entry_points.txt", "[console_scripts]\nsecops-hello = secops_hello:main\n", 0x81A4),
            ($"{info}/RECORD", $"secops_hello.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/entry_points.txt,,\n{info}/RECORD,,\n", 0x81A4));
        Directory.CreateDirectory(folder["wheels"]);
        File.WriteAllBytes(folder[$"wheels/secops_hello-{version}-py3-none-any.whl"], content);
        return Archives.Sha256(content);
    }
}
