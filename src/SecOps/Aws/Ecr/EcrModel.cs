using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace SecOps.Aws.Ecr;

// Members under their official names; see https://docs.aws.amazon.com/AmazonECR/latest/APIReference. What an answer leaves out is null, a list empty.

public sealed class GetAuthorizationTokenRequest
{
    public List<string> RegistryIds { get; set; } = [];
}

public sealed class GetAuthorizationTokenResponse
{
    public List<AuthorizationData> AuthorizationData { get; set; } = [];
}

public sealed class AuthorizationData
{
    public string? AuthorizationToken { get; set; }

    public DateTimeOffset? ExpiresAt { get; set; }

    public string? ProxyEndpoint { get; set; }
}

public sealed class ImageIdentifier
{
    public string? ImageDigest { get; set; }

    public string? ImageTag { get; set; }
}

public sealed class DescribeImagesRequest
{
    public string? RegistryId { get; set; }

    public string? RepositoryName { get; set; }

    public List<ImageIdentifier> ImageIds { get; set; } = [];

    public string? NextToken { get; set; }

    public int? MaxResults { get; set; }
}

public sealed class DescribeImagesResponse
{
    public List<ImageDetail> ImageDetails { get; set; } = [];

    public string? NextToken { get; set; }
}

public sealed class ImageDetail
{
    public string? RegistryId { get; set; }

    public string? RepositoryName { get; set; }

    public string? ImageDigest { get; set; }

    public List<string> ImageTags { get; set; } = [];

    public long? ImageSizeInBytes { get; set; }

    public DateTimeOffset? ImagePushedAt { get; set; }

    public ImageScanStatus? ImageScanStatus { get; set; }

    public ImageScanFindingsSummary? ImageScanFindingsSummary { get; set; }

    public string? ImageManifestMediaType { get; set; }

    public string? ArtifactMediaType { get; set; }
}

public sealed class ImageScanStatus
{
    public string? Status { get; set; }

    public string? Description { get; set; }
}

public sealed class ImageScanFindingsSummary
{
    public DateTimeOffset? ImageScanCompletedAt { get; set; }

    public Dictionary<string, int> FindingSeverityCounts { get; set; } = [];
}

public sealed class DescribeRepositoriesRequest
{
    public string? RegistryId { get; set; }

    public List<string> RepositoryNames { get; set; } = [];

    public string? NextToken { get; set; }

    public int? MaxResults { get; set; }
}

public sealed class DescribeRepositoriesResponse
{
    public List<Repository> Repositories { get; set; } = [];

    public string? NextToken { get; set; }
}

public sealed class Repository
{
    public string? RepositoryArn { get; set; }

    public string? RegistryId { get; set; }

    public string? RepositoryName { get; set; }

    public string? RepositoryUri { get; set; }

    public string? ImageTagMutability { get; set; }

    public ImageScanningConfiguration? ImageScanningConfiguration { get; set; }

    public EncryptionConfiguration? EncryptionConfiguration { get; set; }
}

public sealed class ImageScanningConfiguration
{
    public bool? ScanOnPush { get; set; }
}

public sealed class EncryptionConfiguration
{
    public string? EncryptionType { get; set; }

    public string? KmsKey { get; set; }
}

public sealed class Tag
{
    [JsonPropertyName("Key")]
    public string? Key { get; set; }

    [JsonPropertyName("Value")]
    public string? Value { get; set; }
}

public sealed class CreateRepositoryRequest
{
    public string? RegistryId { get; set; }

    public string? RepositoryName { get; set; }

    public List<Tag> Tags { get; set; } = [];

    public string? ImageTagMutability { get; set; }

    public ImageScanningConfiguration? ImageScanningConfiguration { get; set; }

    public EncryptionConfiguration? EncryptionConfiguration { get; set; }
}

public sealed class CreateRepositoryResponse
{
    public Repository? Repository { get; set; }
}

public sealed class BatchGetImageRequest
{
    public string? RegistryId { get; set; }

    public string? RepositoryName { get; set; }

    public List<ImageIdentifier> ImageIds { get; set; } = [];

    public List<string> AcceptedMediaTypes { get; set; } = [];
}

public sealed class BatchGetImageResponse
{
    public List<Image> Images { get; set; } = [];

    public List<ImageFailure> Failures { get; set; } = [];
}

public sealed class Image
{
    public string? RegistryId { get; set; }

    public string? RepositoryName { get; set; }

    public ImageIdentifier? ImageId { get; set; }

    public string? ImageManifest { get; set; }

    public string? ImageManifestMediaType { get; set; }
}

public sealed class ImageFailure
{
    public ImageIdentifier? ImageId { get; set; }

    public string? FailureCode { get; set; }

    public string? FailureReason { get; set; }
}

public sealed class GetDownloadUrlForLayerRequest
{
    public string? RegistryId { get; set; }

    public string? RepositoryName { get; set; }

    public string? LayerDigest { get; set; }
}

public sealed class GetDownloadUrlForLayerResponse
{
    public string? DownloadUrl { get; set; }

    public string? LayerDigest { get; set; }
}

public sealed class StartImageScanRequest
{
    public string? RegistryId { get; set; }

    public string? RepositoryName { get; set; }

    public ImageIdentifier? ImageId { get; set; }
}

public sealed class StartImageScanResponse
{
    public ImageIdentifier? ImageId { get; set; }

    public ImageScanStatus? ImageScanStatus { get; set; }
}

public sealed class DescribeImageScanFindingsRequest
{
    public string? RegistryId { get; set; }

    public string? RepositoryName { get; set; }

    public ImageIdentifier? ImageId { get; set; }

    public string? NextToken { get; set; }

    public int? MaxResults { get; set; }
}

public sealed class DescribeImageScanFindingsResponse
{
    public string? RegistryId { get; set; }

    public string? RepositoryName { get; set; }

    public ImageIdentifier? ImageId { get; set; }

    public ImageScanStatus? ImageScanStatus { get; set; }

    public JsonObject? ImageScanFindings { get; set; }

    public string? NextToken { get; set; }
}
