using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace SecOps.Aws.GuardDuty;

// Members under their official names; see https://docs.aws.amazon.com/guardduty/latest/APIReference. What an answer leaves out is null, a list empty.

public sealed class ListDetectorsRequest
{
    public string? NextToken { get; set; }
}

public sealed class ListDetectorsResponse
{
    public List<string> DetectorIds { get; set; } = [];

    public string? NextToken { get; set; }
}

public sealed class GetDetectorRequest
{
    [JsonPropertyName("DetectorId")]
    public string? DetectorId { get; set; }
}

public sealed class GetDetectorResponse
{
    public string? Status { get; set; }
}

public sealed class CreateDetectorRequest
{
    public bool? Enable { get; set; }

    public string? ClientToken { get; set; }
}

public sealed class CreateDetectorResponse
{
    public string? DetectorId { get; set; }
}

public sealed class UpdateDetectorRequest
{
    [JsonPropertyName("DetectorId")]
    public string? DetectorId { get; set; }

    public bool? Enable { get; set; }
}

public sealed class UpdateDetectorResponse;

public sealed class ListFindingsRequest
{
    [JsonPropertyName("DetectorId")]
    public string? DetectorId { get; set; }

    public FindingCriteria? FindingCriteria { get; set; }

    public int? MaxResults { get; set; }

    public string? NextToken { get; set; }
}

public sealed class FindingCriteria
{
    public Dictionary<string, Condition> Criterion { get; set; } = [];
}

public sealed class Condition
{
    public List<string> Eq { get; set; } = [];
}

public sealed class ListFindingsResponse
{
    public List<string> FindingIds { get; set; } = [];

    public string? NextToken { get; set; }
}

public sealed class GetFindingsRequest
{
    [JsonPropertyName("DetectorId")]
    public string? DetectorId { get; set; }

    public List<string> FindingIds { get; set; } = [];
}

public sealed class GetFindingsResponse
{
    public List<JsonObject> Findings { get; set; } = [];
}
