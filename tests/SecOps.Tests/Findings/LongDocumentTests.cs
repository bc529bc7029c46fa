using System.Text;
using System.Text.Json;
using SecOps.Scanners;
using Shouldly;
using Xunit;

namespace SecOps.Findings;

/// <summary>Long documents are read, sorted and written on several cores: nothing that a short one would not give.</summary>
public sealed class LongDocumentTests
{
    private const int Count = 12_000;

    /// <summary>Beginnings of one another, ends that are zeros, what UTF-16 and UTF-8 order differently, half a surrogate pair, and long ones that differ late.</summary>
    private static readonly string[] Texts = ["", "\0", "\0\0", "a", "a\0", "ab", "abcd", "abcde", "é", "\uFFFD", "\U0001F600", "\uD83D", .. Enumerable.Range(0, 40).Select(i => $"CVE-{2000 + (i % 4)}-12{i}")];

    [Fact]
    public void A_long_report_gives_what_its_parts_give_one_by_one()
    {
        var whole = Read(Report(Enumerable.Range(0, Count)));
        var parts = Enumerable.Range(0, Count).Chunk(100).SelectMany(part => Read(Report(part))).ToList();
        whole.Select(Text).ShouldBe(parts.Select(Text));
    }

    [Fact]
    public void Targets_of_all_lengths_follow_each_other()
    {
        int[] lengths = [0, 1, 5_000, 3, 900, 0, 4_000, 1, 2_095];
        var starts = lengths.Select((_, i) => lengths[..i].Sum());
        var targets = lengths.Zip(starts, (length, start) => Target(Enumerable.Range(start, length)));
        Read(Report(targets)).Select(f => f.Rule.Id).ShouldBe(Enumerable.Range(0, Count).Select(i => $"CVE-2024-{i}"));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(Count / 2)]
    [InlineData(Count - 1)]
    public void What_is_broken_in_a_long_report_is_found_where_it_stands(int at)
    {
        var report = Report(Enumerable.Range(0, Count));
        var start = report.IndexOf($"CVE-2024-{at}\"", StringComparison.Ordinal);
        var broken = report[..start] + report[start..].Replace("\"Severity\": \"HIGH\"", "\"Severity\": HIGH", StringComparison.Ordinal);
        var place = Encoding.UTF8.GetByteCount(broken[..broken.IndexOf("HIGH", start, StringComparison.Ordinal)]);
        Should.Throw<SecOpsException>(() => Read(broken)).Message.ShouldContain($"(at byte {place})");
        Should.Throw<SecOpsException>(() => Read(report[..(start + 5)])).Message.ShouldContain("cut off");
        Should.Throw<SecOpsException>(() => Read(report[..start] + "\"}, 5, {\"x\": \"" + report[start..])).Message.ShouldContain("not an object");
    }

    [Fact]
    public void Comments_nulls_and_an_element_of_megabytes_hold_nothing_up()
    {
        var report = Report(Enumerable.Range(0, Count))
            .Replace("{\"VulnerabilityID\": \"CVE-2024-3000\"", "null, /* }] \" */ {\"VulnerabilityID\": \"CVE-2024-3000\"", StringComparison.Ordinal)
            .Replace("{\"VulnerabilityID\": \"CVE-2024-6000\"", $"{{\"Other\": \"{new string('x', 3_000_000)}\", \"VulnerabilityID\": \"CVE-2024-6000\"", StringComparison.Ordinal);
        Read(report).Select(f => f.Rule.Id).ShouldBe(Enumerable.Range(0, Count).Select(i => $"CVE-2024-{i}"));
    }

    /// <summary>Where the lines of objects within an object, or of a comment, begin as those of the elements do, it is no element that ends there.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("\"Other\": [\n    {\"VulnerabilityID\": \"CVE-1\"},\n    {\"VulnerabilityID\": \"CVE-2\"}], ")]
    [InlineData("/* },\n    { */")]
    [InlineData("\"Severity\": \"},\n    {\", ")]
    [InlineData("5, ")]
    public void An_indented_report_gives_what_it_gives_read_in_order(string within)
    {
        var report = Report([Indented(0, 2 * Count, within), Indented(2 * Count, Count), Indented(3 * Count, 2 * Count, within)]);
        SeeksOrNot(report).ShouldBe(within is "5, " or "\"Severity\": \"},\n    {\", " ? -1 : 5 * Count);
    }

