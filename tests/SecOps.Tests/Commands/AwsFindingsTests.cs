using System.Text.Json.Nodes;
using SecOps.Delivery.Build;
using SecOps.Processes;
using SecOps.StandIns;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Commands;

/// <summary><c>secops scan --aws</c> as a whole: what the services answer becomes findings of the one model, joined with Trivy's.</summary>
public sealed class AwsFindingsTests : IDisposable
{
    private const string Registry = "123456789012.dkr.ecr.us-east-1.amazonaws.com";
    private static readonly string Digest = "sha256:" + new string('a', 64);

    private const string Trivy = $$"""
        {"SchemaVersion":2,"ArtifactName":"{{Registry}}/shop:1","ArtifactType":"container_image","Metadata":{"OS":{"Family":"debian","Name":"12.1"},"RepoTags":["{{Registry}}/shop:1"]},
         "Results":[
          {"Target":"{{Registry}}/shop:1 (debian 12.1)","Class":"os-pkgs","Type":"debian","Vulnerabilities":[
            {"VulnerabilityID":"CVE-2023-0464","PkgName":"openssl","PkgIdentifier":{"PURL":"pkg:deb/debian/openssl@3.0.9-1?arch=amd64&distro=debian-12.1"},"InstalledVersion":"3.0.9-1","FixedVersion":"3.0.11-1","Severity":"HIGH","Title":"openssl: denial of service"}]},
          {"Target":"Python","Class":"lang-pkgs","Type":"python-pkg","Vulnerabilities":[
            {"VulnerabilityID":"CVE-2023-30861","PkgName":"Flask","PkgPath":"usr/lib/python3/dist-packages/Flask-2.2.2.dist-info/METADATA","PkgIdentifier":{"PURL":"pkg:pypi/flask@2.2.2"},"InstalledVersion":"2.2.2","FixedVersion":"2.2.5","Severity":"HIGH"}]}]}
        """;

    private const string Basic = """
        {"registryId":"123456789012","repositoryName":"shop","imageId":{"imageDigest":"DIGEST","imageTag":"1"},"imageScanStatus":{"status":"COMPLETE"},
         "imageScanFindings":{"findingSeverityCounts":{"HIGH":1},"findings":[
          {"name":"CVE-2023-0464","description":"d","uri":"https://security-tracker.debian.org/tracker/CVE-2023-0464","severity":"HIGH","attributes":[{"key":"package_name","value":"openssl"},{"key":"package_version","value":"3.0.9-1"}]}]}}
        """;

    private const string Resource = """[{"id":"arn:aws:ecr:us-east-1:123456789012:repository/shop/DIGEST","type":"AWS_ECR_CONTAINER_IMAGE","details":{"awsEcrContainerImage":{"architecture":"amd64","imageHash":"DIGEST","imageTags":["1"],"platform":"DEBIAN_12","registry":"123456789012","repositoryName":"shop"}}}]""";

    private const string OpenSsl = $$"""
        {"findingArn":"arn:aws:inspector2:us-east-1:123456789012:finding/1","type":"PACKAGE_VULNERABILITY","severity":"HIGH","status":"ACTIVE","title":"CVE-2023-0464 - openssl","description":"d","resources":{{Resource}},
         "packageVulnerabilityDetails":{"vulnerabilityId":"CVE-2023-0464","source":"DEBIAN_CVE","vulnerablePackages":[{"name":"openssl","version":"3.0.9","release":"1","arch":"AMD64","packageManager":"OS","fixedInVersion":"0:3.0.11-1"}]} }
        """;

    private const string Flask = $$"""
        {"findingArn":"arn:aws:inspector2:us-east-1:123456789012:finding/2","type":"PACKAGE_VULNERABILITY","severity":"HIGH","status":"ACTIVE","title":"CVE-2023-30861 - Flask","description":"d","resources":{{Resource}},
         "packageVulnerabilityDetails":{"vulnerabilityId":"CVE-2023-30861","vulnerablePackages":[{"name":"Flask","version":"2.2.2","packageManager":"PYTHONPKG","filePath":"usr/lib/python3/dist-packages/Flask-2.2.2.dist-info/METADATA","fixedInVersion":"2.2.5"}]} }
        """;

