using System.Net.Http.Headers;
using System.Text;
using Amazon.Runtime;
using SecOps.Aws;
using SecOps.Delivery.Push;
using SecOps.Testing;
using Shouldly;

namespace SecOps.Delivery;

/// <summary>ECR's own part of a push, on the emulator.</summary>
public sealed class EcrRegistryTests : IDisposable
{
    private readonly AwsClients aws = new(new AwsSettings
    {
        Region = "eu-west-1",
        Credentials = new BasicAWSCredentials("test", "test"),
        Variable = name => name == "AWS_ENDPOINT_URL" ? Environment.GetEnvironmentVariable("SECOPS_TEST_AWS") : null,
    });

    private readonly string repository = "team/app" + Guid.NewGuid().ToString("N")[..8];

    public void Dispose() => aws.Dispose();

    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task A_missing_repository_is_created_with_tags_that_do_not_move()
    {
        var ecr = new EcrRegistry(aws, null);
        (await ecr.FindMutabilityAsync(repository, CancellationToken.None)).ShouldBeNull();

        var created = await ecr.CreateAsync(repository, CancellationToken.None);

        created.Repository!.ImageScanningConfiguration!.ScanOnPush.ShouldBe(true);
        (await ecr.FindMutabilityAsync(repository, CancellationToken.None)).ShouldBe(true);
    }

    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task The_digest_behind_a_tag_is_found_and_a_missing_tag_is_none()
    {
        var ecr = new EcrRegistry(aws, null);
        await ecr.CreateAsync(repository, CancellationToken.None);
        (await ecr.FindDigestAsync(repository, "1", CancellationToken.None)).ShouldBeNull();
        // secops never calls PutImage (the Engine uploads), so its client has no such operation.
        using var http = new HttpClient();
        using var put = new HttpRequestMessage(HttpMethod.Post, Parts.Variable("SECOPS_TEST_AWS"))
        {
            Content = new StringContent($$"""{"repositoryName":"{{repository}}","imageTag":"1","imageManifest":"{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"config\":{\"mediaType\":\"x\",\"size\":2,\"digest\":\"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\"},\"layers\":[]}"}""", Encoding.UTF8, new MediaTypeHeaderValue("application/x-amz-json-1.1")),
        };
        put.Headers.Add("X-Amz-Target", "AmazonEC2ContainerRegistry_V20150921.PutImage");
        put.Headers.TryAddWithoutValidation("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/ecr/aws4_request, SignedHeaders=host, Signature=0");
        (await http.SendAsync(put)).EnsureSuccessStatusCode();

        (await ecr.FindDigestAsync(repository, "1", CancellationToken.None)).ShouldStartWith("sha256:");
    }

    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task The_token_is_a_user_and_a_password()
    {
        var credential = await new EcrRegistry(aws, "123456789012").FindAsync("123456789012.dkr.ecr.eu-west-1.amazonaws.com", false, CancellationToken.None);

        credential.ShouldNotBeNull().Username.ShouldBe("AWS");
        credential.Secret.ShouldNotBeEmpty();
        credential.ToString().ShouldBe("AWS (AWS)");
    }
}