    [Fact]
    public void An_indented_report_that_is_damaged_gives_what_it_gives_read_in_order()
    {
        var (random, original) = (new Random(20261127), Encoding.UTF8.GetBytes(Report([Indented(0, 2 * Count), Indented(2 * Count, 10)])));
        var counts = Enumerable.Range(0, 20).Select(_ => SeeksOrNot(Damage.Of(original, random))).ToList();
        counts.ShouldContain(-1);
        counts.ShouldContain(count => count > Count);
    }

    [Fact]
    public void Damaged_long_reports_are_read_whole_or_refused_clearly()
    {
        var (random, original) = (new Random(20260104), Encoding.UTF8.GetBytes(Report(Enumerable.Range(0, 1_500))));
        var (read, refused) = (0, 0);
        for (var i = 0; i < 100; i++)
        {
            var damaged = Damage.Of(original, random);
            try
            {
                var findings = Read(damaged);
                (Vulnerabilities(damaged) ?? findings.Count).ShouldBe(findings.Count, $"report {i}");
                read++;
            }
            catch (SecOpsException e)
            {
                e.Message.ShouldNotBeEmpty();
                refused++;
            }
        }

        read.ShouldBeGreaterThan(10);
        refused.ShouldBeGreaterThan(10);
    }

    [Theory]
    [InlineData('\u00FF')]
    [InlineData(char.MaxValue)]
    public void Many_are_sorted_as_few(char highest)
    {
        string[] texts = [.. Texts.Where(t => t.All(unit => unit <= highest))];
        var random = new Random(20260103);
        List<Finding> many = [.. Enumerable.Range(0, Count).Select(i => new Finding
        {
            Id = $"f1-{i}",
            Category = (Category)random.Next(6),
            Severity = (Severity)random.Next(6),
            Title = "t",
            Rule = new Rule(random.Next(3) == 0 ? $"R{random.Next(5)}" : texts[random.Next(texts.Length)] + new string((char)random.Next(3), random.Next(9))),
            Location = random.Next(3) == 0 ? new Location { Path = texts[random.Next(texts.Length)] + random.Next(3) } : random.Next(4) == 0 ? Location.None : new Location { Path = $"p{random.Next(40)}", StartLine = random.Next(10) switch { 0 => null, 1 => -7, 2 => int.MaxValue - random.Next(3), _ => random.Next(50) } },
            Scanners = [],
        })];
        var expected = many.Order(FindingOrder.Instance).Select(f => f.Id).ToList();
        FindingOrder.Sort(many).Select(f => f.Id).ShouldBe(expected);
    }

    [Fact]
    public void Texts_that_each_go_on_a_little_longer_are_sorted_too()
    {
        List<Finding> many = [.. Enumerable.Range(0, 8_000).Select(i => new Finding
        {
            Id = $"f1-{i}", Category = Category.Code, Severity = Severity.Low, Title = "t", Rule = new Rule(new string('a', i)), Scanners = [],
        }).OrderBy(f => f.Id, StringComparer.Ordinal)];
        FindingOrder.Sort(many).Select(f => f.Rule.Id.Length).ShouldBe(Enumerable.Range(0, 8_000));
    }

    [Fact]
    public void A_long_document_is_read_back_as_it_was_written()
    {
        var document = Some.Document(Identity.Assign(Read(Report(Enumerable.Range(0, Count)))));
        document = document with { Gate = Gate.Evaluate(new GatePolicy(), document.Findings, [], DateTimeOffset.UnixEpoch) };
        document.Gate!.Reasons.Count.ShouldBe(Count);
        var written = Some.Json(document);
        Some.Json(Some.Read(written)).ShouldBe(written);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(40)]
    public void A_long_document_that_cannot_be_written_is_an_error(int chunksWritten)
    {
        var document = Some.Document(Identity.Assign(Read(Report(Enumerable.Range(0, Count)))));
        var full = new FullDisk(chunksWritten);
        Should.Throw<IOException>(() => FindingsWriter.Write(full, document)).Message.ShouldBe("full");
        full.Refused.ShouldBe(1);
    }

