namespace SecOps.Remediation.Terraform;

/// <summary>AWS-0031.</summary>
internal sealed class EcrImmutableTags() : AttributeRule(["AWS-0031"], ["aws_ecr_repository"], null, "image_tag_mutability", "\"IMMUTABLE\"", "Let no image tag be moved", "A push of a tag that exists, such as latest, is refused from then on.");

/// <summary>AWS-0030.</summary>
internal sealed class EcrScanOnPush() : AttributeRule(["AWS-0030"], ["aws_ecr_repository"], "image_scanning_configuration", "scan_on_push", "true", "Scan images when they are pushed");

/// <summary>AWS-0028, AWS-0130.</summary>
internal sealed class MetadataTokens() : AttributeRule(["AWS-0028", "AWS-0130"], ["aws_instance", "aws_launch_template", "aws_launch_configuration"], "metadata_options", "http_tokens", "\"required\"", "Require tokens for the instance metadata", "Programs that only speak version 1 of the metadata service no longer get credentials.");

/// <summary>AWS-0065.</summary>
internal sealed class KeyRotation() : AttributeRule(["AWS-0065"], ["aws_kms_key"], null, "enable_key_rotation", "true", "Rotate the key every year");

/// <summary>AWS-0096, AWS-0135.</summary>
internal sealed class QueueEncryption() : AttributeRule(["AWS-0096"], ["aws_sqs_queue"], null, "sqs_managed_sse_enabled", "true", "Encrypt the queue");

/// <summary>AWS-0016.</summary>
internal sealed class LogValidation() : AttributeRule(["AWS-0016"], ["aws_cloudtrail"], null, "enable_log_file_validation", "true", "Make changes of the trail's files evident");

/// <summary>AWS-0024.</summary>
internal sealed class PointInTimeRecovery() : AttributeRule(["AWS-0024"], ["aws_dynamodb_table"], "point_in_time_recovery", "enabled", "true", "Keep the table restorable to any second", "It costs by the table's size.");

/// <summary>AWS-0052.</summary>
internal sealed class DropInvalidHeaders() : AttributeRule(["AWS-0052"], ["aws_lb", "aws_alb"], null, "drop_invalid_header_fields", "true", "Drop header fields that no server should see");

/// <summary>AWS-0180.</summary>
internal sealed class NotPubliclyAccessible() : AttributeRule(["AWS-0180"], ["aws_db_instance", "aws_rds_cluster_instance"], null, "publicly_accessible", "false", "Keep the database off the internet", "Whoever connects from outside the network no longer can.");
