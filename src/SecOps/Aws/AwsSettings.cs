using Amazon.Runtime;

namespace SecOps.Aws;

/// <summary>What every client of one command has in common. Credentials come from the official chain unless given.</summary>
public sealed record AwsSettings
{
    /// <summary>E.g. <c>eu-central-1</c>.</summary>
    public required string Region { get; init; }

    /// <summary>Null: the SDK's chain (environment, profile, SSO, web identity, container, instance), resolved when first needed.</summary>
    public AWSCredentials? Credentials { get; init; }

    /// <summary>Reads an environment variable: <c>AWS_ENDPOINT_URL</c> and the like.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>How often a throttled or failed call is repeated by the SDK, with growing pauses.</summary>
    public int MaxErrorRetry { get; init; } = 4;

    /// <summary>How long a single attempt may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The region that is named, else the one of <c>AWS_REGION</c>, <c>AWS_DEFAULT_REGION</c> or the profile.</summary>
    /// <exception cref="SecOpsException">There is none, or it is no region's name (exit code 2).</exception>
    public static string ResolveRegion(string? named, Func<string, string?> variable)
    {
        var region = named ?? Set(variable("AWS_REGION")) ?? Set(variable("AWS_DEFAULT_REGION")) ?? FallbackRegionFactory.GetRegionEndpoint(includeInstanceMetadata: false)?.SystemName;
        if (region is null)
        {
            throw SecOpsException.Usage("no AWS region is known. Name one with --region, AWS_REGION, or \"region\" in the profile.");
        }

        // The region becomes part of host names: nothing else may slip in.
        return region.Length < 40 && region.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
            ? region
            : throw SecOpsException.Usage($"{Terminal.Clean(region)} is no AWS region. Write one such as eu-central-1.");
    }

    internal bool Flag(string name) => string.Equals(Variable(name), "true", StringComparison.OrdinalIgnoreCase);

    private static string? Set(string? value) => string.IsNullOrWhiteSpace(value) ? null : value;
}
