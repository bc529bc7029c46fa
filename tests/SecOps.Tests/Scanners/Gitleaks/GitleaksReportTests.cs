using Shouldly;
using Xunit;

namespace SecOps.Scanners.Gitleaks;

public sealed class GitleaksReportTests
{
    [Fact]
    public void The_secret_does_not_get_into_the_finding()
    {
        var f = new GitleaksScanner().ReadText("""[{"RuleID": "r", "Description": "d", "File": ".\\src\\a.py", "StartLine": 4, "Match": "key = hunter2-hunter2", "Secret": "hunter2-hunter2"}]""").Findings.ShouldHaveSingleItem();
        f.ToString().ShouldNotContain("hunter2");
        f.Location.Snippet.ShouldBe("key = REDACTED");
        f.Location.Path.ShouldBe("src/a.py");
    }

    [Theory]
    [InlineData("[{\"RuleID\": \"r\", \"File\": \"a\"}]", "lacks")]
    [InlineData("{}", "no list")]
    public void What_is_no_gitleaks_report_is_refused(string report, string why) => new GitleaksScanner().ShouldRefuse(report, why);
}
