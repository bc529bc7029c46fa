using System.Text;
using SecOps.Testing;
using Shouldly;

namespace SecOps.Aws;

/// <summary>The clients against the AWS emulator.</summary>
public sealed class MotoTests
{
    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task ECR_repositories_are_made_and_found()
    {
        using var aws = TestAws.Moto("eu-west-1");
        var name = "shop-" + Guid.NewGuid().ToString("N");
        var made = await aws.Ecr.CreateRepositoryAsync(new() { RepositoryName = name, ImageTagMutability = "IMMUTABLE", ImageScanningConfiguration = new() { ScanOnPush = true } }, default);
        made.Repository!.RepositoryUri.ShouldNotBeNull().ShouldEndWith(name);
        var found = await aws.Ecr.DescribeRepositoriesAsync(new() { RepositoryNames = [name] }, default);
        found.Repositories.Single().ImageScanningConfiguration!.ScanOnPush.ShouldBe(true);
        (await Should.ThrowAsync<AwsException>(aws.Ecr.CreateRepositoryAsync(new() { RepositoryName = name }, default))).Is("RepositoryAlreadyExists").ShouldBeTrue();
        var token = await aws.Ecr.GetAuthorizationTokenAsync(new(), default);
        Encoding.UTF8.GetString(Convert.FromBase64String(token.AuthorizationData.Single().AuthorizationToken!)).ShouldStartWith("AWS:");
    }

    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task S3_keeps_what_is_put_encrypted()
    {
        using var aws = TestAws.Moto();
        var bucket = "reports-" + Guid.NewGuid().ToString("N");
        await aws.S3.CallAsync("CreateBucket", c => c.PutBucketAsync(bucket));
        using var content = new MemoryStream("{}"u8.ToArray());
        (await aws.S3.PutAsync(bucket, "a/findings.json", content, "application/json", null, default)).ShouldBe($"s3://{bucket}/a/findings.json");
        var head = await aws.S3.CallAsync("GetObject", c => c.GetObjectMetadataAsync(bucket, "a/findings.json"));
        head.ServerSideEncryptionMethod.Value.ShouldBe("AES256");
        head.ContentLength.ShouldBe(2);
        (await Should.ThrowAsync<AwsException>(aws.S3.PutAsync("absent-" + bucket, "a", content, "text/plain", null, default))).ErrorCode.ShouldBe("NoSuchBucket");
    }
}
