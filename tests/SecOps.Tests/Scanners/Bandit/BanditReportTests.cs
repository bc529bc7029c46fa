using System.Text;
using SecOps.Findings;
using Shouldly;
using Xunit;

namespace SecOps.Scanners.Bandit;

public sealed class BanditReportTests
{
    private const string OneResult = """
        {"errors": [{"filename": "./broken.py", "reason": "syntax error while parsing AST from file"}], "generated_at": "2026-01-01T00:00:00Z", "metrics": {},
         "results": [{"code": "11 def f():\n12     subprocess.call(x,\n13         shell=True)\n14 \n", "col_offset": 4, "filename": "./app.py",
          "issue_confidence": "HIGH", "issue_cwe": {"id": 78, "link": "https://cwe.mitre.org/data/definitions/78.html"}, "issue_severity": "HIGH",
          "issue_text": "subprocess call with shell=True identified, security issue.", "line_number": 12, "line_range": [12, 13],
          "more_info": "https://bandit.readthedocs.io/x.html", "test_id": "B602", "test_name": "subprocess_popen_with_shell_equals_true"}]}
        """;

    [Fact]
    public void A_result_becomes_a_finding_with_the_flagged_lines_alone_as_its_snippet()
    {
        var sink = Read(OneResult);
        var finding = sink.Findings.ShouldHaveSingleItem();
        finding.Category.ShouldBe(Category.Code);
        finding.Severity.ShouldBe(Severity.High);
        finding.Confidence.ShouldBe("high");
        finding.Rule.Id.ShouldBe("B602");
        finding.Rule.Cwe.ShouldBe(["CWE-78"]);
        finding.Location.Path.ShouldBe("app.py");
        finding.Location.StartLine.ShouldBe(12);
        finding.Location.EndLine.ShouldBe(13);
        finding.Location.StartColumn.ShouldBe(5);
        finding.Location.Snippet.ShouldBe("    subprocess.call(x,\n        shell=True)");
    }

    [Fact]
    public void A_file_that_bandit_could_not_parse_is_listed_as_unread() =>
        Read(OneResult).UnreadFiles.ShouldBe([new UnreadFile("broken.py", "syntax error while parsing AST from file")]);

    [Theory]
    [InlineData("", "empty")]
    [InlineData("   ", "empty")]
    [InlineData("[]", "not a Bandit")]
    [InlineData("null", "not a Bandit")]
    [InlineData("{}", "not a Bandit")]
    [InlineData("{\"version\": \"2.1.0\", \"runs\": []}", "not a Bandit")]
    [InlineData("{\"errors\": [], \"results\": [{\"test_id\": \"B101\"", "cut off")]
    [InlineData("{\"errors\": [], \"results\": [}", "not valid JSON")]
    [InlineData("hello", "not valid JSON")]
    public void What_is_not_a_whole_bandit_report_is_refused_never_read_as_clean(string text, string why) =>
        Should.Throw<SecOpsException>(() => Read(text)).Message.ShouldContain(why);

    private static ReportSink Read(string text)
    {
        var sink = new ReportSink("bandit", "/repository");
        new BanditScanner().Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), sink);
        return sink;
    }
}
