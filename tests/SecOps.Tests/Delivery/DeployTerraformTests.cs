using System.Text;
using Amazon.S3.Model;
using SecOps.Aws;
using SecOps.Delivery.Deploy;
using SecOps.Processes;
using SecOps.Terraform;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Delivery;

/// <summary>The real Terraform, with its S3 backend in the emulator.</summary>
public sealed class DeployTerraformTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<string> said = [];
    private readonly string bucket = "state-" + Guid.NewGuid().ToString("N");

    public void Dispose() => folder.Dispose();

    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task The_bucket_and_the_table_are_made_once_and_left_alone_the_second_time()
    {
        using var aws = TestAws.Moto();
        (await Backend(aws, "locks-" + bucket).EnsureAsync(default)).ShouldBeTrue();
        said.ShouldBe([$"bucket {bucket}: missing, making it in us-east-1", $"bucket {bucket}: versioned", .. said.Where(s => s.EndsWith(": encrypted", StringComparison.Ordinal)), $"bucket {bucket}: closed to the public", $"table locks-{bucket}: missing, making it"]);
        said.Clear();
        (await Backend(aws, "locks-" + bucket).EnsureAsync(default)).ShouldBeTrue();
        said.ShouldBeEmpty();
        DeployBackend.TlsAlone("b", "cn-north-1").ShouldBe("""{"Version":"2012-10-17","Statement":[{"Sid":"TlsAlone","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws-cn:s3:::b","arn:aws-cn:s3:::b/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}""");
        var encryption = await aws.S3.CallAsync("GetEncryptionConfiguration", c => c.GetBucketEncryptionAsync(new GetBucketEncryptionRequest { BucketName = bucket }));
        encryption.ServerSideEncryptionConfiguration.ServerSideEncryptionRules.ShouldNotBeEmpty();
    }

    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task A_bucket_that_holds_something_is_never_changed_only_talked_about()
    {
        using var aws = TestAws.Moto();
        await aws.S3.CallAsync("CreateBucket", c => c.PutBucketAsync(bucket));
        await aws.S3.PutAsync(bucket, "a", new MemoryStream([1]), "text/plain", null, default);
        (await Backend(aws).EnsureAsync(default)).ShouldBeTrue();
        said.ShouldContain($"bucket {bucket}: exists and is not versioned; it is left as it is. Set that yourself.");
        (await aws.S3.CallAsync("GetBucketVersioning", c => c.GetBucketVersioningAsync(new GetBucketVersioningRequest { BucketName = bucket }))).VersioningConfig?.Status?.Value.ShouldNotBe("Enabled");
    }

    [NeedsFact("SECOPS_TEST_AWS")]
    public async Task A_dry_run_makes_nothing()
    {
        using var aws = TestAws.Moto();
        (await new DeployBackend(aws, bucket, "locks-" + bucket, dryRun: true, said.Add).EnsureAsync(default)).ShouldBeFalse();
        (await Should.ThrowAsync<AwsException>(aws.S3.CallAsync("ListBucket", c => c.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket })))).ErrorCode.ShouldBe("NoSuchBucket");
    }

    [NeedsFact("SECOPS_TEST_AWS", "terraform")]
    public async Task A_plan_is_applied_gated_and_locked()
    {
        using var aws = TestAws.Moto();
        await Backend(aws).EnsureAsync(default);
        folder.Write("main.tf", """
            terraform {
              backend "s3" {}
            }
            variable "image" { type = string }
            resource "terraform_data" "one" { input = var.image }
            resource "terraform_data" "two" { input = "kept" }
            output "image" { value = terraform_data.one.output }
            """);
        var terraform = Terraform();
        List<KeyValuePair<string, string>> backend = [new("bucket", bucket), new("key", "app/terraform.tfstate"), new("region", "us-east-1"), new("use_lockfile", "true"), new("use_path_style", "true"), new("skip_credentials_validation", "true"), new("skip_requesting_account_id", "true")];
        await terraform.InitAsync(backend, default);
        List<KeyValuePair<string, string>> image = [new("image", "shop@sha256:1")];
        var plan = await terraform.PlanAsync(folder["plan"], image, destroy: false, takeLock: true, default);
        plan.Summary.ShouldBe("2 to create, 0 to change, 0 to replace, 0 to destroy");
        await terraform.ApplyAsync(folder["plan"], default);
        await terraform.OutputsAsync(folder["outputs"], default);
        File.ReadAllText(folder["outputs"]).ShouldContain("shop@sha256:1");
        (await terraform.PlanAsync(folder["plan"], image, destroy: false, takeLock: true, default)).Changes.ShouldBeEmpty();

        // A resource that goes away needs to be allowed.
        File.WriteAllText(folder["main.tf"], File.ReadAllText(folder["main.tf"]).Replace("""resource "terraform_data" "two" { input = "kept" }""", "", StringComparison.Ordinal));
        var destructive = await terraform.PlanAsync(folder["plan"], image, destroy: false, takeLock: true, default);
        destructive.Destructive.Select(c => c.Address).ShouldBe(["terraform_data.two"]);

        // Somebody else holds the lock: the file that Terraform itself writes.
        var held = """{"ID":"3f1c","Operation":"OperationTypeApply","Info":"","Who":"another@host","Version":"1.11.4","Created":"2026-01-01T00:00:00Z","Path":"x"}""";
        await aws.S3.PutAsync(bucket, "app/terraform.tfstate.tflock", new MemoryStream(Encoding.UTF8.GetBytes(held)), "application/json", null, default);
        var error = await Should.ThrowAsync<SecOpsException>(terraform.PlanAsync(folder["plan"], image, destroy: false, takeLock: true, default));
        error.Message.ShouldContain("another terraform holds the lock");
        error.Message.ShouldContain("another@host");
    }

    [Fact]
    public void A_replaced_database_is_destructive_a_replaced_instance_is_not()
    {
        var json = """{"format_version":"1.2","resource_changes":[{"address":"aws_db_instance.a","type":"aws_db_instance","change":{"actions":["delete","create"]}},{"address":"aws_instance.b","type":"aws_instance","change":{"actions":["create","delete"]}},{"address":"data.x.c","type":"x","change":{"actions":["read"]}},{"address":"aws_vpc.d","type":"aws_vpc","change":{"actions":["no-op"]}}]}""";
        var plan = TerraformPlan.Parse(new MemoryStream(Encoding.UTF8.GetBytes(json)));
        plan.Destructive.Select(c => c.Address).ShouldBe(["aws_db_instance.a"]);
        plan.Summary.ShouldBe("0 to create, 0 to change, 2 to replace, 0 to destroy");
        Should.Throw<SecOpsException>(() => TerraformPlan.Parse(new MemoryStream("{}"u8.ToArray()))).Code.ShouldBe(ExitCode.ToolFailed);
    }

    private DeployBackend Backend(AwsClients aws, string? table = null) => new(aws, bucket, table, dryRun: false, said.Add);

    private TerraformTool Terraform() => new(new ProcessRunner(new Redactor()), Parts.Executable("terraform"), folder.Path, said.Add, new Dictionary<string, string?>
    {
        ["AWS_ACCESS_KEY_ID"] = "AKIAIOSFODNN7EXAMPLE",
        ["AWS_SECRET_ACCESS_KEY"] = "not-a-secret-used-on-loopback",
        ["AWS_ENDPOINT_URL_S3"] = Parts.Variable("SECOPS_TEST_AWS"),
        ["AWS_ENDPOINT_URL_STS"] = Parts.Variable("SECOPS_TEST_AWS"),
    });
}
