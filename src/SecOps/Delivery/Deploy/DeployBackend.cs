using System.Text.Json.Nodes;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.S3;
using Amazon.S3.Model;
using SecOps.Aws;

namespace SecOps.Delivery.Deploy;

/// <summary>
/// The bucket and lock of Terraform's state: made when missing (versioned, encrypted, closed to the public, TLS alone);
/// what exists is looked at and never changed, unless it is our own bucket, still empty, from a run that was cut short.
/// </summary>
/// <remarks>Over a plain HTTP endpoint the policy is left out.</remarks>
/// <param name="dryRun">Say what would be made, and make nothing.</param>
public sealed class DeployBackend(AwsClients aws, string bucket, string? lockTable, bool dryRun, Action<string> say)
{
    /// <returns>False: something is missing still, because this is a dry run.</returns>
    /// <exception cref="AwsException">Refused or failed.</exception>
    public async Task<bool> EnsureAsync(CancellationToken cancellation)
    {
        var objects = await TryAsync("ListBucket", c => c.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket, MaxKeys = 1 }, cancellation), "NoSuchBucket");
        var ready = objects is not null || await MakeBucketAsync(cancellation);
        if (ready)
        {
            await SettingsAsync(mayChange: objects is null || objects.KeyCount is null or 0, cancellation);
        }

        return (lockTable is null || await TableAsync(lockTable, cancellation)) && ready;
    }

    private async Task<bool> MakeBucketAsync(CancellationToken cancellation)
    {
        say($"bucket {bucket}: missing, {(dryRun ? "would be made" : "making it")} in {aws.Region}");
        if (dryRun)
        {
            return false;
        }

        await aws.S3.CallAsync("CreateBucket", c => c.PutBucketAsync(new PutBucketRequest { BucketName = bucket, UseClientRegion = aws.Region != "us-east-1" }, cancellation));
        return true;
    }

    private async Task SettingsAsync(bool mayChange, CancellationToken cancellation)
    {
        var versioning = await aws.S3.CallAsync("GetBucketVersioning", c => c.GetBucketVersioningAsync(new GetBucketVersioningRequest { BucketName = bucket }, cancellation));
        await SetAsync(versioning.VersioningConfig?.Status == VersionStatus.Enabled, "versioned", mayChange, "PutBucketVersioning", c => c.PutBucketVersioningAsync(
            new PutBucketVersioningRequest { BucketName = bucket, VersioningConfig = new S3BucketVersioningConfig { Status = VersionStatus.Enabled } }, cancellation));
        var encryption = await TryAsync("GetEncryptionConfiguration", c => c.GetBucketEncryptionAsync(new GetBucketEncryptionRequest { BucketName = bucket }, cancellation), "ServerSideEncryptionConfigurationNotFoundError");
        await SetAsync(encryption?.ServerSideEncryptionConfiguration?.ServerSideEncryptionRules is { Count: > 0 }, "encrypted", mayChange, "PutEncryptionConfiguration", c => c.PutBucketEncryptionAsync(
            new PutBucketEncryptionRequest
            {
                BucketName = bucket,
                ServerSideEncryptionConfiguration = new ServerSideEncryptionConfiguration { ServerSideEncryptionRules = [new ServerSideEncryptionRule { ServerSideEncryptionByDefault = new ServerSideEncryptionByDefault { ServerSideEncryptionAlgorithm = ServerSideEncryptionMethod.AES256 } }] },
            },
            cancellation));
        var access = await TryAsync("GetBucketPublicAccessBlock", c => c.GetPublicAccessBlockAsync(new GetPublicAccessBlockRequest { BucketName = bucket }, cancellation), "NoSuchPublicAccessBlockConfiguration");
        var block = access?.PublicAccessBlockConfiguration;
        await SetAsync(block is { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true }, "closed to the public", mayChange, "PutBucketPublicAccessBlock", c => c.PutPublicAccessBlockAsync(
            new PutPublicAccessBlockRequest { BucketName = bucket, PublicAccessBlockConfiguration = new PublicAccessBlockConfiguration { BlockPublicAcls = true, BlockPublicPolicy = true, IgnorePublicAcls = true, RestrictPublicBuckets = true } }, cancellation));
        if (AwsService.Override(aws.Settings, "S3") is { Scheme: "http" })
        {
            // An emulator without TLS: the policy would lock everybody out.
            return;
        }

        var policy = await TryAsync("GetBucketPolicy", c => c.GetBucketPolicyAsync(new GetBucketPolicyRequest { BucketName = bucket }, cancellation), "NoSuchBucketPolicy");
        await SetAsync(policy?.Policy?.Contains("aws:SecureTransport", StringComparison.Ordinal) == true, "TLS alone", mayChange, "PutBucketPolicy", c => c.PutBucketPolicyAsync(
            new PutBucketPolicyRequest { BucketName = bucket, Policy = TlsAlone(bucket, aws.Region) }, cancellation));
    }

    private async Task SetAsync<T>(bool good, string what, bool mayChange, string operation, Func<AmazonS3Client, Task<T>> set)
    {
        if (good)
        {
            return;
        }

        if (!mayChange || dryRun)
        {
            say(mayChange ? $"bucket {bucket}: would be made {what}" : $"bucket {bucket}: exists and is not {what}; it is left as it is. Set that yourself.");
            return;
        }

        await aws.S3.CallAsync(operation, set);
        say($"bucket {bucket}: {what}");
    }

    internal static string TlsAlone(string bucket, string region)
    {
        var partition = Amazon.RegionEndpoint.GetBySystemName(region).PartitionName;
        return new JsonObject
        {
            ["Version"] = "2012-10-17",
            ["Statement"] = new JsonArray(new JsonObject
            {
                ["Sid"] = "TlsAlone",
                ["Effect"] = "Deny",
                ["Principal"] = "*",
                ["Action"] = "s3:*",
                ["Resource"] = new JsonArray($"arn:{partition}:s3:::{bucket}", $"arn:{partition}:s3:::{bucket}/*"),
                ["Condition"] = new JsonObject { ["Bool"] = new JsonObject { ["aws:SecureTransport"] = "false" } },
            }),
        }.ToJsonString();
    }

    private async Task<bool> TableAsync(string table, CancellationToken cancellation)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                var status = (await aws.DynamoDbAsync("DescribeTable", c => c.DescribeTableAsync(new DescribeTableRequest { TableName = table }, cancellation))).Table.TableStatus;
                if (status != TableStatus.CREATING || attempt > 60)
                {
                    return true;
                }

                await Task.Delay(TimeSpan.FromSeconds(2), cancellation);
            }
            catch (AwsException e) when (e.Is("ResourceNotFound"))
            {
                say($"table {table}: missing, {(dryRun ? "would be made" : "making it")}");
                if (dryRun)
                {
                    return false;
                }

                await aws.DynamoDbAsync("CreateTable", c => c.CreateTableAsync(
                    new CreateTableRequest
                    {
                        TableName = table,
                        BillingMode = BillingMode.PAY_PER_REQUEST,
                        // The key that Terraform's S3 backend uses.
                        AttributeDefinitions = [new AttributeDefinition("LockID", ScalarAttributeType.S)],
                        KeySchema = [new KeySchemaElement("LockID", KeyType.HASH)],
                    },
                    cancellation));
            }
        }
    }

    /// <summary>Null when the answer is that there is none.</summary>
    private async Task<T?> TryAsync<T>(string operation, Func<AmazonS3Client, Task<T>> call, string none)
        where T : class
    {
        try
        {
            return await aws.S3.CallAsync(operation, call);
        }
        catch (AwsException e) when (e.Is(none))
        {
            return null;
        }
    }
}
