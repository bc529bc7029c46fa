using SecOps.Findings;
using SecOps.Scanners.PipAudit;
using Shouldly;
using Xunit;

namespace SecOps.Scanners.Safety;

public sealed class PythonReportTests
{
    [Fact]
    public void Safety_and_pip_audit_give_one_vulnerability_one_id()
    {
        var safety = new SafetyScanner().ReadText("""[["Flask_X", "<2", "1.0", "text", "99", "CVE-2030-5"]]""");
        var audit = new PipAuditScanner().ReadText("""{"dependencies": [{"name": "flask-x", "version": "1.0", "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-2030-5"], "fix_versions": ["2.0"]}]}], "fixes": []}""");
        var joined = Identity.Assign(safety.Findings.Concat(audit.Findings)).ShouldHaveSingleItem();
        joined.Scanners.Select(s => s.Name).ShouldBe(["pip-audit", "safety"]);
    }

    [Fact]
    public void What_pip_audit_skipped_is_said() =>
        new PipAuditScanner().ReadText("""[{"name": "private", "skip_reason": "not on PyPI"}]""").Note.ShouldBe("not audited: private");

    [Theory]
    [InlineData("{\"dependencies\": [{\"ref\": \"a\"}]}")]
    [InlineData("[[1, 2, 3, 4, 5]]")]
    [InlineData("{}")]
    [InlineData("null")]
    public void What_is_no_pip_audit_report_is_refused(string report) => new PipAuditScanner().ShouldRefuse(report, "not a pip-audit");

    [Theory]
    [InlineData("{\"vulnerabilities\": []}")]
    [InlineData("[{\"name\": \"a\", \"vulns\": []}]")]
    [InlineData("null")]
    public void What_is_no_safety_report_is_refused(string report) => new SafetyScanner().ShouldRefuse(report, "not a Safety");
}
