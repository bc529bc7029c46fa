using Amazon;
using Amazon.S3;
using Amazon.S3.Model;

namespace SecOps.Aws.S3;

/// <summary>Amazon S3 by the official client: what we put there is encrypted, and errors read like those of the other services.</summary>
public sealed class S3Storage(AwsSettings settings) : IDisposable
{
    private readonly Lazy<AmazonS3Client> client = new(() => Open(settings));

    /// <summary>The official client, for what has no method here. Its exceptions are the SDK's: call it through <see cref="CallAsync"/>.</summary>
    public AmazonS3Client Client => client.Value;

    /// <summary>Puts an object, encrypted with the KMS key, else with the bucket's own keys (AES256).</summary>
    /// <param name="kmsKeyId">Null: SSE-S3.</param>
    /// <returns>The object's address, <c>s3://bucket/key</c>.</returns>
    /// <exception cref="AwsException">It was refused or failed.</exception>
    public async Task<string> PutAsync(string bucket, string key, Stream content, string contentType, string? kmsKeyId, CancellationToken cancellation)
    {
        await CallAsync("PutObject", c => c.PutObjectAsync(
            new PutObjectRequest
            {
                BucketName = bucket,
                Key = key,
                InputStream = content,
                AutoCloseStream = false,
                ContentType = contentType,
                ServerSideEncryptionMethod = kmsKeyId is null ? ServerSideEncryptionMethod.AES256 : ServerSideEncryptionMethod.AWSKMS,
                ServerSideEncryptionKeyManagementServiceKeyId = kmsKeyId,
            },
            cancellation));
        return $"s3://{bucket}/{key}";
    }

    /// <summary>One call of the official client, with our errors.</summary>
    /// <param name="operation">As IAM names the action, without the prefix.</param>
    /// <exception cref="AwsException">It was refused or failed.</exception>
    public Task<T> CallAsync<T>(string operation, Func<AmazonS3Client, Task<T>> call) => OfficialCall.RunAsync("s3:" + operation, Endpoint(settings), () => call(Client));

    public void Dispose()
    {
        if (client.IsValueCreated)
        {
            client.Value.Dispose();
        }
    }

    private static Uri Endpoint(AwsSettings settings) => AwsService.Override(settings, "S3") ?? new Uri($"https://s3.{settings.Region}.{RegionEndpoint.GetBySystemName(settings.Region).PartitionDnsSuffix}");

    private static AmazonS3Client Open(AwsSettings settings)
    {
        var config = new AmazonS3Config
        {
            RegionEndpoint = RegionEndpoint.GetBySystemName(settings.Region),
            MaxErrorRetry = settings.MaxErrorRetry,
            UseFIPSEndpoint = settings.Flag("AWS_USE_FIPS_ENDPOINT"),
            UseDualstackEndpoint = settings.Flag("AWS_USE_DUALSTACK_ENDPOINT"),
        };
        if (AwsService.Override(settings, "S3") is { } endpoint)
        {
            // An emulator or a store that speaks S3 knows no host name per bucket.
            (config.ServiceURL, config.ForcePathStyle, config.AuthenticationRegion) = (endpoint.AbsoluteUri, true, settings.Region);
        }

        return settings.Credentials is { } credentials ? new AmazonS3Client(credentials, config) : new AmazonS3Client(config);
    }
}
