using SecOps.Findings;
using Shouldly;
using Xunit;

namespace SecOps.Scanners.Sarif;

public sealed class SarifReportTests
{
    private static readonly SarifReader Sarif = new();

    [Fact]
    public void Rules_may_stand_after_the_results_that_refer_to_them()
    {
        var f = Sarif.ReadText("""
            {"version": "2.1.0", "runs": [{
              "results": [{"ruleIndex": 0, "message": {"id": "m", "arguments": ["x"]}, "locations": [{"physicalLocation": {
                "artifactLocation": {"uri": "a%20b/%C3%A4.py", "uriBaseId": "SRC"}, "region": {"startLine": 3, "snippet": {"text": "f(x)\n"}}}}]}],
              "originalUriBaseIds": {"SRC": {"uri": "src/", "uriBaseId": "ROOT"}, "ROOT": {"uri": "file:///build/"}},
              "tool": {"driver": {"name": "T", "rules": [{"id": "R1", "messageStrings": {"m": {"text": "calls {0}"}},
                "properties": {"security-severity": "9.1", "tags": ["external/cwe/cwe-078"]}}]}}}]}
            """).Findings.ShouldHaveSingleItem();
        (f.Rule.Id, f.Message, f.Severity).ShouldBe(("R1", "calls x", Severity.Critical));
        f.Location.Path.ShouldBe("src/a b/ä.py");
        f.Rule.Cwe.ShouldBe(["CWE-78"]);
    }

    [Theory]
    [InlineData("\"suppressions\": [{\"kind\": \"inSource\"}]", 0)]
    [InlineData("\"suppressions\": [{\"status\": \"rejected\"}]", 1)]
    [InlineData("\"suppressions\": []", 1)]
    [InlineData("\"kind\": \"pass\"", 0)]
    [InlineData("\"kind\": \"FAIL\"", 1)]
    public void Suppressed_and_passed_results_are_counted_and_are_no_findings(string member, int findings)
    {
        var sink = Sarif.ReadText("""{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "T"}}, "results": [{"ruleId": "R", "message": {"text": "m"}, MEMBER}]}]}""".Replace("MEMBER", member, StringComparison.Ordinal));
        sink.Entries.ShouldBe(1);
        sink.Findings.Count.ShouldBe(findings);
    }

    [Fact]
    public void A_run_that_failed_without_results_is_failed() =>
        Sarif.ReadText("""{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "T"}}, "invocations": [{"executionSuccessful": false, "exitCode": 2}], "results": []}]}""")
            .Failure.ShouldNotBeNull().ShouldContain("exit code 2");

    [Theory]
    [InlineData("{}", "not a SARIF")]
    [InlineData("{\"runs\": [{\"status\": \"done\"}]}", "not a SARIF")]
    [InlineData("[]", "no object")]
    public void What_is_no_sarif_is_refused(string report, string why) => Sarif.ShouldRefuse(report, why);

    [Fact]
    public void Version_1_is_read_too()
    {
        var sink = Sarif.ReadText("""
            {"version": "1.0.0", "runs": [{"tool": {"name": "T"}, "rules": {"R1": {"id": "R1", "name": "N", "messageFormats": {"d": "calls {0}"}, "defaultLevel": "error"}}, "results": [
              {"ruleId": "R1", "formattedRuleMessage": {"formatId": "d", "arguments": ["x"]}, "locations": [{"resultFile": {"uri": "src/a.c", "region": {"startLine": 3}}}]},
              {"ruleId": "R1", "level": "pass", "message": "fine"}, {"ruleId": "R1", "message": "known", "suppressionStates": ["suppressedInSource"]}]}]}
            """);
        sink.Entries.ShouldBe(3);
        var f = sink.Findings.ShouldHaveSingleItem();
        (f.Location.Path, f.Location.StartLine, f.Message, f.Severity).ShouldBe(("src/a.c", 3, "calls x", Severity.High));
    }

    [Fact]
    public void Results_that_are_no_list_are_refused() => Sarif.ShouldRefuse("""{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "T"}}, "results": 42}]}""", "no list");
}
