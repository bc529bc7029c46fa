namespace SecOps.Configuration;

/// <summary>The <c>report</c> section: where findings go.</summary>
public sealed record ReportSection
{
    public required GitHubReportSection GitHub { get; init; }

    public required GraylogReportSection Graylog { get; init; }

    public required S3ReportSection S3 { get; init; }

    public required DefectDojoReportSection DefectDojo { get; init; }

    internal static ReportSection Read(YamlMap map) => new()
    {
        GitHub = map.Section("github", "For --to github.", m => new GitHubReportSection(
            m.Text("category", "Prefix of the category in the Security tab; another one for each project of a repository. Default: secops.") ?? "secops")),
        Graylog = map.Section("graylog", "For --to graylog.", m => new GraylogReportSection(
            m.Text("url", "Where GELF is taken: udp://host:12201, tcp://host:12201, tls://host:12201, http://host:12201/gelf or https://…"),
            m.Text("projectKey", "The project's name in the messages. Default: GITHUB_REPOSITORY, else the repository's folder."),
            m.Flag("findings", "A message for each finding, too. Default: false.") ?? false)),
        S3 = map.Section("s3", "For --to s3.", m => new S3ReportSection(
            m.Text("bucket", "The bucket's name."),
            m.Text("prefix", "In front of commit and run. Default: secops.") ?? "secops",
            m.Text("region", "The bucket's region. Default: AWS_REGION."),
            m.Text("kmsKey", "The KMS key that encrypts. Default: the bucket's own keys."))),
        DefectDojo = map.Section("defectdojo", "For --to defectdojo.", m => new DefectDojoReportSection(
            m.Text("url", "The server, e.g. https://defectdojo.example."),
            m.SecretVariable("token", "The API key. Default: env:DEFECTDOJO_TOKEN.") ?? "DEFECTDOJO_TOKEN",
            m.Text("productType", "Default: secops.") ?? "secops",
            m.Text("product", "The product that the findings belong to."),
            m.Text("engagement", "Default: secops.") ?? "secops")),
    };
}

public sealed record GitHubReportSection(string Category);

/// <param name="Findings">A message for each finding, too.</param>
public sealed record GraylogReportSection(string? Url, string? ProjectKey, bool Findings);

public sealed record S3ReportSection(string? Bucket, string Prefix, string? Region, string? KmsKey);

/// <param name="TokenVariable">The environment variable that holds the API key.</param>
public sealed record DefectDojoReportSection(string? Url, string TokenVariable, string ProductType, string? Product, string Engagement);
