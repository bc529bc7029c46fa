using System.Text.Json.Nodes;

namespace SecOps.Aws.Inspector2;

// Members under their official names; see https://docs.aws.amazon.com/inspector/v2/APIReference. What an answer leaves out is null, a list empty.

public sealed class BatchGetAccountStatusRequest
{
    public List<string> AccountIds { get; set; } = [];
}

public sealed class BatchGetAccountStatusResponse
{
    public List<AccountState> Accounts { get; set; } = [];

    public List<FailedAccount> FailedAccounts { get; set; } = [];
}

public sealed class AccountState
{
    public string? AccountId { get; set; }

    public State? State { get; set; }

    public ResourceState? ResourceState { get; set; }
}

public sealed class State
{
    public string? Status { get; set; }

    public string? ErrorCode { get; set; }

    public string? ErrorMessage { get; set; }
}

public sealed class ResourceState
{
    public State? Ecr { get; set; }
}

public sealed class FailedAccount
{
    public string? AccountId { get; set; }

    public string? ErrorCode { get; set; }

    public string? ErrorMessage { get; set; }
}

public sealed class EnableRequest
{
    public List<string> AccountIds { get; set; } = [];

    public List<string> ResourceTypes { get; set; } = [];

    public string? ClientToken { get; set; }
}

public sealed class EnableResponse
{
    public List<Account> Accounts { get; set; } = [];

    public List<FailedAccount> FailedAccounts { get; set; } = [];
}

public sealed class Account
{
    public string? AccountId { get; set; }

    public string? Status { get; set; }
}

public sealed class ListCoverageRequest
{
    public string? NextToken { get; set; }

    public int? MaxResults { get; set; }
}

public sealed class ListCoverageResponse
{
    public List<CoveredResource> CoveredResources { get; set; } = [];

    public string? NextToken { get; set; }
}

public sealed class CoveredResource
{
    public string? ResourceType { get; set; }

    public string? ResourceId { get; set; }

    public ScanStatus? ScanStatus { get; set; }
}

public sealed class ScanStatus
{
    public string? StatusCode { get; set; }

    public string? Reason { get; set; }
}

public sealed class ListFindingsRequest
{
    public string? NextToken { get; set; }

    public int? MaxResults { get; set; }
}

public sealed class ListFindingsResponse
{
    public List<JsonObject> Findings { get; set; } = [];

    public string? NextToken { get; set; }
}
