using System.Text.Json.Nodes;

namespace SecOps.Delivery.Permissions;

/// <summary>The least privilege that the stages need, as an IAM policy; one statement for each stage and kind of resource.</summary>
public static class LeastPrivilege
{
    /// <param name="account">Twelve digits, or <c>*</c>.</param>
    public static string Policy(PolicyScope scope, string partition, string region, string account)
    {
        string Arn(string service, string resource, bool regional = true) => $"arn:{partition}:{service}:{(regional ? region : "")}:{account}:{resource}";
        var statements = new JsonArray();
        void Allow(string id, string actions, params string[] resources) => statements.Add((JsonNode)new JsonObject
        {
            ["Sid"] = id,
            ["Effect"] = "Allow",
            ["Action"] = new JsonArray([.. actions.Split(' ').Select(a => JsonValue.Create(a))]),
            ["Resource"] = new JsonArray([.. resources.Select(r => JsonValue.Create(r))]),
        });
        if (scope.Ecr)
        {
            var repository = Arn("ecr", "repository/" + (scope.Repository ?? "*"));
            Allow("EcrLogin", "ecr:GetAuthorizationToken", "*");
            Allow("EcrPush", "ecr:BatchCheckLayerAvailability ecr:InitiateLayerUpload ecr:UploadLayerPart ecr:CompleteLayerUpload ecr:PutImage ecr:BatchGetImage ecr:GetDownloadUrlForLayer ecr:DescribeImages ecr:DescribeRepositories ecr:ListImageReferrers ecr:DescribeImageScanFindings ecr:StartImageScan" + (scope.CreateRepository ? " ecr:CreateRepository" : ""), repository);
        }

        if (scope.Ecs)
        {
            Allow("EcsService", "ecs:DescribeServices ecs:UpdateService ecs:StopServiceDeployment ecs:ListServiceDeployments ecs:DescribeServiceDeployments ecs:DescribeServiceRevisions", Arn("ecs", $"service/{scope.Cluster ?? "*"}/{scope.Service ?? "*"}"), Arn("ecs", $"service-deployment/{scope.Cluster ?? "*"}/{scope.Service ?? "*"}/*"), Arn("ecs", $"service-revision/{scope.Cluster ?? "*"}/{scope.Service ?? "*"}/*"));
            Allow("EcsTasks", "ecs:ListTasks ecs:DescribeTasks ecs:RegisterTaskDefinition ecs:DescribeTaskDefinition ecs:TagResource", "*");
            Allow("Roles", "iam:GetRole iam:ListRolePolicies iam:GetRolePolicy iam:ListAttachedRolePolicies iam:GetPolicy iam:GetPolicyVersion", "*");
            statements.Add((JsonNode)new JsonObject
            {
                ["Sid"] = "PassRoles",
                ["Effect"] = "Allow",
                ["Action"] = "iam:PassRole",
                ["Resource"] = new JsonArray([.. (scope.Roles.Count > 0 ? scope.Roles : [Arn("iam", "role/*", regional: false)]).Select(r => JsonValue.Create(r))]),
                ["Condition"] = new JsonObject { ["StringEquals"] = new JsonObject { ["iam:PassedToService"] = "ecs-tasks.amazonaws.com" } },
            });
            Allow("Diagnose", "elasticloadbalancing:DescribeLoadBalancers elasticloadbalancing:DescribeListeners elasticloadbalancing:DescribeRules elasticloadbalancing:DescribeTargetGroups elasticloadbalancing:DescribeTargetHealth ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeRouteTables ec2:DescribeVpcEndpoints ec2:DescribeNetworkAcls ec2:DescribeNatGateways logs:DescribeLogGroups logs:GetLogEvents", "*");
        }

        if (scope.StateBucket is { } bucket)
        {
            var objects = $"arn:{partition}:s3:::{bucket}";
            Allow("StateBucket", "s3:CreateBucket s3:ListBucket s3:GetBucketVersioning s3:PutBucketVersioning s3:GetEncryptionConfiguration s3:PutEncryptionConfiguration s3:GetBucketPublicAccessBlock s3:PutBucketPublicAccessBlock s3:GetBucketPolicy s3:PutBucketPolicy", objects);
            Allow("State", "s3:GetObject s3:PutObject", $"{objects}/{scope.StateKey ?? "terraform.tfstate"}");
            Allow("StateLock", "s3:GetObject s3:PutObject s3:DeleteObject", $"{objects}/{scope.StateKey ?? "terraform.tfstate"}.tflock");
        }

        if (scope.LockTable is { } table)
        {
            Allow("LockTable", "dynamodb:DescribeTable dynamodb:CreateTable dynamodb:GetItem dynamodb:PutItem dynamodb:DeleteItem", Arn("dynamodb", "table/" + table));
        }

        if (scope.SigningKey is { } key)
        {
            // An alias stands for a key that only AWS can name.
            Allow("AttestationKey", "kms:GetPublicKey kms:Sign", key.StartsWith("arn:", StringComparison.Ordinal) ? key : Arn("kms", key.StartsWith("alias/", StringComparison.Ordinal) ? "key/*" : "key/" + key));
        }

        if (scope.Model)
        {
            Allow("Model", "bedrock:InvokeModel", $"arn:{partition}:bedrock:*::foundation-model/*", Arn("bedrock", "inference-profile/*"));
        }

        if (scope.Uploads.Count > 0)
        {
            Allow("Uploads", "s3:PutObject", [.. scope.Uploads.Select(b => $"arn:{partition}:s3:::{b}/*")]);
        }

        if (scope.Protect)
        {
            Allow("Waf", "wafv2:ListWebACLs wafv2:GetWebACL wafv2:CreateWebACL wafv2:UpdateWebACL wafv2:CheckCapacity wafv2:AssociateWebACL wafv2:GetWebACLForResource elasticloadbalancing:SetWebACL", "*");
            Allow("GuardDuty", "guardduty:ListDetectors guardduty:GetDetector guardduty:CreateDetector guardduty:UpdateDetector iam:CreateServiceLinkedRole", "*");
            Allow("Inspector", "inspector2:BatchGetAccountStatus inspector2:Enable", "*");
        }

        Allow("Findings", "inspector2:ListFindings inspector2:ListCoverage guardduty:ListDetectors guardduty:ListFindings guardduty:GetFindings", "*");
        return new JsonObject { ["Version"] = "2012-10-17", ["Statement"] = statements }.ToJsonString(new System.Text.Json.JsonSerializerOptions { WriteIndented = true });
    }
}

/// <summary>What a configuration uses of AWS.</summary>
public sealed record PolicyScope
{
    public bool Ecr { get; init; }

    public string? Repository { get; init; }

    public bool CreateRepository { get; init; }

    public bool Ecs { get; init; }

    public string? Cluster { get; init; }

    public string? Service { get; init; }

    public IReadOnlyList<string> Roles { get; init; } = [];

    public string? StateBucket { get; init; }

    public string? StateKey { get; init; }

    public string? LockTable { get; init; }

    /// <summary>The KMS key that signs attestations: id, alias or ARN; null: none does.</summary>
    public string? SigningKey { get; init; }

    /// <summary>Whether a model of Bedrock proposes fixes.</summary>
    public bool Model { get; init; }

    /// <summary>The buckets that reports and archives of the code go to.</summary>
    public IReadOnlyList<string> Uploads { get; init; } = [];

    public bool Protect { get; init; }
}
