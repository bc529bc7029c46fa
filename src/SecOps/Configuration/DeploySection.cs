namespace SecOps.Configuration;

/// <summary>The <c>deploy</c> section; the command line wins.</summary>
public sealed record DeploySection
{
    /// <summary>What <c>secops deploy</c> does without a word.</summary>
    public IReadOnlyList<string> Targets { get; init; } = [];

    public string? Region { get; init; }

    public string? Cluster { get; init; }

    public string? Service { get; init; }

    public string? Container { get; init; }

    /// <summary>A file; null: the running one.</summary>
    public string? TaskDefinition { get; init; }

    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(30);

    public bool RequireAttestation { get; init; } = true;

    /// <summary>A file, or <c>env:NAME</c>.</summary>
    public string? PublicKey { get; init; }

    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(30);

    public required TerraformSection Terraform { get; init; }

    public required ProtectSection Protect { get; init; }

    internal static DeploySection Read(YamlMap map) => new()
    {
        Targets = map.List("targets", "What \"secops deploy\" does without a word, in this order.", ["terraform", "ecs", "protect"]) ?? [],
        Region = map.Text("region", "The AWS region. Default: AWS_REGION, or the profile's."),
        Cluster = map.Text("cluster", "The ECS cluster."),
        Service = map.Text("service", "The ECS service."),
        Container = map.Text("container", "The container that gets the image. Default: the one that runs this repository, or the only one."),
        TaskDefinition = map.Text("taskDefinition", "A task definition in a JSON file. Default: the running one, with the image replaced."),
        Timeout = map.Duration("timeout", "How long a rollout may take before it is rolled back. Default: 30m.") ?? TimeSpan.FromMinutes(30),
        RequireAttestation = map.Flag("requireAttestation", "Deploy only images with a signed verdict of the gate. Default: true.") ?? true,
        PublicKey = map.Text("publicKey", "The public key to verify attestations with: a file, or env:NAME. Default: env:SECOPS_ATTEST_PUBLIC_KEY, then env:SECOPS_ATTEST_KEY."),
        MaxAge = map.Duration("maxAge", "How old the scan behind an attestation may be. Default: 30d.") ?? TimeSpan.FromDays(30),
        Terraform = map.Section("terraform", "Infrastructure by Terraform.", TerraformSection.Read),
        Protect = map.Section("protect", "WAF, GuardDuty and Inspector.", ProtectSection.Read),
    };
}

/// <summary>The <c>deploy.terraform</c> section.</summary>
public sealed record TerraformSection
{
    public string Directory { get; init; } = ".";

    public string? Bucket { get; init; }

    public string? Key { get; init; }

    public string? LockTable { get; init; }

    public string? ImageVariable { get; init; }

    internal static TerraformSection Read(YamlMap map) => new()
    {
        Directory = map.Text("directory", "The folder of the configuration. Default: the current one.") ?? ".",
        Bucket = map.Text("bucket", "The S3 bucket of the state; made when missing, versioned, encrypted and closed. Default: the backend as it stands in the configuration."),
        Key = map.Text("key", "The state's key in the bucket, e.g. app/terraform.tfstate."),
        LockTable = map.Text("lockTable", "A DynamoDB table for the lock, for state that uses one. Default: S3's own lock file."),
        ImageVariable = map.Text("imageVariable", "The variable that gets the image by digest."),
    };
}

/// <summary>The <c>deploy.protect</c> section.</summary>
public sealed record ProtectSection
{
    public string? LoadBalancer { get; init; }

    public string Name { get; init; } = "secops";

    public IReadOnlyList<string> RuleGroups { get; init; } = ["AWSManagedRulesCommonRuleSet", "AWSManagedRulesLinuxRuleSet"];

    public bool Count { get; init; }

    public bool GuardDuty { get; init; } = true;

    public bool Inspector { get; init; } = true;

    internal static ProtectSection Read(YamlMap map) => new()
    {
        LoadBalancer = map.Text("loadBalancer", "The load balancer to protect: its ARN or name. Default: that of the ECS service."),
        Name = map.Text("name", "The web ACL's name. Default: secops.") ?? "secops",
        RuleGroups = map.List("ruleGroups", "AWS's managed rule groups. Default: AWSManagedRulesCommonRuleSet, AWSManagedRulesLinuxRuleSet.") ?? ["AWSManagedRulesCommonRuleSet", "AWSManagedRulesLinuxRuleSet"],
        Count = map.Flag("count", "Count what the rules would block instead of blocking it. Default: false.") ?? false,
        GuardDuty = map.Flag("guardDuty", "Turn GuardDuty on. Default: true.") ?? true,
        Inspector = map.Flag("inspector", "Turn Inspector's scan of ECR on. Default: true.") ?? true,
    };
}
