using System.Net;
using Amazon.Runtime;
using SecOps.Aws;
using SecOps.Findings;
using SecOps.Processes;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Reports;

public sealed class PublisherTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task A_run_is_kept_in_S3_encrypted_under_its_commit_and_id()
    {
        var settings = new AwsSettings { Region = "us-east-1", Credentials = new BasicAWSCredentials("test", "test"), Variable = name => name == "AWS_ENDPOINT_URL" ? Parts.Variable("SECOPS_TEST_AWS") : null };
        using var aws = new AwsClients(settings);
        var bucket = "secops-reports-" + Guid.NewGuid().ToString("N");
        await aws.S3.CallAsync("CreateBucket", c => c.PutBucketAsync(bucket));
        folder.Write("findings.json", "{}");
        folder.Write("reports/findings.html", "<p>");
        folder.Write("raw/bandit.json", "[]");
        folder.Write("raw/.bandit.1/half.json", "[");
        folder.Write("log/secops.log", "not sent");

        var (count, address) = await new S3Publisher(aws.S3, bucket, "/audit/", null).PublishAsync(ReportDocuments.Full, folder.Path, CancellationToken.None);
        var below = $"audit/{ReportDocuments.Full.Run.Commit}/{ReportDocuments.Full.Run.Id}/";
        (count, address).ShouldBe((3, $"s3://{bucket}/{below}"));
        var listed = await aws.S3.CallAsync("ListBucket", c => c.ListObjectsV2Async(new Amazon.S3.Model.ListObjectsV2Request { BucketName = bucket }));
        listed.S3Objects.Select(o => o.Key).ShouldBe([below + "findings.json", below + "raw/bandit.json", below + "reports/findings.html"], ignoreOrder: true);
        var html = await aws.S3.CallAsync("GetObject", c => c.GetObjectMetadataAsync(bucket, below + "reports/findings.html"));
        html.ServerSideEncryptionMethod.ShouldBe(Amazon.S3.ServerSideEncryptionMethod.AES256);
        html.Headers.ContentType.ShouldBe("text/html; charset=utf-8");
    }

    [Fact]
    public async Task DefectDojo_gets_a_reimport_by_name_with_the_findings_and_their_ids()
    {
        using var dojo = new DefectDojoStandIn();
        (await Reimport(dojo, ReportDocuments.Full)).ShouldBeNull();
        dojo.Request.ShouldBe("POST https://dojo.example/sub/api/v2/reimport-scan/ Token a-secret-api-key");
        dojo.Fields["product_name"].ShouldBe("shop");
        dojo.Fields["engagement_name"].ShouldBe("main line");
        dojo.Fields["close_old_findings"].ShouldBe("false", "a scanner did not look");
        dojo.Active.Select(f => f.GetProperty("unique_id_from_tool").GetString()).ShouldBe(ReportDocuments.Full.Findings.Where(f => f.State != FindingState.Fixed).Select(f => f.Id), ignoreOrder: true);
        dojo.Active.ShouldContain(f => f.GetProperty("vuln_id_from_tool").GetString() == "CVE-2024-34069" && f.GetProperty("vulnerability_ids")[1].GetString() == "GHSA-2g68-c3qc-8985" && f.GetProperty("cwe").GetInt32() == 352);
        dojo.Active.Single(f => f.GetProperty("risk_accepted").GetBoolean()).GetProperty("active").GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public async Task In_DefectDojo_a_finding_stays_the_same_when_its_line_moves_and_when_a_fix_is_tried()
    {
        using var dojo = new DefectDojoStandIn();
        var first = ReportDocuments.Code("f1-1", Severity.High, "B602", "a.py", 12, "a shell");
        var second = first with { Id = "f1-2" };
        List<Coverage> complete = [new Coverage { Scanner = "bandit", Target = ".", Status = CoverageStatus.Completed }];
        await Reimport(dojo, ReportDocuments.Full with { Findings = [first, second], Coverage = complete });
        dojo.Statistics.ShouldBe((2, 0, 0));
        var moved = first with { Location = first.Location with { StartLine = 52, EndLine = 53 }, Fix = ReportDocuments.Proven };
        await Reimport(dojo, ReportDocuments.Full with { Findings = [moved, second], Coverage = complete });
        dojo.Statistics.ShouldBe((0, 2, 0));
        await Reimport(dojo, ReportDocuments.Full with { Findings = [moved], Coverage = complete });
        dojo.Statistics.ShouldBe((0, 1, 1), "what is gone is closed");
    }

    private static async Task<string?> Reimport(DefectDojoStandIn dojo, FindingsDocument document)
    {
        using var publisher = new DefectDojoPublisher(new Uri("https://dojo.example/sub"), "a-secret-api-key", new Redactor(), dojo);
        return await publisher.PublishAsync(document, "type", "shop", "main line", CancellationToken.None);
    }

    [Fact]
    public async Task What_DefectDojo_refuses_is_told_without_the_key()
    {
        using var stand = new Answer(HttpStatusCode.Forbidden, """{"detail": "Invalid token a-secret-api-key."}""");
        using var publisher = new DefectDojoPublisher(new Uri("https://dojo.example"), "a-secret-api-key", new Redactor(), stand);
        var failure = await publisher.PublishAsync(ReportDocuments.Full, "t", "p", "e", CancellationToken.None);
        failure.ShouldNotBeNull();
        failure.ShouldStartWith("DefectDojo answers 403");
        failure.ShouldNotContain("a-secret-api-key");
        Should.Throw<SecOpsException>(() => new DefectDojoPublisher(new Uri("http://dojo.example"), "k", new Redactor()));
    }

    private sealed class Answer(HttpStatusCode status, string body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(status) { Content = new StringContent(body) });
    }
}
