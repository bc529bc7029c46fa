using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using SecOps.Registry;
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
        await extraction.AddAsync(TestImage.Layer(("app/", null), ("app/a.py", "1"), ("app/b.py", "2"), ("lib/x", "3")), CancellationToken.None);
        await extraction.AddAsync(TestImage.Layer(("app/a.py", "new"), ("app/.wh.b.py", ""), ("lib/.wh..wh..opq", ""), ("lib/y", "4")), CancellationToken.None);
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
        (await Should.ThrowAsync<SecOpsException>(() => new LayerExtraction(target).AddAsync(TestImage.Layer((name, "x")), CancellationToken.None))).Message.ShouldContain("refused");
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

    [Fact]
    public async Task Only_what_lies_below_the_folder_is_written_and_whiteouts_above_it_count()
    {
        var target = Directory.CreateDirectory(folder["image"]).FullName;
        var extraction = new LayerExtraction(target, "srv/app");
        await extraction.AddAsync(TestImage.Layer(("srv/app/a.py", "1"), ("srv/other/x", "2"), ("usr/bin/y", "3"), ("srv/apple", "4")), CancellationToken.None);
        Files(target).ShouldBe(["srv/app/a.py"]);
        await extraction.AddAsync(TestImage.Layer((".wh.srv", "")), CancellationToken.None);
        Files(target).ShouldBeEmpty();
        await extraction.AddAsync(TestImage.Layer(("srv/app/b.py", "1")), CancellationToken.None);
        await extraction.AddAsync(TestImage.Layer(("srv/.wh..wh..opq", ""), ("srv/app/c.py", "1")), CancellationToken.None);
        Files(target).ShouldBe(["srv/app/c.py"]);
        await Should.ThrowAsync<SecOpsException>(() => extraction.AddAsync(TestImage.Layer(("usr/../../evil", "x")), CancellationToken.None));
    }

    [Fact]
    public async Task What_unpacks_without_end_is_noticed_before_it_fills_disk_or_memory()
    {
        var target = Directory.CreateDirectory(folder["image"]).FullName;
        foreach (var (kind, size) in new[] { ((byte)'0', 6L << 30), ((byte)'0', 1L << 40), ((byte)'x', 1L << 30), ((byte)'L', 1L << 30), ((byte)'K', 64L << 20) })
        {
            var error = await Should.ThrowAsync<SecOpsException>(() => new LayerExtraction(target).AddAsync(Bomb(kind, size), CancellationToken.None));
            error.Code.ShouldBe(ExitCode.ToolFailed);
        }

        Files(target).Select(f => new FileInfo(Path.Combine(target, f)).Length).Sum().ShouldBe(0);
    }

    [NeedsFact("SECOPS_TEST_REGISTRY")]
    public async Task The_code_of_an_image_comes_from_its_registry_and_tells_what_differs()
    {
        var registry = Parts.Variable("SECOPS_TEST_REGISTRY");
        using var client = TestImage.Client(registry);
        var image = ImageReference.Parse($"{registry}/snapshot/{Guid.NewGuid():N}:1");
        await TestImage.PushAsync(image, "/srv/app/", TestImage.Layer(("srv/", null), ("srv/app/main.py", "old"), ("srv/app/gone.py", "x"), ("etc/passwd", "root")), TestImage.Layer(("srv/app/main.py", "new"), ("srv/app/lib/util.py", "u"), ("srv/app/.wh.gone.py", "")));
        var snapshot = await ImageSnapshot.TakeAsync(client, image, Directory.CreateDirectory(folder["image"]).FullName, CancellationToken.None);
        snapshot.Files.ShouldBe(["lib/util.py", "main.py"]);
        snapshot.Digest.ShouldStartWith("sha256:");

        folder.Write("tree/service/main.py", "new");
        folder.Write("tree/service/lib/util.py", "changed since");
        folder.Write("tree/service/tests/test_main.py", "not in the image");
        folder.Write("tree/README.md", "neither");
        snapshot.Differing(folder["tree"], ["README.md", "service/lib/util.py", "service/main.py", "service/tests/test_main.py"]).ShouldBe(["service/lib/util.py"]);
        Should.Throw<SecOpsException>(() => snapshot.Differing(folder["tree"], ["README.md"])).Message.ShouldContain("another project's image");

        // A layer that climbs out takes the whole run along.
        var evil = ImageReference.Parse($"{registry}/snapshot/{Guid.NewGuid():N}:1");
        await TestImage.PushAsync(evil, "/srv", TestImage.Layer(("../../evil", "x")));
        (await Should.ThrowAsync<SecOpsException>(() => ImageSnapshot.TakeAsync(client, evil, Directory.CreateDirectory(folder["evil-image"]).FullName, CancellationToken.None))).Message.ShouldContain("climbs out");
    }

    private static IEnumerable<string> Files(string target) => Directory.GetFiles(target, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(target, f)).Order();

    /// <summary>A header that promises so much, and zeros without end behind it, compressed to little.</summary>
    private static Endless Bomb(byte kind, long size)
    {
        var header = new byte[512];
        Encoding.ASCII.GetBytes("bomb").CopyTo(header, 0);
        Encoding.ASCII.GetBytes("0000644\0").CopyTo(header, 100);
        if (size < 1L << 33)
        {
            Encoding.ASCII.GetBytes(Convert.ToString(size, 8).PadLeft(11, '0') + "\0").CopyTo(header, 124);
        }
        else
        {
            header[124] = 0x80;
            System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(header.AsSpan(128), size);
        }

        header[156] = kind;
        Encoding.ASCII.GetBytes("ustar\0" + "00").CopyTo(header, 257);
        header.AsSpan(148, 8).Fill((byte)' ');
        Encoding.ASCII.GetBytes(Convert.ToString(header.Sum(b => b), 8).PadLeft(6, '0') + "\0 ").CopyTo(header, 148);
        return new Endless(header);
    }

    private sealed class Endless(byte[] start) : MemoryStream
    {
        private int at;

        public override int Read(byte[] buffer, int offset, int count)
        {
            var n = Math.Min(count, Math.Max(0, start.Length - at));
            start.AsSpan(Math.Min(at, start.Length), n).CopyTo(buffer.AsSpan(offset));
            buffer.AsSpan(offset + n, count - n).Clear();
            at = Math.Min(start.Length, at + count);
            return count;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var array = new byte[buffer.Length];
            var n = Read(array, 0, array.Length);
            array.CopyTo(buffer);
            return ValueTask.FromResult(n);
        }
    }

    private async Task<(byte[] Bytes, string Digest)> ArchiveAsync()
    {
        using var stream = new MemoryStream();
        var digest = await SourceSnapshot.WriteAsync(folder["tree"], ["b/c.py", "a.py", "link.py", "absent"], stream, CancellationToken.None);
        return (stream.ToArray(), digest);
    }
}
