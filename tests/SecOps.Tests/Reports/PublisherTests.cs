using System.Net;
using System.Text.Json;
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
        using var stand = new Answer(HttpStatusCode.Created, "{}");
        using var publisher = new DefectDojoPublisher(new Uri("https://dojo.example/sub"), "a-secret-api-key", new Redactor(), stand);
        (await publisher.PublishAsync(ReportDocuments.Full, "type", "shop", "main line", CancellationToken.None)).ShouldBeNull();
        stand.Request.ShouldBe("POST https://dojo.example/sub/api/v2/reimport-scan/ Token a-secret-api-key");
        stand.Fields["scan_type"].ShouldBe("Generic Findings Import");
        stand.Fields["auto_create_context"].ShouldBe("true");
        stand.Fields["product_name"].ShouldBe("shop");
        stand.Fields["engagement_name"].ShouldBe("main line");
        stand.Fields["close_old_findings"].ShouldBe("false", "a scanner did not look");
        var findings = JsonDocument.Parse(stand.Fields["file"]).RootElement.GetProperty("findings").EnumerateArray().ToList();
        findings.Select(f => f.GetProperty("unique_id_from_tool").GetString()).ShouldBe(ReportDocuments.Full.Findings.Where(f => f.State != FindingState.Fixed).Select(f => f.Id));
        findings.ShouldAllBe(f => new[] { "Critical", "High", "Medium", "Low", "Info" }.Contains(f.GetProperty("severity").GetString()));
        findings[0].GetProperty("vulnerability_ids")[0].GetProperty("vulnerability_id").GetString().ShouldBe("CVE-2024-34069");
        findings[0].GetProperty("cwe").GetInt32().ShouldBe(352);
        findings.Single(f => f.GetProperty("risk_accepted").GetBoolean()).GetProperty("active").GetBoolean().ShouldBeFalse();
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
        public string Request { get; private set; } = "";

        public Dictionary<string, string> Fields { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Request = $"{request.Method} {request.RequestUri} {request.Headers.Authorization}";
            foreach (var part in (MultipartFormDataContent)request.Content!)
            {
                Fields[part.Headers.ContentDisposition!.Name!.Trim('"')] = await part.ReadAsStringAsync(cancellationToken);
            }

            return new HttpResponseMessage(status) { Content = new StringContent(body) };
        }
    }
}
