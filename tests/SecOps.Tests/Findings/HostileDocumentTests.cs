using System.Text;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Findings;

/// <summary>Documents that something damaged, or that someone made to do damage: a clear error or a valid document, nothing else.</summary>
public sealed class HostileDocumentTests
{
    private const int Documents = 10_000;

    private static readonly byte[] Original = Encoding.UTF8.GetBytes(Some.Json(Merge.Of([Document("a"), Document("b")], new GatePolicy { Require = ["zap"], MaxDatabaseAge = TimeSpan.FromDays(1) }, [])));

    [Fact]
    public void Ten_thousand_damaged_documents_are_each_refused_clearly_or_read()
    {
        var random = new Random(20260101);
        var (read, refused) = (0, 0);
        for (var i = 0; i < Documents; i++)
        {
            var document = Damage.Of(Original, random);
            try
            {
                Survives(document);
                read++;
            }
            catch (SecOpsException e)
            {
                e.Message.ShouldStartWith("damaged.json: ");
                e.Code.ShouldBe(ExitCode.ToolFailed);
                refused++;
            }
            catch (Exception e) when (e is not ShouldAssertException)
            {
                throw new InvalidOperationException($"document {i}: {Encoding.UTF8.GetString(document)}", e);
            }
        }

        // Neither way is the only one taken, or the damage says nothing.
        read.ShouldBeGreaterThan(500);
        refused.ShouldBeGreaterThan(500);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[")]
    [InlineData("{\"findings\":[")]
    [InlineData("{\"findings\":[{\"joined\":[")]
    [InlineData("{\"coverage\":[{\"parts\":[")]
    public void Ten_thousand_levels_are_refused(string opening)
    {
        var deep = string.Concat(Enumerable.Repeat(opening, 10_000));
        Should.Throw<SecOpsException>(() => FindingsReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(deep)), "deep.json"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(AtomicFile.Large)]
    public void A_write_that_fails_half_way_leaves_the_file_as_it_was_and_nothing_beside_it(long about)
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("findings.json", "before");
        Should.Throw<InvalidOperationException>(() => AtomicFile.Write(
            file,
            stream =>
            {
                stream.Write(Original);
                throw new InvalidOperationException();
            },
            about));
        File.ReadAllText(file).ShouldBe("before");
        Directory.GetFiles(folder.Path).ShouldBe([file]);
    }

    [Theory]
    [InlineData(AtomicFile.Large + 1)]
    [InlineData(AtomicFile.Large / 2)]
    public void A_large_file_is_what_was_written_however_long_it_was_thought(int length)
    {
        using var folder = new TemporaryFolder();
        var (file, bytes) = (folder.Write("findings.json", "before"), new byte[length]);
        new Random(20260102).NextBytes(bytes);
        AtomicFile.Write(
            file,
            stream =>
            {
                for (var at = 0; at < length; at += 999_999)
                {
                    stream.Write(bytes.AsSpan(at, Math.Min(999_999, length - at)));
                }

                stream.Position.ShouldBe(length);
            },
            AtomicFile.Large);
        File.ReadAllBytes(file).AsSpan().SequenceEqual(bytes).ShouldBeTrue();
        Directory.GetFiles(folder.Path).ShouldBe([file]);
    }

    [Fact]
    public void A_place_that_takes_no_file_is_named()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("file", "");
        foreach (var place in new[] { Path.Combine(file, "findings.json"), folder["file/folder/findings.json"], folder.Path })
        {
            var e = Should.Throw<SecOpsException>(() => AtomicFile.WriteText(place, "x"));
            e.Code.ShouldBe(ExitCode.ToolFailed);
            e.Message.ShouldStartWith(place + " cannot be written: ");
        }

        Directory.GetFiles(folder.Path).ShouldBe([file]);
    }

    [Fact]
    public void What_killed_writers_left_goes_and_what_is_being_written_stays()
    {
        using var folder = new TemporaryFolder();
        var (left, written, other) = ($"findings.json.1.{new string('a', 32)}.tmp", $"gate.json.2.{new string('b', 32)}.tmp", "notes.tmp");
        foreach (var name in new[] { left, written, other })
        {
            folder.Write(name, "x");
        }

        File.SetLastWriteTimeUtc(folder[left], DateTime.UtcNow.AddHours(-1));
        File.SetLastWriteTimeUtc(folder[other], DateTime.UtcNow.AddHours(-1));
        AtomicFile.RemoveLeftovers(folder.Path, "*", TimeSpan.FromMinutes(10));
        Directory.GetFiles(folder.Path).ShouldBe([folder[written], folder[other]], ignoreOrder: true);
    }

    /// <summary>Reads it, and does with it all that the commands do.</summary>
    private static void Survives(byte[] bytes)
    {
        var document = FindingsReader.Read(new MemoryStream(bytes), "damaged.json");
        var merged = Merge.Of([document, document], document.Gate?.Policy ?? new GatePolicy(), [new Waiver { Path = "**", Rule = "B602", Reason = "r", Owner = "o", Expires = new DateOnly(2000, 1, 1) }]);
        var compared = document with { Findings = Matching.Apply(document.Findings, merged.Findings, document.Coverage) };
        var written = Some.Json(compared);
        Some.Json(Some.Read(written)).ShouldBe(written);
    }

    private static FindingsDocument Document(string run) => FindingsJsonTests.Full with
    {
        Run = FindingsJsonTests.Full.Run with { Id = run },
        Coverage = [.. FindingsJsonTests.Full.Coverage, Some.Coverage() with { Scope = ["a/"], Findings = int.MaxValue }],
        Findings = [.. FindingsJsonTests.Full.Findings, .. Identity.Assign([Some.Code("a.py", 3, "call(x)"), Some.Code("a.py", 3, "call(x)", "s", "semgrep"), Some.Vulnerability("CVE-1", ["GHSA-1"])])],
    };
}
