using System.Text.Json.Serialization;

namespace SecOps.Aws.Iam;

/// <summary>AWS IAM: roles, read only.</summary>
public sealed class IamClient(AwsSettings settings) : AwsServiceClient(Service, settings, IamJson.Default)
{
    internal static readonly AwsService Service = new("iam", "IAM", "iam", AwsProtocol.Query) { Version = "2010-05-08", Global = true };

    /// <summary><c>AssumeRolePolicyDocument</c> is percent-encoded JSON.</summary>
    public Task<GetRoleResponse> GetRoleAsync(GetRoleRequest request, CancellationToken cancellation) =>
        SendAsync<GetRoleRequest, GetRoleResponse>(request, cancellation);

    public Task<ListAttachedRolePoliciesResponse> ListAttachedRolePoliciesAsync(ListAttachedRolePoliciesRequest request, CancellationToken cancellation) =>
        SendAsync<ListAttachedRolePoliciesRequest, ListAttachedRolePoliciesResponse>(request, cancellation);

    public Task<ListRolePoliciesResponse> ListRolePoliciesAsync(ListRolePoliciesRequest request, CancellationToken cancellation) =>
        SendAsync<ListRolePoliciesRequest, ListRolePoliciesResponse>(request, cancellation);

    public Task<GetRolePolicyResponse> GetRolePolicyAsync(GetRolePolicyRequest request, CancellationToken cancellation) =>
        SendAsync<GetRolePolicyRequest, GetRolePolicyResponse>(request, cancellation);

    public Task<GetPolicyResponse> GetPolicyAsync(GetPolicyRequest request, CancellationToken cancellation) =>
        SendAsync<GetPolicyRequest, GetPolicyResponse>(request, cancellation);

    public Task<GetPolicyVersionResponse> GetPolicyVersionAsync(GetPolicyVersionRequest request, CancellationToken cancellation) =>
        SendAsync<GetPolicyVersionRequest, GetPolicyVersionResponse>(request, cancellation);
}

[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(GetRoleRequest))]
[JsonSerializable(typeof(GetRoleResponse))]
[JsonSerializable(typeof(ListAttachedRolePoliciesRequest))]
[JsonSerializable(typeof(ListAttachedRolePoliciesResponse))]
[JsonSerializable(typeof(ListRolePoliciesRequest))]
[JsonSerializable(typeof(ListRolePoliciesResponse))]
[JsonSerializable(typeof(GetRolePolicyRequest))]
[JsonSerializable(typeof(GetRolePolicyResponse))]
[JsonSerializable(typeof(GetPolicyRequest))]
[JsonSerializable(typeof(GetPolicyResponse))]
[JsonSerializable(typeof(GetPolicyVersionRequest))]
[JsonSerializable(typeof(GetPolicyVersionResponse))]
internal sealed partial class IamJson : JsonSerializerContext;
