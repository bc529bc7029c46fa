using Amazon;

namespace SecOps.Aws;

/// <summary>How a service is addressed and spoken to; facts from its <c>service-2.json</c> and endpoint rules.</summary>
/// <param name="Name">The prefix of its IAM actions, e.g. <c>ecs</c>.</param>
/// <param name="ServiceId">As in the model, e.g. <c>Elastic Load Balancing v2</c>; names <c>AWS_ENDPOINT_URL_…</c>.</param>
/// <param name="Host">The host's first part, e.g. <c>api.ecr</c>.</param>
internal sealed record AwsService(string Name, string ServiceId, string Host, AwsProtocol Protocol)
{
    /// <summary>The API version, for the query protocol.</summary>
    public string Version { get; init; } = "";

    /// <summary>The prefix in <c>X-Amz-Target</c>.</summary>
    public string Target { get; init; } = "";

    /// <summary>What the signature names; by default <see cref="Name"/>.</summary>
    public string? SigningName { get; init; }

    /// <summary>Where FIPS and dual-stack hosts are not built from <see cref="Host"/>.</summary>
    public string? OtherHost { get; init; }

    /// <summary>One endpoint for the whole partition, signed for <c>us-east-1</c>.</summary>
    public bool Global { get; init; }

    /// <summary>Members start with a small letter on the wire.</summary>
    public bool CamelCase { get; init; }

    /// <summary>
    /// The endpoint: <c>AWS_ENDPOINT_URL_SERVICE_ID</c>, <c>AWS_ENDPOINT_URL</c> (unless <c>AWS_IGNORE_CONFIGURED_ENDPOINT_URLS</c>),
    /// else the official one, as FIPS or dual-stack when <c>AWS_USE_FIPS_ENDPOINT</c> or <c>AWS_USE_DUALSTACK_ENDPOINT</c> say so.
    /// </summary>
    public Uri Endpoint(AwsSettings settings)
    {
        if (Override(settings, ServiceId) is { } named)
        {
            return named;
        }

        var (fips, dual) = (settings.Flag("AWS_USE_FIPS_ENDPOINT"), settings.Flag("AWS_USE_DUALSTACK_ENDPOINT"));
        var host = (fips || dual ? OtherHost ?? Host : Host) + (fips ? "-fips" : "");
        var partition = RegionEndpoint.GetBySystemName(settings.Region);
        var suffix = dual ? partition.PartitionName == "aws-cn" ? "api.amazonwebservices.com.cn" : "api.aws" : partition.PartitionDnsSuffix;
        return Global && !fips && !dual && partition.PartitionName == "aws"
            ? new Uri($"https://{host}.{suffix}")
            : new Uri($"https://{host}.{settings.Region}.{suffix}");
    }

    /// <summary>The endpoint that the environment names for a service; null when none.</summary>
    public static Uri? Override(AwsSettings settings, string serviceId)
    {
        if (settings.Flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"))
        {
            return null;
        }

        var variable = "AWS_ENDPOINT_URL_" + serviceId.Replace(' ', '_').Replace('-', '_').ToUpperInvariant();
        foreach (var name in new[] { variable, "AWS_ENDPOINT_URL" })
        {
            if (settings.Variable(name) is { Length: > 0 } text)
            {
                return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is ("http" or "https")
                    ? uri
                    : throw SecOpsException.Usage($"{name} is no http or https address. Write one such as https://host:port.");
            }
        }

        return null;
    }
}

/// <summary>The wire protocols of https://smithy.io/2.0/aws/protocols/ that our services speak.</summary>
internal enum AwsProtocol { Json, RestJson, Query, Ec2Query }
