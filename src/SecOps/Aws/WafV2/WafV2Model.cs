using System.Text.Json.Nodes;

namespace SecOps.Aws.WafV2;

// Members under their official names; see https://docs.aws.amazon.com/waf/latest/APIReference. What an answer leaves out is null, a list empty.

public sealed class ListWebACLsRequest
{
    public string? Scope { get; set; }

    public string? NextMarker { get; set; }

    public int? Limit { get; set; }
}

public sealed class ListWebACLsResponse
{
    public string? NextMarker { get; set; }

    public List<WebACLSummary> WebACLs { get; set; } = [];
}

public sealed class WebACLSummary
{
    public string? Name { get; set; }

    public string? Id { get; set; }

    public string? ARN { get; set; }

    public string? LockToken { get; set; }
}

public sealed class GetWebACLRequest
{
    public string? Name { get; set; }

    public string? Scope { get; set; }

    public string? Id { get; set; }
}

public sealed class GetWebACLResponse
{
    public JsonObject? WebACL { get; set; }

    public string? LockToken { get; set; }
}

public sealed class CreateWebACLRequest
{
    public string? Name { get; set; }

    public string? Scope { get; set; }

    public JsonObject? DefaultAction { get; set; }

    public string? Description { get; set; }

    public List<JsonObject> Rules { get; set; } = [];

    public JsonObject? VisibilityConfig { get; set; }
}

public sealed class CreateWebACLResponse
{
    public WebACLSummary? Summary { get; set; }
}

public sealed class UpdateWebACLRequest
{
    public string? Name { get; set; }

    public string? Scope { get; set; }

    public string? Id { get; set; }

    public JsonObject? DefaultAction { get; set; }

    public string? Description { get; set; }

    public List<JsonObject> Rules { get; set; } = [];

    public JsonObject? VisibilityConfig { get; set; }

    public string? LockToken { get; set; }

    public JsonObject? CustomResponseBodies { get; set; }

    public JsonObject? CaptchaConfig { get; set; }

    public JsonObject? ChallengeConfig { get; set; }

    public List<string> TokenDomains { get; set; } = [];

    public JsonObject? AssociationConfig { get; set; }

    public JsonObject? DataProtectionConfig { get; set; }

    public JsonObject? OnSourceDDoSProtectionConfig { get; set; }

    public JsonObject? ApplicationConfig { get; set; }
}

public sealed class UpdateWebACLResponse
{
    public string? NextLockToken { get; set; }
}

public sealed class CheckCapacityRequest
{
    public string? Scope { get; set; }

    public List<JsonObject> Rules { get; set; } = [];
}

public sealed class CheckCapacityResponse
{
    public long? Capacity { get; set; }
}

public sealed class AssociateWebACLRequest
{
    public string? WebACLArn { get; set; }

    public string? ResourceArn { get; set; }
}

public sealed class AssociateWebACLResponse;

public sealed class GetWebACLForResourceRequest
{
    public string? ResourceArn { get; set; }
}

public sealed class GetWebACLForResourceResponse
{
    public JsonObject? WebACL { get; set; }
}
