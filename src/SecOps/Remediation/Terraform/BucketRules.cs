namespace SecOps.Remediation.Terraform;

/// <summary>A resource of its own beside the bucket, right after it.</summary>
internal abstract class BucketCompanion(string[] ruleIds, string type) : TerraformRule(ruleIds, ["aws_s3_bucket"])
{
    protected abstract string Body(string indent, string end);

    protected override string? Fix(HclSource source, HclBlock resource, List<TextEdit> edits)
    {
        var name = resource.Labels[1];
        if (source.Blocks.Any(b => b.Labels.Count == 2 && b.Labels[0] == type && (b.Labels[1] == name || (b.Attribute("bucket") is { } a && source.ValueOf(a).Contains($"aws_s3_bucket.{name}.", StringComparison.Ordinal)))))
        {
            return $"a {type} for the bucket is there and says otherwise";
        }

        if (resource.Attribute("count") is not null || resource.Attribute("for_each") is not null)
        {
            return "there are several of the bucket: each needs its own";
        }

        var end = source.LineEnd;
        var after = resource.Close + 1;
        edits.Add(new TextEdit(after, after, $"{end}{end}resource \"{type}\" \"{name}\" {{{end}  bucket = aws_s3_bucket.{name}.id{end}{end}{Body("  ", end)}}}"));
        return null;
    }
}

/// <summary>AWS-0086, 0087, 0091, 0093, 0094.</summary>
internal sealed class BucketPublicAccess() : BucketCompanion(["AWS-0086", "AWS-0087", "AWS-0091", "AWS-0093", "AWS-0094"], "aws_s3_bucket_public_access_block")
{
    protected override string Summary => "Block public access to the bucket";

    protected override string Risk => "A website or download served right from the bucket stops.";

    protected override string Body(string indent, string end) =>
        string.Concat(new[] { "block_public_acls       = true", "block_public_policy     = true", "ignore_public_acls      = true", "restrict_public_buckets = true" }.Select(l => indent + l + end));
}

/// <summary>AWS-0090.</summary>
internal sealed class BucketVersioning() : BucketCompanion(["AWS-0090"], "aws_s3_bucket_versioning")
{
    protected override string Summary => "Keep versions of the bucket's objects";

    protected override string Risk => "Old versions cost until a lifecycle rule removes them.";

    protected override string Body(string indent, string end) => $"{indent}versioning_configuration {{{end}{indent}  status = \"Enabled\"{end}{indent}}}{end}";
}
