using System.IO.Compression;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using SecOps.Processes;
using SecOps.Testing;
using Shouldly;

namespace SecOps.EndToEnd;

/// <summary>What <c>dotnet pack</c> makes, as tests/run.sh made it.</summary>
public sealed class PackageTests
{
    private static readonly string Folder = Path.Combine(Parts.Repository, "artifacts", "packages");

    /// <summary>What Native AOT needs; SecOps.csproj looks for the same.</summary>
    private static bool CanLink => OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture == Architecture.X64 && (OnPath("clang") || OnPath("gcc")) && OnPath("objcopy");

    [NeedsFact(Tool.Variable)]
    public void There_is_a_pointer_package_and_one_for_every_platform()
    {
        var names = Directory.GetFiles(Folder, "*.nupkg").Select(f => Path.GetFileName(f)!).ToList();
        names.Count.ShouldBe(4);
        foreach (var kind in new[] { "secops.linux-x64.", "secops.win-x64.", "secops.any." })
        {
            names.ShouldContain(n => n.StartsWith(kind, StringComparison.Ordinal));
        }

        names.ShouldContain(n => char.IsAsciiDigit(n["secops.".Length]));
    }

    [NeedsFact(Tool.Variable)]
    public void Where_a_linker_is_the_linux_package_is_one_native_executable_and_nothing_else()
    {
        if (!CanLink)
        {
            HasCompiledAssembly("secops.linux-x64.*").ShouldBeTrue();
            return;
        }

        using var package = Open("secops.linux-x64.*");
        // Neither symbols nor assemblies beside it.
        var files = package.Entries.Where(e => e.FullName.StartsWith("tools/", StringComparison.Ordinal)).ToDictionary(e => e.Name);
        files.Keys.ShouldBe(["secops", "DotnetToolSettings.xml"], ignoreOrder: true);
        using var executable = files["secops"].Open();
        var start = new byte[4];
        executable.ReadExactly(start);
        start.ShouldBe("\u007fELF"u8.ToArray());
    }

    [NeedsFact(Tool.Variable)]
    public void The_windows_package_is_compiled_ahead_and_the_portable_one_is_not()
    {
        HasCompiledAssembly("secops.win-x64.*").ShouldBeTrue();
        HasCompiledAssembly("secops.any.*").ShouldBeFalse();
    }

    [NeedsFact(Tool.Variable)]
    public async Task Linux_gets_its_package_installed_and_needs_no_runtime_to_run_it()
    {
        if (!CanLink)
        {
            return;
        }

        File.ResolveLinkTarget(Tool.Path, returnFinalTarget: true)!.FullName.ShouldContain("/secops.linux-x64/");
        using var folder = new TemporaryFolder();
        var answer = await Tool.RunWithAsync(folder.Path, new() { ["DOTNET_ROOT"] = folder.Path, ["PATH"] = "/nowhere" }, "--help");
        answer.ExitCode.ShouldBe(0, answer.Error);
    }

    private static bool OnPath(string name) => ExecutableFinder.Find(name, Environment.GetEnvironmentVariable("PATH")) is not null;

    private static ZipArchive Open(string pattern) => ZipFile.OpenRead(Directory.GetFiles(Folder, pattern).Single());

    private static bool HasCompiledAssembly(string pattern)
    {
        using var package = Open(pattern);
        using var assembly = package.Entries.Single(e => e.Name == "secops.dll").Open();
        using var memory = new MemoryStream();
        assembly.CopyTo(memory);
        memory.Position = 0;
        using var image = new PEReader(memory);
        // ReadyToRun code has a managed native header (ECMA-335 partition II.25.3.3; docs/design/coreclr/botr/readytorun-format.md in dotnet/runtime).
        return image.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0;
    }
}