    private static int SeeksOrNot(string report) => SeeksOrNot(Encoding.UTF8.GetBytes(report));

    /// <summary>How many findings there are; -1 for an error. Read from what can go back to where it was, and from what can't.</summary>
    private static int SeeksOrNot(byte[] report)
    {
        var (seeks, inOrder) = (Outcome(new MemoryStream(report)), Outcome(new PrefixedStream(report, 0, report.Length, Stream.Null)));
        seeks.Error.ShouldBe(inOrder.Error);
        seeks.Rules.SequenceEqual(inOrder.Rules).ShouldBeTrue();
        return seeks.Error is null ? seeks.Rules.Count : -1;
    }

    private static (string? Error, IReadOnlyList<string> Rules) Outcome(Stream report)
    {
        try
        {
            return (null, [.. Read(report).Select(f => f.Rule.Id)]);
        }
        catch (SecOpsException e)
        {
            return (e.Message, []);
        }
    }

    private static string Text(Finding f) => Some.Json(Some.Document([f]));

    private static string Report(IEnumerable<int> numbers) => Report([Target(numbers)]);

    private static string Report(IEnumerable<string> targets) => $$"""{"SchemaVersion": 2, "ArtifactName": "a", "Results": [{{string.Join(", ", targets)}}]}""";

    private static string Indented(int from, int count, string within = "") => Target(Enumerable.Range(from, count), "\n    ", within);

    /// <param name="within">Stands in all elements but the first thousands, which have to be whole.</param>
    private static string Target(IEnumerable<int> numbers, string indentation = "", string within = "")
    {
        var vulnerabilities = numbers.Select(i => $$$"""
            {{{{(i > Count ? within : "")}}}"VulnerabilityID": "CVE-2024-{{{i}}}", "PkgName": "p{{{i % 100}}}", "InstalledVersion": "1.{{{i}}}", "FixedVersion": "2.0", "References": ["https://example.org/{{{i}}}", "a \" ] } b"], "CVSS": {"nvd": {"V3Score": 9.8}},
             "Title": "réseau {{{i % 7}}}", "Description": "{{{new string((char)('a' + (i % 20)), (i % 3) * 1100)}}}", "Severity": "HIGH", "CweIDs": ["CWE-79", "CWE-20"]}
            """);
        return $$"""{"Target": "poetry.lock", "Class": "lang-pkgs", "Type": "poetry", "Vulnerabilities": [{{indentation}}{{string.Join("," + (indentation.Length > 0 ? indentation : "\n"), vulnerabilities)}}]}""";
    }

    private static IReadOnlyList<Finding> Read(string report) => Read(Encoding.UTF8.GetBytes(report));

    private static IReadOnlyList<Finding> Read(byte[] report) => Read(new MemoryStream(report));

    private static IReadOnlyList<Finding> Read(Stream report)
    {
        var sink = new ReportSink("trivy", "/root");
        ScannerList.Find("trivy")!.Read(report, sink);
        return sink.Findings;
    }

    /// <summary>How many there are by the library's own reading; null where it refuses the document.</summary>
    private static int? Vulnerabilities(byte[] report)
    {
        try
        {
            using var document = JsonDocument.Parse(report, new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 512 });
            return document.RootElement.GetProperty("Results").EnumerateArray()
                .Sum(r => r.TryGetProperty("Vulnerabilities", out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().Count(v => v.ValueKind == JsonValueKind.Object) : 0);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Takes the document's beginning and so many chunks of it.</summary>
    private sealed class FullDisk(int chunks) : MemoryStream
    {
        private int written;

        public int Refused { get; private set; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (written++ > chunks)
            {
                Refused++;
                throw new IOException("full");
            }

            base.Write(buffer);
        }
    }
}
