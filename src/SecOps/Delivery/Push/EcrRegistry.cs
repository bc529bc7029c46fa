using System.Text;
using System.Text.RegularExpressions;
using SecOps.Aws;
using SecOps.Aws.Ecr;
using SecOps.Registry;

namespace SecOps.Delivery.Push;

/// <summary>What only ECR has: a token from the AWS credentials, repositories that must exist, tags that cannot be moved.</summary>
public sealed partial class EcrRegistry(AwsClients aws, string? account) : IRegistryCredentials
{
    /// <summary>The account and region that an ECR host names: <c>123456789012.dkr.ecr.eu-west-1.amazonaws.com</c>, also FIPS and China; null for others.</summary>
    public static (string Account, string Region)? Locate(string registry) =>
        Host().Match(registry) is { Success: true } match ? (match.Groups["account"].Value, match.Groups["region"].Value) : null;

    public async Task<RegistryCredential?> FindAsync(string registry, bool renew, CancellationToken cancellation)
    {
        var response = await aws.Ecr.GetAuthorizationTokenAsync(new GetAuthorizationTokenRequest { RegistryIds = account is null ? [] : [account] }, cancellation);
        var token = response.AuthorizationData.FirstOrDefault()?.AuthorizationToken ?? throw SecOpsException.Tool("ECR answered GetAuthorizationToken without a token.");
        try
        {
            var parts = Encoding.UTF8.GetString(Convert.FromBase64String(token)).Split(':', 2);
            return new RegistryCredential(parts[0], parts[1], "AWS");
        }
        catch (Exception e) when (e is FormatException or IndexOutOfRangeException)
        {
            throw SecOpsException.Tool("ECR answered GetAuthorizationToken with something that is no user and password.");
        }
    }

    /// <summary>Whether the repository's tags cannot be moved; null when there is no such repository.</summary>
    public async Task<bool?> FindMutabilityAsync(string repository, CancellationToken cancellation)
    {
        try
        {
            var response = await aws.Ecr.DescribeRepositoriesAsync(new DescribeRepositoriesRequest { RegistryId = account, RepositoryNames = [repository] }, cancellation);
            return response.Repositories.FirstOrDefault()?.ImageTagMutability?.StartsWith("IMMUTABLE", StringComparison.Ordinal) ?? false;
        }
        catch (AwsException e) when (e.Is("RepositoryNotFoundException"))
        {
            return null;
        }
    }

    public Task<CreateRepositoryResponse> CreateAsync(string repository, CancellationToken cancellation) => aws.Ecr.CreateRepositoryAsync(
        new CreateRepositoryRequest
        {
            RegistryId = account, RepositoryName = repository, ImageTagMutability = "IMMUTABLE",
            ImageScanningConfiguration = new ImageScanningConfiguration { ScanOnPush = true },
        },
        cancellation);

    /// <summary>The digest behind a tag; null when there is none.</summary>
    public async Task<string?> FindDigestAsync(string repository, string tag, CancellationToken cancellation)
    {
        try
        {
            var response = await aws.Ecr.DescribeImagesAsync(
                new DescribeImagesRequest { RegistryId = account, RepositoryName = repository, ImageIds = [new ImageIdentifier { ImageTag = tag }] }, cancellation);
            return response.ImageDetails.FirstOrDefault()?.ImageDigest;
        }
        catch (AwsException e) when (e.Is("ImageNotFoundException"))
        {
            return null;
        }
    }

    [GeneratedRegex(@"^(?<account>[0-9]{12})\.dkr[.-]ecr(-fips)?\.(?<region>[a-z0-9-]+)\.(amazonaws\.(com|com\.cn|eu)|on\.aws)\z")]
    private static partial Regex Host();
}
