using System.Formats.Tar;
using SecOps.Docker;
using SecOps.Processes;
using SecOps.Testing;
using Shouldly;

namespace SecOps.Delivery;

/// <summary>An image of one small file, where the content does not matter and the base image would only take time.</summary>
internal static class TinyImage
{
    public const string Name = "secops-test-tiny:1";

    public static async Task ImportAsync(DockerClient docker)
    {
        using var folder = new TemporaryFolder();
        await using (var file = File.Create(folder["layer.tar"]))
        await using (var tar = new TarWriter(file))
        {
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, "hello") { DataStream = new MemoryStream("hello"u8.ToArray()), ModificationTime = DateTimeOffset.UnixEpoch });
        }

        var import = new ProcessCall(Parts.Executable("docker"), ["--host", docker.Endpoint.Address.OriginalString, "import", folder["layer.tar"], Name]);
        (await new ProcessRunner(new Redactor()).RunAsync(import, CancellationToken.None)).ExitCode.ShouldBe(0);
    }
}
