using SecOps.Findings;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Scanners;

/// <summary>Real reports, each with the number of entries and severities that its manifest gives.</summary>
public sealed class CorpusTests
{
    private static readonly Dictionary<string, string> ImportNames = new(StringComparer.Ordinal)
    {
        ["trivy"] = "trivy", ["trivy_operator"] = "trivy", ["bandit"] = "bandit", ["zap"] = "zap", ["sonarqube"] = "sonarqube",
        ["sarif"] = "sarif", ["safety"] = "safety", ["pip_audit"] = "pip-audit",
    };

    public static TheoryData<string> Reports
    {
        get
        {
            var data = new TheoryData<string>();
            foreach (var row in Rows().Where(r => r.Expect != "schema"))
            {
                data.Add(row.Path);
            }

            if (data.Count == 0)
            {
                data.Add("(absent)");
            }

            return data;
        }
    }

    [CorpusTheory]
    [MemberData(nameof(Reports))]
    public void A_real_report_is_read_whole_or_refused(string path)
    {
        var row = Rows().Single(r => r.Path == path);
        ReportSink? sink = null;
        SecOpsException? refusal = null;
        try
        {
            sink = Read(row);
        }
        catch (SecOpsException e)
        {
            refusal = e;
        }

        switch (row.Expect)
        {
            case "ok":
                refusal.ShouldBeNull();
                Counts(sink!, row);
                sink!.Failure.ShouldBeNull();
                break;
            case "reject" or "not-findings":
                refusal.ShouldNotBeNull();
                break;
            case "reject-or-ok" or "other-format":
                if (refusal is null)
                {
                    Counts(sink!, row);
                }

                break;
            case "incomplete" or "scan-failed":
                if (refusal is null)
                {
                    (sink!.Failure is not null || sink.UnreadFiles.Count > 0).ShouldBeTrue("it looks clean");
                }

                break;
            default:
                Assert.Fail($"{row.Expect} is not known here");
                break;
        }

        refusal?.Code.ShouldBe(ExitCode.ToolFailed);
    }

    /// <summary>A report under another tool's name must not look like a clean one.</summary>
    [CorpusFact]
    public void A_report_of_another_tool_is_refused()
    {
        var accepted = new List<string>();
        foreach (var row in Rows().Where(r => r.Expect == "ok" && r.Findings > 0))
        {
            foreach (var reader in ScannerList.Readers.Where(r => r.Name != NameOf(row)))
            {
                try
                {
                    var sink = new ReportSink(reader.Name, "/repository");
                    using var report = ReportText.Open(Path.Combine(Parts.Corpus!, row.Path));
                    reader.Read(report, sink);
                    accepted.Add($"{row.Path} as {reader.Name}: {sink.Entries} entries");
                }
                catch (SecOpsException)
                {
                    // As it should be.
                }
            }
        }

        accepted.ShouldBeEmpty();
    }

    /// <summary>Whatever happens to a report on its way: it is refused, or read into findings that can be identified, written and read back.</summary>
    [CorpusFact]
    public void A_damaged_report_is_refused_clearly_or_read()
    {
        var random = new Random(20260102);
        var (read, refused) = (0, 0);
        foreach (var row in Rows().Where(r => r.Expect == "ok"))
        {
            var original = File.ReadAllBytes(Path.Combine(Parts.Corpus!, row.Path));
            for (var i = 0; original.Length is > 0 and < 60_000 && i < 50; i++)
            {
                var report = Damage.Of(original, random);
                try
                {
                    var sink = new ReportSink(NameOf(row), "/repository");
                    ScannerList.Find(NameOf(row))!.Read(new MemoryStream(report), sink);
                    var written = Some.Json(Some.Document([.. Identity.Assign(sink.Findings)]));
                    Some.Json(Some.Read(written)).ShouldBe(written);
                    read++;
                }
                catch (SecOpsException e)
                {
                    e.Code.ShouldBe(ExitCode.ToolFailed, row.Path);
                    refused++;
                }
                catch (Exception e) when (e is not ShouldAssertException)
                {
                    throw new InvalidOperationException($"{row.Path}, as {Convert.ToBase64String(report)}", e);
                }
            }
        }

        read.ShouldBeGreaterThan(1000);
        refused.ShouldBeGreaterThan(1000);
    }

    private static void Counts(ReportSink sink, Row row)
    {
        sink.Entries.ShouldBe(row.Findings);
        if (row.Severities.Length > 0)
        {
            var seen = sink.EntriesBySeverity.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key}={s.Value}");
            string.Join(';', seen).ShouldBe(string.Join(';', row.Severities.Split(';').Order(StringComparer.Ordinal)));
        }

        foreach (var finding in Identity.Assign(sink.Findings))
        {
            finding.Title.ShouldNotBeNullOrWhiteSpace();
            finding.Rule.Id.ShouldNotBeNullOrWhiteSpace();
            finding.Scanners.ShouldNotBeEmpty();
            finding.Location.Path?.ShouldNotContain("\\");
        }
    }

    private static ReportSink Read(Row row)
    {
        var reader = ScannerList.Find(NameOf(row)).ShouldNotBeNull();
        var sink = new ReportSink(reader.Name, "/repository");
        using var report = ReportText.Open(Path.Combine(Parts.Corpus!, row.Path));
        reader.Read(report, sink);
        return sink;
    }

    private static string NameOf(Row row) => row.Tool == "aws"
        ? row.Path.Contains("inspector2", StringComparison.Ordinal) ? "inspector" : "securityhub"
        : ImportNames[row.Tool];

    private static IEnumerable<Row> Rows()
    {
        if (Parts.Corpus is null)
        {
            yield break;
        }

        foreach (var line in File.ReadLines(Path.Combine(Parts.Corpus, "manifest.tsv")).Skip(1))
        {
            var columns = line.Split('\t');
            yield return new Row(columns[0], columns[1], columns[2], int.TryParse(columns[3], out var count) ? count : 0, columns[4]);
        }
    }

    private sealed record Row(string Path, string Tool, string Expect, int Findings, string Severities);
}
