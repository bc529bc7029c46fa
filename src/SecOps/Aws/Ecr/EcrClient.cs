using System.Text.Json.Serialization;

namespace SecOps.Aws.Ecr;

/// <summary>Amazon ECR: repositories, images, scan findings, the registry's token.</summary>
public sealed class EcrClient(AwsSettings settings) : AwsServiceClient(Service, settings, EcrJson.Default)
{
    internal static readonly AwsService Service = new("ecr", "ECR", "api.ecr", AwsProtocol.Json)
    {
        Target = "AmazonEC2ContainerRegistry_V20150921", CamelCase = true, OtherHost = "ecr",
    };

    /// <summary>A user name and password for the registry, base64 of <c>AWS:password</c>; good for twelve hours. A secret.</summary>
    public Task<GetAuthorizationTokenResponse> GetAuthorizationTokenAsync(GetAuthorizationTokenRequest request, CancellationToken cancellation) =>
        SendAsync<GetAuthorizationTokenRequest, GetAuthorizationTokenResponse>(request, cancellation);

    public Task<DescribeImagesResponse> DescribeImagesAsync(DescribeImagesRequest request, CancellationToken cancellation) =>
        SendAsync<DescribeImagesRequest, DescribeImagesResponse>(request, cancellation);

    public Task<DescribeRepositoriesResponse> DescribeRepositoriesAsync(DescribeRepositoriesRequest request, CancellationToken cancellation) =>
        SendAsync<DescribeRepositoriesRequest, DescribeRepositoriesResponse>(request, cancellation);

    public Task<CreateRepositoryResponse> CreateRepositoryAsync(CreateRepositoryRequest request, CancellationToken cancellation) =>
        SendAsync<CreateRepositoryRequest, CreateRepositoryResponse>(request, cancellation);

    public Task<BatchGetImageResponse> BatchGetImageAsync(BatchGetImageRequest request, CancellationToken cancellation) =>
        SendAsync<BatchGetImageRequest, BatchGetImageResponse>(request, cancellation);

    public Task<GetDownloadUrlForLayerResponse> GetDownloadUrlForLayerAsync(GetDownloadUrlForLayerRequest request, CancellationToken cancellation) =>
        SendAsync<GetDownloadUrlForLayerRequest, GetDownloadUrlForLayerResponse>(request, cancellation);

    public Task<StartImageScanResponse> StartImageScanAsync(StartImageScanRequest request, CancellationToken cancellation) =>
        SendAsync<StartImageScanRequest, StartImageScanResponse>(request, cancellation);

    /// <summary>One page. The findings stay as AWS writes them, for the report readers.</summary>
    public Task<DescribeImageScanFindingsResponse> DescribeImageScanFindingsAsync(DescribeImageScanFindingsRequest request, CancellationToken cancellation) =>
        SendAsync<DescribeImageScanFindingsRequest, DescribeImageScanFindingsResponse>(request, cancellation);
}

[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(GetAuthorizationTokenRequest))]
[JsonSerializable(typeof(GetAuthorizationTokenResponse))]
[JsonSerializable(typeof(DescribeImagesRequest))]
[JsonSerializable(typeof(DescribeImagesResponse))]
[JsonSerializable(typeof(DescribeRepositoriesRequest))]
[JsonSerializable(typeof(DescribeRepositoriesResponse))]
[JsonSerializable(typeof(CreateRepositoryRequest))]
[JsonSerializable(typeof(CreateRepositoryResponse))]
[JsonSerializable(typeof(BatchGetImageRequest))]
[JsonSerializable(typeof(BatchGetImageResponse))]
[JsonSerializable(typeof(GetDownloadUrlForLayerRequest))]
[JsonSerializable(typeof(GetDownloadUrlForLayerResponse))]
[JsonSerializable(typeof(StartImageScanRequest))]
[JsonSerializable(typeof(StartImageScanResponse))]
[JsonSerializable(typeof(DescribeImageScanFindingsRequest))]
[JsonSerializable(typeof(DescribeImageScanFindingsResponse))]
internal sealed partial class EcrJson : JsonSerializerContext;
