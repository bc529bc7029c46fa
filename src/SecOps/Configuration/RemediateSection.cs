namespace SecOps.Configuration;

/// <summary>The <c>remediate</c> section.</summary>
public sealed record RemediateSection
{
    /// <summary>The command that runs the project's tests.</summary>
    public string? Test { get; init; }

    public TimeSpan TestTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Rule ids whose fixes are only made when asked for.</summary>
    public IReadOnlyList<string> Also { get; init; } = [];

    public int? Limit { get; init; }

    /// <summary>The Bedrock model, or inference profile; code leaves the machine only when this is set.</summary>
    public string? Model { get; init; }

    public string? Region { get; init; }

    public int MaxCalls { get; init; } = 40;

    public int MaxInputTokens { get; init; } = 400_000;

    public int MaxOutputTokens { get; init; } = 60_000;

    /// <summary>US dollars.</summary>
    public decimal MaxCost { get; init; } = 2m;

    /// <summary>US dollars for a million input tokens.</summary>
    public decimal InputPrice { get; init; } = 3m;

    /// <summary>US dollars for a million output tokens.</summary>
    public decimal OutputPrice { get; init; } = 15m;

    public IReadOnlyList<string> Labels { get; init; } = [];

    public IReadOnlyList<string> Reviewers { get; init; } = [];

    public string? Repository { get; init; }

    public string? Base { get; init; }

    public int MaxOpen { get; init; } = 5;

    /// <summary>Name of the variable that holds the token.</summary>
    public string Token { get; init; } = "GITHUB_TOKEN";

    public required GitHubAppSection App { get; init; }

    public string? SnapshotBucket { get; init; }

    internal static RemediateSection Read(YamlMap map)
    {
        var defaults = new RemediateSection { App = new GitHubAppSection(null, null) };
        return new RemediateSection
        {
            Test = map.Text("test", "The command that runs the project's tests, split at blanks and quotes; no shell runs it."),
            TestTimeout = map.Duration("testTimeout", "How long the tests may take. Default: 10m.") ?? defaults.TestTimeout,
            Also = map.List("also", "Rules whose fix is only made on request, e.g. B104.") ?? [],
            Limit = map.Integer("limit", "How many findings are worked on in a run.", min: 1),
            Model = map.Text("model", "The Bedrock model or inference profile that proposes fixes. Code leaves the machine only when this is set."),
            Region = map.Text("region", "The AWS region of the model. Default: the environment's."),
            MaxCalls = map.Integer("maxCalls", "How many calls of the model a run may make. Default: 40.") ?? defaults.MaxCalls,
            MaxInputTokens = map.Integer("maxInputTokens", "How many tokens a run may send. Default: 400000.") ?? defaults.MaxInputTokens,
            MaxOutputTokens = map.Integer("maxOutputTokens", "How many tokens a run may receive. Default: 60000.") ?? defaults.MaxOutputTokens,
            MaxCost = map.Number("maxCost", "What a run may cost in US dollars. Default: 2.") ?? defaults.MaxCost,
            InputPrice = map.Number("inputPrice", "US dollars for a million tokens sent. Default: 3.") ?? defaults.InputPrice,
            OutputPrice = map.Number("outputPrice", "US dollars for a million tokens received. Default: 15.") ?? defaults.OutputPrice,
            Labels = map.List("labels", "Labels of the pull requests.") ?? [],
            Reviewers = map.List("reviewers", "Who is asked to review the pull requests; a team as org/team.") ?? [],
            Repository = map.Text("repository", "OWNER/NAME on GitHub. Default: GITHUB_REPOSITORY, else the remote named origin."),
            Base = map.Text("base", "The branch that pull requests go to. Default: the repository's default branch."),
            MaxOpen = map.Integer("maxOpen", "How many pull requests may be open at once. Default: 5.", min: 1) ?? defaults.MaxOpen,
            Token = map.SecretVariable("token", "The GitHub token. Default: env:GITHUB_TOKEN.") ?? defaults.Token,
            App = map.Section("app", "The GitHub App that opens the pull requests, instead of a token.", m => new GitHubAppSection(
                m.Text("id", "The App's id or client id."), m.SecretVariable("privateKey", "The App's private key: the PEM file, or that as base64."))),
            SnapshotBucket = map.Text("snapshotBucket", "The S3 bucket that gets an archive of the code before anything is changed."),
        };
    }
}

/// <summary>The <c>remediate.app</c> section.</summary>
/// <param name="KeyVariable">Name of the variable that holds the private key.</param>
public sealed record GitHubAppSection(string? Id, string? KeyVariable);
