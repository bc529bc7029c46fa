using SecOps.Findings;
using Shouldly;
using Xunit;

namespace SecOps.Scanners.Trivy;

public sealed class TrivyReportTests
{
    private const string Vulnerability = """
        {"VulnerabilityID": "CVE-2030-1000", "PkgName": "Flask_Thing", "InstalledVersion": "1.0", "FixedVersion": "1.2, 2.1", "Severity": "HIGH", "CweIDs": ["CWE-79", "CWE-20"]}
        """;

    private static readonly TrivyScanner Trivy = new();

    [Fact]
    public void A_vulnerability_becomes_a_dependency_finding()
    {
        var f = Trivy.ReadText($$"""{"SchemaVersion": 2, "ArtifactName": ".", "Results": [{"Target": "requirements.txt", "Class": "lang-pkgs", "Type": "pip", "Vulnerabilities": [{{Vulnerability}}]}]}""").Findings.ShouldHaveSingleItem();
        f.Category.ShouldBe(Category.Dependency);
        f.Severity.ShouldBe(Severity.High);
        f.Location.Package.ShouldBe(new Package("pkg:pypi/flask-thing@1.0", "Flask_Thing", "1.0", "1.2, 2.1", "requirements.txt"));
        f.Fix!.Version.ShouldBe("1.2");
        f.Rule.Cwe.ShouldBe(["CWE-20", "CWE-79"]);
    }

    [Fact]
    public void The_old_list_and_schema_2_give_the_same_ids_in_any_order_of_members()
    {
        var old = Trivy.ReadText($$"""[{"Target": "requirements.txt", "Type": "pip", "Vulnerabilities": [{{Vulnerability}}]}, {"Target": "other", "Vulnerabilities": null}]""");
        var now = Trivy.ReadText($$"""{"Results": [{"Vulnerabilities": [{{Vulnerability}}], "Type": "pip", "Class": "lang-pkgs", "Target": "requirements.txt"}], "SchemaVersion": "2"}""");
        Identity.Assign(old.Findings).Single().Id.ShouldBe(Identity.Assign(now.Findings).Single().Id);
    }

    [Fact]
    public void Passed_checks_are_no_findings_and_licences_only_when_asked_for()
    {
        const string Report = """
            {"SchemaVersion": 2, "Results": [{"Target": "Dockerfile", "Class": "config", "Misconfigurations": [
              {"ID": "DS001", "Severity": "LOW", "Status": "PASS"}, {"ID": "DS002", "Title": "root", "Severity": "HIGH", "Status": "FAIL"}],
              "Licenses": [{"Name": "GPL-3.0", "PkgName": "x", "Severity": "HIGH"}]}]}
            """;
        Trivy.ReadText(Report).Findings.ShouldHaveSingleItem().Rule.Id.ShouldBe("DS-0002");
        var sink = new ReportSink("trivy", "/repository") { WithLicenses = true };
        Trivy.Read(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(Report)), sink);
        sink.Findings.Count.ShouldBe(2);
    }

    [Fact]
    public void A_cluster_resource_that_was_not_scanned_is_unread() =>
        Trivy.ReadText("""{"ClusterName": "c", "Resources": [{"Namespace": "n", "Kind": "Pod", "Name": "p", "Error": "image not found"}]}""")
            .UnreadFiles.ShouldBe([new UnreadFile("n/Pod/p", "image not found")]);

    [Fact]
    public void Text_around_the_report_and_a_second_report_behind_it_are_no_obstacle()
    {
        var report = $$"""{"SchemaVersion": 2, "Results": [{"Target": "a", "Vulnerabilities": [{{Vulnerability}}]}]}""";
        Trivy.ReadText($"2030-01-01\tINFO\tScanning [1/2]\n[main] working\r\n{report}\n{report}\n[notice] done").Entries.ShouldBe(2);
    }

    [Theory]
    [InlineData("{}", "not a Trivy")]
    [InlineData("\"text\"", "lone value")]
    [InlineData("{'SchemaVersion': 2}", "not valid JSON")]
    [InlineData("[[\"django\", \"<1\", \"1.0\", \"text\", \"1\"]]", "not a Trivy")]
    [InlineData("[{\"name\": \"adal\", \"version\": \"1\", \"vulns\": []}]", "not a Trivy")]
    [InlineData("{\"SchemaVersion\": 2, \"Results\": [{\"Target\": \"a\", \"Vulnerabilities\": [{\"Severity\": \"LOW\"}]}]}", "VulnerabilityID")]
    [InlineData("{\"SchemaVersion\": 2, \"Results\": [{\"Target\": \"a\"", "cut off")]
    [InlineData("{\"kind\": \"Pod\", \"apiVersion\": \"v1\"}", "Kubernetes resource")]
    public void What_is_no_trivy_report_is_refused(string report, string why) => Trivy.ShouldRefuse(report, why);

    [Fact]
    public void An_entry_without_its_id_is_kept_and_a_list_that_is_none_is_refused()
    {
        var sink = Trivy.ReadText("""
            {"SchemaVersion": 2, "Results": [{"Target": "t", "Vulnerabilities": [{"PkgName": "elliptic"}], "Secrets": [{"VulnerabilityID": "x"}]}]}
            """);
        sink.Entries.ShouldBe(2);
        sink.Findings[0].Title.ShouldContain("elliptic");
        Trivy.ShouldRefuse("""{"SchemaVersion": 2, "Results": "none"}""", "no list");
        Trivy.ShouldRefuse("""{"SchemaVersion": 2, "Results": [{"Target": "t", "Vulnerabilities": 7}]}""", "no list");
        Trivy.ShouldRefuse("""{"SchemaVersion": 2, "Results": [{"Target": "t", "Secrets": ["x"]}]}""", "something else");
    }

    [Fact]
    public void The_controls_of_a_compliance_report_and_all_of_the_operators_resources_in_one_object_are_read()
    {
        Trivy.ReadText("""{"ID": "k8s-cis", "Results": [{"ID": "1.1", "Results": [{"Target": "Pod/x", "Class": "config", "Misconfigurations": [{"ID": "KSV001", "Status": "FAIL"}]}]}, {"ID": "1.2", "Results": null}]}""").Entries.ShouldBe(1);
        var sink = Trivy.ReadText("""
            {"sbomreports.aquasecurity.github.io": [], "clustercompliancereports.aquasecurity.github.io": [
              {"apiVersion": "aquasecurity.github.io/v1alpha1", "kind": "ClusterComplianceReport", "metadata": {"name": "cis"}, "status": {"summaryReport": {"controlCheck": [
                {"id": "4.2.9", "name": "a", "severity": "HIGH", "totalFail": 0}, {"id": "4.2.10", "name": "b", "severity": "CRITICAL", "totalFail": 10}]}}}],
             "configauditreports.aquasecurity.github.io": [{"apiVersion": "aquasecurity.github.io/v1alpha1", "kind": "ConfigAuditReport", "metadata": {"name": "c"},
               "report": {"checks": [{"title": "no id", "severity": "LOW", "success": false}]}}]}
            """);
        sink.Findings.Select(f => (f.Rule.Id, f.Severity)).ShouldBe([("4.2.10", Severity.Critical), ("no id", Severity.Low)]);
    }
}
