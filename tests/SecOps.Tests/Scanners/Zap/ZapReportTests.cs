using SecOps.Findings;
using Shouldly;
using Xunit;

namespace SecOps.Scanners.Zap;

public sealed class ZapReportTests
{
    private const string Json = """
        {"@version": "2.9", "site": [{"alerts": [{"pluginid": "40012", "alert": "XSS", "riskcode": 3, "confidence": "2", "desc": "<p>a &amp; b</p>", "cweid": "79",
          "instances": [{"uri": "http://h:1/u/17?x=1", "method": "GET", "param": "q"}, {"uri": "http://h:1/u/18", "method": "GET", "param": "q"}, {"uri": "http://h:1/u/18", "method": "POST", "param": "q"}]},
          {"pluginid": "2", "name": "marked", "riskcode": "2", "confidence": "0"}], "@name": "http://h:1"}]}
        """;

    private const string Xml = """
        <?xml version="1.0"?><OWASPZAPReport version="2.9"><site name="http://h:1"><alerts><alertitem><pluginid>40012</pluginid><name>XSS</name><riskcode>3</riskcode><confidence>2</confidence>
        <desc>&lt;p&gt;a &amp;amp; b&lt;/p&gt;</desc><instances><instance><uri>http://h:1/u/17?x=1</uri><method>GET</method><param>q</param></instance>
        <instance><uri>http://h:1/u/18</uri><method>GET</method><param>q</param></instance><instance><uri>http://h:1/u/18</uri><method>POST</method><param>q</param></instance></instances><cweid>79</cweid></alertitem></alerts></site></OWASPZAPReport>
        """;

    [Fact]
    public void An_alert_is_one_finding_per_method_path_and_parameter_in_json_and_xml_alike()
    {
        var json = new ZapScanner().ReadText(Json);
        json.Entries.ShouldBe(2);
        json.Findings.Count.ShouldBe(2);
        json.Findings[0].Severity.ShouldBe(Severity.High);
        json.Findings[0].Message.ShouldBe("a & b");
        json.Findings[0].Rule.Cwe.ShouldBe(["CWE-79"]);
        var xml = new ZapScanner().ReadText(Xml);
        Identity.Assign(xml.Findings).Select(f => f.Id).ShouldBe(Identity.Assign(json.Findings).Select(f => f.Id));
        xml.Findings[0].Message.ShouldBe("a & b");
    }

    [Theory]
    [InlineData("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><OWASPZAPReport>&x;</OWASPZAPReport>", "DTD")]
    [InlineData("<html><body/></html>", "root is <html>")]
    [InlineData("<OWASPZAPReport><site name='a'>", "not valid XML")]
    [InlineData("{\"site\": [{\"alerts\": [{}]}]}", "neither")]
    [InlineData("{}", "no \"site\"")]
    [InlineData("{\"site\": [{\"@name\": \"h\", \"alerts\": \"none\"}]}", "no list")]
    public void What_is_no_zap_report_is_refused(string report, string why) => new ZapScanner().ShouldRefuse(report, why);

    [Fact]
    public void What_stands_before_the_declaration_does_not_matter() =>
        new ZapScanner().ReadText("<!--\nSPDX-License-Identifier: MIT\n-->\n\n" + Xml).Entries.ShouldBe(1);

    [Fact]
    public void A_plan_that_failed_is_not_clean() =>
        new ZapScanner().ReadText("""{"site": [], "afPlanErrors": ["Job spider failed to access http://h/"]}""").UnreadFiles.ShouldHaveSingleItem().Reason.ShouldContain("failed to access");
}