    private readonly TemporaryFolder folder = new();
    private string ecr = Basic;
    private string inspector = $$"""{"findings":[{{OpenSsl}},{{Flask}}]}""";

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_Inspector_ECR_and_Trivy_say_of_one_package_and_advisory_is_one_finding(bool enhanced)
    {
        if (enhanced)
        {
            ecr = $$"""{"registryId":"123456789012","repositoryName":"shop","imageId":{"imageDigest":"DIGEST"},"imageScanStatus":{"status":"ACTIVE"},"imageScanFindings":{"enhancedFindings":[{{OpenSsl}},{{Flask}}]} }""";
        }

        var (code, document) = await ScanAsync();
        code.ShouldBe(ExitCode.GateFailed);
        var findings = document["findings"]!.AsArray().ToDictionary(f => (string)f!["rule"]!["id"]!, f => f!["scanners"]!.AsArray().Select(s => (string)s!["name"]!).Order().ToList());
        findings.Keys.Order().ShouldBe(["CVE-2023-0464", "CVE-2023-30861", "UnauthorizedAccess:EC2/SSHBruteForce"]);
        findings["CVE-2023-0464"].ShouldBe(["ecr", "inspector", "trivy"]);
        findings["CVE-2023-30861"].ShouldBe(enhanced ? ["ecr", "inspector", "trivy"] : ["inspector", "trivy"]);
        var guardDuty = document["findings"]!.AsArray().Single(f => (string)f!["category"]! == "cloud")!;
        ((string)guardDuty["severity"]!).ShouldBe("high");
        ((string)guardDuty["location"]!["resource"]!).ShouldBe("arn:aws:ec2:us-east-1:123456789012:instance/i-1");
        document["coverage"]!.AsArray().Select(c => (string)c!["status"]!).Distinct().ShouldBe(["completed"]);
    }

    [Theory]
    [InlineData("IN_PROGRESS")]
    [InlineData("PENDING")]
    [InlineData("FAILED")]
    [InlineData("UNSUPPORTED_IMAGE")]
    [InlineData("SCAN_ELIGIBILITY_EXPIRED")]
    [InlineData("FINDINGS_UNAVAILABLE")]
    [InlineData("LIMIT_EXCEEDED")]
    [InlineData("IMAGE_ARCHIVED")]
    public async Task A_scan_that_is_not_final_is_no_scan(string status)
    {
        ecr = $$"""{"repositoryName":"shop","imageId":{"imageDigest":"DIGEST"},"imageScanStatus":{"status":"{{status}}","description":"why"} }""";
        inspector = """{"findings":[]}""";
        var (code, document) = await ScanAsync(trivy: false);
        code.ShouldBe(ExitCode.GateFailed, "GuardDuty's finding");
        var coverage = document["coverage"]!.AsArray().Single(c => (string)c!["scanner"]! == "ecr")!;
        ((string)coverage["status"]!).ShouldBe("failed");
        ((string)coverage["message"]!).ShouldContain(status);
        ((string)document["gate"]!["verdict"]!).ShouldBe("failed");
        document["gate"]!["reasons"]!.ToJsonString().ShouldContain("ecr");
    }

    private async Task<(int Code, JsonNode Document)> ScanAsync(bool trivy = true)
    {
        using var server = new StandIn(asked => asked switch
        {
            { Operation: "DescribeImageScanFindings" } => new Answer(ecr.Replace("DIGEST", Digest, StringComparison.Ordinal)),
            { Body: var body } when body.Contains("GetCallerIdentity", StringComparison.Ordinal) => Answer.Caller,
            { Url: "/status/batch/get" } => new Answer("""{"accounts":[{"accountId":"1","resourceState":{"ecr":{"status":"ENABLED"}}}]}"""),
            { Url: "/findings/list" } => new Answer(inspector.Replace("DIGEST", Digest, StringComparison.Ordinal)),
            { Url: "/coverage/list" } => new Answer("""{"coveredResources":[{"resourceId":"arn:r","scanStatus":{"statusCode":"ACTIVE"}}]}"""),
            { Url: "/detector" } => new Answer("""{"detectorIds":["d1"]}"""),
            { Url: "/detector/d1" } => new Answer("""{"status":"ENABLED"}"""),
            { Url: "/detector/d1/findings" } => new Answer("""{"findingIds":["f1"]}"""),
            { Url: "/detector/d1/findings/get" } => new Answer("""
                {"findings":[{"id":"f1","accountId":"123456789012","region":"us-east-1","arn":"arn:f1","type":"UnauthorizedAccess:EC2/SSHBruteForce","severity":8,"title":"SSH brute force","description":"d",
                 "resource":{"resourceType":"Instance","instanceDetails":{"instanceId":"i-1"}},"service":{"archived":false,"count":3}}]}
                """),
            _ => Answer.Error("UnknownOperationException", asked.Url),
        });
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", "not-a-secret-used-on-loopback");
        folder.Write("secops.yml", "gate: {failOn: high}\n");
        folder.Write("trivy.json", Trivy);
        // The image is the one that was pushed.
        new ImageRecord { Reference = $"{Registry}/shop:1", Repository = $"{Registry}/shop", Digest = Digest }.Write(Directory.CreateDirectory(folder[".secops"]).FullName);
        var redactor = new Redactor();
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var workspace = new Workspace(
            new GlobalOptions { Json = true }, folder.Path, name => name switch { "AWS_ENDPOINT_URL" => server.Url, "PATH" => Parts.SearchPath, _ => null },
            new Terminal(redactor, output, error) { Json = true }, redactor, TimeProvider.System);
        var options = new ScanOptions { Aws = true, Region = "us-east-1", Path = folder.Path, Import = trivy ? ["trivy=" + folder["trivy.json"]] : [] };
        var code = await new ScanOperation(workspace, options).RunAsync(default);
        return (code, JsonNode.Parse(File.ReadAllText(folder[".secops/findings.json"]))!);
    }
}
