using System.Globalization;
using System.Text.Json;

namespace SecOps.Terraform;

/// <summary>What a plan would do, as <c>terraform show -json</c> tells (https://developer.hashicorp.com/terraform/internals/json-format).</summary>
public sealed record TerraformPlan(IReadOnlyList<PlannedChange> Changes)
{
    // What holds data that can't be made again.
    private static readonly string[] Stateful =
    [
        "aws_db_", "aws_rds_", "aws_dynamodb_table", "aws_s3_bucket", "aws_efs_", "aws_ebs_volume", "aws_elasticache_", "aws_memorydb_", "aws_opensearch_", "aws_elasticsearch_",
        "aws_kms_key", "aws_secretsmanager_secret", "aws_ssm_parameter", "aws_cognito_user_pool", "aws_ecr_repository", "aws_kinesis_", "aws_sqs_queue", "aws_msk_", "aws_mq_",
        "aws_docdb_", "aws_neptune_", "aws_redshift_", "aws_fsx_", "aws_backup_", "aws_cloudwatch_log_group", "aws_route53_zone",
    ];

    public int Count(PlannedAction action) => Changes.Count(c => c.Action == action);

    /// <summary>What needs to be allowed: every resource that goes away, and every stateful one that is replaced.</summary>
    public IReadOnlyList<PlannedChange> Destructive =>
        [.. Changes.Where(c => c.Action == PlannedAction.Delete || (c.Action == PlannedAction.Replace && Stateful.Any(s => c.Type.StartsWith(s, StringComparison.Ordinal))))];

    public string Summary => Changes.Count == 0 ? "no changes" : string.Create(
        CultureInfo.InvariantCulture,
        $"{Count(PlannedAction.Create)} to create, {Count(PlannedAction.Update)} to change, {Count(PlannedAction.Replace)} to replace, {Count(PlannedAction.Delete)} to destroy");

    /// <exception cref="SecOpsException">Not a plan (exit code 4).</exception>
    public static TerraformPlan Parse(Stream json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            if (!root.TryGetProperty("format_version", out _))
            {
                throw SecOpsException.Tool("terraform show -json gave no plan.");
            }

            return new TerraformPlan(root.TryGetProperty("resource_changes", out var changes) ? [.. changes.EnumerateArray().Select(Change).OfType<PlannedChange>()] : []);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw SecOpsException.Tool($"the plan cannot be read: {e.Message}", e);
        }
    }

    private static PlannedChange? Change(JsonElement change)
    {
        var actions = change.GetProperty("change").GetProperty("actions").EnumerateArray().Select(a => a.GetString()).ToList();
        PlannedAction? action = (actions.Contains("create"), actions.Contains("delete"), actions.Contains("update")) switch
        {
            (true, true, _) => PlannedAction.Replace,
            (true, false, _) => PlannedAction.Create,
            (false, true, _) => PlannedAction.Delete,
            (_, _, true) => PlannedAction.Update,
            _ => null,
        };
        return action is { } known ? new PlannedChange(change.GetProperty("address").GetString() ?? "", change.GetProperty("type").GetString() ?? "", known) : null;
    }
}

public enum PlannedAction { Create, Update, Replace, Delete }

/// <param name="Address">E.g. <c>module.db.aws_db_instance.main</c>.</param>
public sealed record PlannedChange(string Address, string Type, PlannedAction Action);
