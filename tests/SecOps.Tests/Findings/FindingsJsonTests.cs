using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace SecOps.Findings;

public sealed class FindingsJsonTests
{
    internal static readonly FindingsDocument Full = new()
    {
        Run = new RunInfo { Id = "r", StartedAt = DateTimeOffset.UnixEpoch, FinishedAt = DateTimeOffset.UnixEpoch.AddSeconds(3), Commit = "c", Branch = "main", SecopsVersion = "1.2.3" },
        Coverage =
        [
            new Coverage
            {
                Scanner = "bandit", Version = "1.9.4", Target = ".", Status = CoverageStatus.Completed, Findings = 2, DurationMs = 310, Message = "m", Required = true, Source = "native",
                DatabaseDate = DateTimeOffset.UnixEpoch, Quality = new ProjectQuality("shop") { Gate = "ERROR", Bugs = 1, Vulnerabilities = 2, CodeSmells = 3, Hotspots = 4, Failing = [new QualityCondition("coverage", "LT", "80", "41.2")] }, Unread = [new UnreadFile("é.py", "syntax error")],
            },
        ],
        Findings =
        [
            new Finding
            {
                Id = "f1-0", Aliases = ["f0-1"], Category = Category.Dependency, Severity = Severity.Critical, Confidence = "low", Title = "漏洞 <script>", Message = "line\nline",
                Rule = new Rule("CVE-1", "n", "https://x", ["CWE-1"], ["CVE-1", "GHSA-1"]),
                Location = new Location
                {
                    Path = "a b.py", StartLine = 1, EndLine = 2, StartColumn = 3, Snippet = "\tx", Package = new Package("pkg:pypi/a@1", "a", "1", "2", "requirements.txt"), Image = new Image("r:t", "sha256:0"),
                    Url = "http://h/p", Method = "GET", Parameter = "q", Resource = "arn:aws:x",
                },
                Scanners = [new Detection("safety", "1", "HIGH"), new Detection("trivy", "CVE-1", null)],
                Fix = new Fix("d", "2", "verified", "g")
                {
                    Reason = "r", Engine = "rules", Risk = "k", PullRequest = "https://x/1", Successors = ["B603 a.py:1"],
                    Changes = [new FixChange("a b.py", [new FixEdit(3, 1, "x = 1\r\n", "x = 2\r\ny = \"\"\"é\"\"\"\r\n"), new FixEdit(9, 0, "", "z\n")])],
                },
                State = FindingState.Waived, Waiver = new AppliedWaiver("r", "o", new DateOnly(2027, 1, 31)),
            },
        ],
        WaiverNotes = ["note"],
        Gate = new GateResult(Verdict.Failed, [new GateReason("b", "f1-0", "CVE-1", "trivy")]),
    };

    [Fact]
    public void A_document_that_is_written_and_read_is_the_same_to_the_byte()
    {
        var written = Write(Full);
        Write(FindingsReader.Read(new MemoryStream(written), "x")).ShouldBe(written);
    }

    [Fact]
    public void A_copy_has_every_member_and_shares_none_that_is_changed()
    {
        var finding = Full.Findings[0];
        var copy = finding with { Location = finding.Location with { } };
        copy.ShouldBe(finding);
        Write(Full with { Findings = [copy] }).ShouldBe(Write(Full));
        _ = finding with { Confidence = "high", Location = finding.Location with { StartLine = 99 } };
        Write(Full).ShouldBe(Write(Full with { Findings = [copy] }));
        copy.ShouldBe(finding);
    }

    [Fact]
    public void Reading_in_chunks_of_one_byte_gives_the_same()
    {
        var written = Write(Full);
        Write(FindingsReader.Read(new OneByteStream(written), "x")).ShouldBe(written);
    }

    [Fact]
    public void A_document_cut_anywhere_is_refused()
    {
        var written = Write(Full).AsSpan().TrimEnd((byte)'\n').ToArray();
        for (var length = 0; length < written.Length; length++)
        {
            var cut = written[..length];
            Should.Throw<SecOpsException>(() => FindingsReader.Read(new MemoryStream(cut), "x"), $"cut at {length}");
        }
    }

    [Fact]
    public void A_document_of_many_findings_is_rendered_in_parts_to_the_same_text()
    {
        Finding[] many = [.. Enumerable.Range(0, 2345).Select(i => Full.Findings[0] with { Id = "f1-" + i })];
        var text = Some.Json(Full with { Findings = many });
        var read = Some.Read(text);
        read.Findings.Select(f => f.Id).ShouldBe(many.Select(f => f.Id));
        static IEnumerable<string> Lines(string text) => text.Split('\n').Select(line => line.TrimEnd(','));
        var one = Lines(Some.Json(Full with { Findings = [many[0]] })).ToHashSet();
        var lines = Lines(text).ToList();
        lines.Count(line => line.StartsWith("    {\"id\":\"f1-", StringComparison.Ordinal)).ShouldBe(many.Length, "a line each");
        lines.Where(line => !line.Contains("\": 2345", StringComparison.Ordinal)).Select(line => Regex.Replace(line, "\"id\":\"f1-\\d+\"", "\"id\":\"f1-0\"")).ShouldAllBe(line => one.Contains(line));
    }

    [Fact]
    public void A_newer_schema_is_refused() =>
        Should.Throw<SecOpsException>(() => FindingsReader.Read(new MemoryStream("""{"schemaVersion": 2}"""u8.ToArray()), "x")).Message.ShouldContain("Update secops");

    private static byte[] Write(FindingsDocument document)
    {
        using var stream = new MemoryStream();
        FindingsWriter.Write(stream, document);
        return stream.ToArray();
    }

    private sealed class OneByteStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer.IsEmpty ? buffer : buffer[..1]);
    }
}
