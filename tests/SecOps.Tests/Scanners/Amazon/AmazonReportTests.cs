using SecOps.Findings;
using Shouldly;
using Xunit;

namespace SecOps.Scanners.Amazon;

public sealed class AmazonReportTests
{
    private const string GuardDuty = """{"AccountId": "1", "Region": "r", "Type": "Recon:EC2/Portscan", "Severity": 8.5, "Title": "t", "Resource": {"InstanceDetails": {"InstanceId": "i-1"}}, "Service": {"Archived": false}}""";

    [Fact]
    public void GuardDuty_is_read_from_answers_events_and_exports()
    {
        var event_ = """{"detail-type": "GuardDuty Finding", "detail": {"accountId": "1", "region": "r", "type": "Recon:EC2/Portscan", "severity": 8.5, "resource": {"instanceDetails": {"instanceId": "i-1"}}, "service": {"archived": false}}}""";
        var ids = new[] { $$"""{"Findings": [{{GuardDuty}}]}""", GuardDuty, event_ }.Select(report => Identity.Assign(new GuardDutyReader().ReadText(report).Findings).ShouldHaveSingleItem()).ToList();
        ids.Select(f => f.Id).Distinct().ShouldHaveSingleItem();
        ids.ShouldAllBe(f => f.Severity == Severity.High && f.Location.Resource == "arn:aws:ec2:r:1:instance/i-1");
        new GuardDutyReader().ReadText(GuardDuty.Replace("false", "true", StringComparison.Ordinal)).Findings.ShouldBeEmpty();
    }

    [Fact]
    public void An_ecr_scan_that_failed_is_failed() =>
        new EcrReader().ReadText("""{"imageScanStatus": {"status": "FAILED", "description": "UnsupportedImageError"}, "repositoryName": "r"}""").Failure.ShouldNotBeNull().ShouldContain("UnsupportedImage");

    [Fact]
    public void An_ecr_finding_is_one_of_its_image_and_package()
    {
        var f = new EcrReader().ReadText("""
            {"repositoryName": "shop", "imageId": {"imageDigest": "sha256:a", "imageTag": "1"}, "imageScanStatus": {"status": "COMPLETE"},
             "imageScanFindings": {"findings": [{"name": "CVE-2030-1", "severity": "UNDEFINED", "attributes": [{"key": "package_name", "value": "ssl"}, {"key": "package_version", "value": "1"}]}]}}
            """).Findings.ShouldHaveSingleItem();
        f.Severity.ShouldBe(Severity.Unknown);
        f.Location.Image.ShouldBe(new Image("shop:1", "sha256:a"));
        f.Location.Package!.Name.ShouldBe("ssl");
    }

    [Fact]
    public void An_answer_that_goes_on_is_incomplete() =>
        new GuardDutyReader().ReadText("""{"Findings": [], "NextToken": "more"}""").UnreadFiles.ShouldHaveSingleItem();

    [Fact]
    public void Each_service_refuses_the_others_findings()
    {
        new SecurityHubReader().ShouldRefuse($"[{GuardDuty}]", "Security Finding Format");
        new InspectorReader().ShouldRefuse($"[{GuardDuty}]", "Inspector");
        new GuardDutyReader().ShouldRefuse("""{"FindingIds": []}""", "GuardDuty");
        new EcrReader().ShouldRefuse("""{"findings": []}""", "ECR");
    }

    [Fact]
    public void Security_Hub_tells_GuardDutys_findings_by_their_type_and_an_accounts_by_its_region()
    {
        static string Of(string generator, string type, string region) => $$"""
            {"ProductArn": "p", "GeneratorId": "{{generator}}", "Types": ["{{type}}"], "Title": "t", "Severity": {"Label": "HIGH"}, "Resources": [{"Type": "AwsAccount", "Id": "AWS::::Account:1", "Region": "{{region}}"}]}
            """;
        var report = $"[{Of("arn:aws:guardduty:r:1:detector/d", "TTPs/Recon:EC2-Portscan", "r")}, {Of("arn:aws:guardduty:r:1:detector/d", "Effects/Trojan:EC2-DropPoint", "r")}, {Of("check", "x", "r")}, {Of("check", "x", "s")}]";
        var findings = Identity.Assign(new SecurityHubReader().ReadText(report).Findings);
        findings.Count.ShouldBe(4);
        findings.Select(f => f.Rule.Id).Distinct().Order(StringComparer.Ordinal).ShouldBe(["Recon:EC2-Portscan", "Trojan:EC2-DropPoint", "check"]);
    }
}
