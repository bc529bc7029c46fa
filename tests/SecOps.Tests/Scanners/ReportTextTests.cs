using System.IO.Compression;
using System.IO.Pipes;
using System.Text;
using SecOps.Scanners.Trivy;
using SecOps.Scanners.Zap;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Scanners;

/// <summary>How reports are packed and written, whatever is in them.</summary>
public sealed class ReportTextTests : IDisposable
{
    private const string Report = """{"SchemaVersion": 2, "Results": [{"Target": "t", "Vulnerabilities": [{"VulnerabilityID": "CVE-2030-1", "PkgName": "ü"}]}]}""";

    private readonly TemporaryFolder folder = new();

    public static TheoryData<string, byte[]> Forms => new()
    {
        { "UTF-8 with a mark", [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(Report)] },
        { "UTF-16", [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(Report)] },
        { "UTF-16 without a mark", Encoding.Unicode.GetBytes(Report) },
        { "UTF-16, the other end first", [.. Encoding.BigEndianUnicode.Preamble, .. Encoding.BigEndianUnicode.GetBytes(Report)] },
        { "gzip", Packed(Encoding.UTF8.GetBytes(Report)) },
        { "gzip of UTF-8 with a mark", Packed([.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(Report)]) },
        { "lines that end as on Windows, amid other text", Encoding.UTF8.GetBytes("<frozen runpy>:128: RuntimeWarning\r\n[notice] 10 %\r\n" + Report + "\r\nbye\r\n") },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_report_is_the_same_in_every_form(string form, byte[] report)
    {
        form.ShouldNotBeEmpty();
        Read(new TrivyScanner(), report).Findings.ShouldHaveSingleItem().Location.Package!.Name.ShouldBe("ü");
    }

    /// <summary>As in <c>trivy … | secops scan --import trivy=/dev/stdin</c>.</summary>
    [Theory]
    [MemberData(nameof(Forms))]
    public void A_report_may_come_through_a_pipe(string form, byte[] report)
    {
        form.ShouldNotBeEmpty();
        using var writer = new AnonymousPipeServerStream(PipeDirection.Out);
        writer.Write(report);
        using var reader = ReportText.Open($"/proc/self/fd/{writer.GetClientHandleAsString()}");
        writer.Dispose();
        var sink = new ReportSink("trivy", "/root");
        new TrivyScanner().Read(reader, sink);
        sink.Findings.ShouldHaveSingleItem().Location.Package!.Name.ShouldBe("ü");
    }

    [Fact]
    public void Xml_that_was_UTF_16_is_read_though_its_declaration_still_says_so() =>
        Read(new ZapScanner(), [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("<?xml version=\"1.0\" encoding=\"utf-16\"?><OWASPZAPReport><site name='h'><alerts><alertitem><pluginid>1</pluginid><name>ü</name></alertitem></alerts></site></OWASPZAPReport>")])
            .Findings.ShouldHaveSingleItem().Title.ShouldBe("ü");

    [Theory]
    [InlineData("<!DOCTYPE html>\n<html><script>\n[]\n</script></html>", "XML or HTML")]
    [InlineData("<testsuites name=\"trivy\">\n{}\n</testsuites>", "XML or HTML")]
    [InlineData("PK\u0003\u0004 and so on", "ZIP archive")]
    public void What_only_holds_something_like_json_is_refused(string report, string why) => new TrivyScanner().ShouldRefuse(report, why);

    [Fact]
    public void A_damaged_archive_is_refused()
    {
        var report = Packed(Encoding.UTF8.GetBytes(Report));
        report.AsSpan(12, 20).Clear();
        File.WriteAllBytes(folder["r"], report);
        Should.Throw<SecOpsException>(() => ScannerRun.Import(new ImportJob(new TrivyScanner(), folder["r"]), folder.Path)).Code.ShouldBe(ExitCode.ToolFailed);
    }

    public void Dispose() => folder.Dispose();

    private ReportSink Read(IReportReader reader, byte[] report)
    {
        File.WriteAllBytes(folder["r"], report);
        var sink = new ReportSink(reader.Name, folder.Path);
        using var stream = ReportText.Open(folder["r"]);
        reader.Read(stream, sink);
        return sink;
    }

    private static byte[] Packed(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(content);
        }

        return packed.ToArray();
    }
}
