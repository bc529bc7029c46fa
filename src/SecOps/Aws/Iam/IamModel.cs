namespace SecOps.Aws.Iam;

// Members under their official names; see https://docs.aws.amazon.com/IAM/latest/APIReference. What an answer leaves out is null, a list empty.

public sealed class GetRoleRequest
{
    public string? RoleName { get; set; }
}

public sealed class GetRoleResponse
{
    public Role? Role { get; set; }
}

public sealed class Role
{
    public string? RoleName { get; set; }

    public string? Arn { get; set; }

    public string? AssumeRolePolicyDocument { get; set; }
}

public sealed class ListAttachedRolePoliciesRequest
{
    public string? RoleName { get; set; }

    public string? Marker { get; set; }
}

public sealed class ListAttachedRolePoliciesResponse
{
    public List<AttachedPolicy> AttachedPolicies { get; set; } = [];

    public bool? IsTruncated { get; set; }

    public string? Marker { get; set; }
}

public sealed class AttachedPolicy
{
    public string? PolicyName { get; set; }

    public string? PolicyArn { get; set; }
}

public sealed class ListRolePoliciesRequest
{
    public string? RoleName { get; set; }

    public string? Marker { get; set; }
}

public sealed class ListRolePoliciesResponse
{
    public List<string> PolicyNames { get; set; } = [];

    public bool? IsTruncated { get; set; }

    public string? Marker { get; set; }
}

public sealed class GetRolePolicyRequest
{
    public string? RoleName { get; set; }

    public string? PolicyName { get; set; }
}

public sealed class GetRolePolicyResponse
{
    public string? PolicyName { get; set; }

    public string? PolicyDocument { get; set; }
}

public sealed class GetPolicyRequest
{
    public string? PolicyArn { get; set; }
}

public sealed class GetPolicyResponse
{
    public Policy? Policy { get; set; }
}

public sealed class Policy
{
    public string? Arn { get; set; }

    public string? DefaultVersionId { get; set; }
}

public sealed class GetPolicyVersionRequest
{
    public string? PolicyArn { get; set; }

    public string? VersionId { get; set; }
}

public sealed class GetPolicyVersionResponse
{
    public PolicyVersion? PolicyVersion { get; set; }
}

public sealed class PolicyVersion
{
    public string? Document { get; set; }
}
