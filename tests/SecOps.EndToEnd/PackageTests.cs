using System.IO.Compression;
using System.Reflection.PortableExecutable;
using SecOps.Testing;
using Shouldly;

namespace SecOps.EndToEnd;

/// <summary>What <c>dotnet pack</c> makes, as tests/run.sh made it.</summary>
public sealed class PackageTests
{
    private static readonly string Folder = Path.Combine(Parts.Repository, "artifacts", "packages");

    [NeedsFact(Tool.Variable)]
    public void There_is_a_pointer_package_one_for_every_platform_and_two_compiled_ahead()
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
    public void The_platform_packages_hold_native_code_and_the_portable_one_does_not()
    {
        IsCompiledAhead("secops.linux-x64.*").ShouldBeTrue();
        IsCompiledAhead("secops.win-x64.*").ShouldBeTrue();
        IsCompiledAhead("secops.any.*").ShouldBeFalse();
    }

    private static bool IsCompiledAhead(string pattern)
    {
        using var package = ZipFile.OpenRead(Directory.GetFiles(Folder, pattern).Single());
        using var assembly = package.Entries.Single(e => e.Name == "secops.dll").Open();
        using var memory = new MemoryStream();
        assembly.CopyTo(memory);
        memory.Position = 0;
        using var image = new PEReader(memory);
        // ReadyToRun code has a managed native header (ECMA-335 partition II.25.3.3; docs/design/coreclr/botr/readytorun-format.md in dotnet/runtime).
        return image.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0;
    }
}
