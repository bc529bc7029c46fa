using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Remediation.Snapshots;

public sealed class SnapshotTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_same_tree_gives_the_same_archive_and_no_link()
    {
        folder.Write("tree/b/c.py", "c");
        folder.Write("tree/a.py", "a");
        File.CreateSymbolicLink(folder["tree/link.py"], "/etc/passwd");
        var (first, digest) = await ArchiveAsync();
        File.SetLastWriteTimeUtc(folder["tree/a.py"], new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        (await ArchiveAsync()).Digest.ShouldBe(digest);

        using var tar = new TarReader(new GZipStream(new MemoryStream(first), CompressionMode.Decompress));
        var names = new List<string>();
        while (tar.GetNextEntry() is { } entry)
        {
            names.Add(entry.Name);
        }

        names.ShouldBe(["a.py", "b/c.py"]);
    }

    [Fact]
    public async Task Layers_lie_one_above_the_other_and_whiteouts_take_away()
    {
        var target = Directory.CreateDirectory(folder["image"]).FullName;
        var extraction = new LayerExtraction(target);
        await extraction.AddAsync(Layer(("app/", null), ("app/a.py", "1"), ("app/b.py", "2"), ("lib/x", "3")), CancellationToken.None);
        await extraction.AddAsync(Layer(("app/a.py", "new"), ("app/.wh.b.py", ""), ("lib/.wh..wh..opq", ""), ("lib/y", "4")), CancellationToken.None);
        Directory.GetFiles(target, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(target, f)).Order().ShouldBe(["app/a.py", "lib/y"]);
        File.ReadAllText(Path.Combine(target, "app/a.py")).ShouldBe("new");
    }

    [Theory]
    [InlineData("../evil")]
    [InlineData("/evil")]
    [InlineData("a/../../evil")]
    [InlineData("a\\..\\..\\evil")]
    public async Task An_entry_that_climbs_out_is_refused(string name)
    {
        var target = Directory.CreateDirectory(folder["image"]).FullName;
        (await Should.ThrowAsync<SecOpsException>(() => new LayerExtraction(target).AddAsync(Layer((name, "x")), CancellationToken.None))).Message.ShouldContain("refused");
        File.Exists(folder["evil"]).ShouldBeFalse();
    }

    [Fact]
    public async Task No_entry_is_written_through_a_link()
    {
        var target = Directory.CreateDirectory(folder["image"]).FullName;
        Directory.CreateDirectory(folder["outside"]);
        using var stream = new MemoryStream();
        using (var tar = new TarWriter(stream, leaveOpen: true))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "etc") { LinkName = folder["outside"] });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "etc/x") { DataStream = new MemoryStream([1]) });
        }

        stream.Position = 0;
        await new LayerExtraction(target).AddAsync(stream, CancellationToken.None);
        Directory.GetFiles(folder["outside"]).ShouldBeEmpty();
        File.Exists(Path.Combine(target, "etc/x")).ShouldBeTrue();
    }

    [Fact]
    public async Task Devices_hard_links_to_nowhere_and_garbage_are_refused()
    {
        var target = Directory.CreateDirectory(folder["image"]).FullName;
        foreach (var entry in new[] { new PaxTarEntry(TarEntryType.CharacterDevice, "dev/null") { DeviceMajor = 1, DeviceMinor = 3 }, new PaxTarEntry(TarEntryType.HardLink, "a") { LinkName = "../../etc/passwd" }, new PaxTarEntry(TarEntryType.HardLink, "a") { LinkName = "absent" } })
        {
            using var stream = new MemoryStream();
            using (var tar = new TarWriter(stream, leaveOpen: true))
            {
                tar.WriteEntry(entry);
            }

            stream.Position = 0;
            await Should.ThrowAsync<SecOpsException>(() => new LayerExtraction(target).AddAsync(stream, CancellationToken.None));
        }

        await Should.ThrowAsync<SecOpsException>(() => new LayerExtraction(target).AddAsync(new MemoryStream(Encoding.ASCII.GetBytes(new string('x', 2000))), CancellationToken.None));
    }

    private async Task<(byte[] Bytes, string Digest)> ArchiveAsync()
    {
        using var stream = new MemoryStream();
        var digest = await SourceSnapshot.WriteAsync(folder["tree"], ["b/c.py", "a.py", "link.py", "absent"], stream, CancellationToken.None);
        return (stream.ToArray(), digest);
    }

    private static MemoryStream Layer(params (string Name, string? Text)[] entries)
    {
        var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(gzip))
        {
            foreach (var (name, text) in entries)
            {
                tar.WriteEntry(text is null ? new PaxTarEntry(TarEntryType.Directory, name) : new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) });
            }
        }

        stream.Position = 0;
        return stream;
    }
}
