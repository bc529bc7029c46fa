using Amazon.Runtime;
using SecOps.Testing;

namespace SecOps.Aws;

/// <summary>Settings of clients that talk to a server on loopback.</summary>
internal static class TestAws
{
    public static AwsSettings Settings(string endpoint, int retries = 0, string key = "AKIAIOSFODNN7EXAMPLE", string region = "us-east-1") => new()
    {
        Region = region,
        Credentials = new BasicAWSCredentials(key, "not-a-secret-used-on-loopback"),
        Variable = name => name == "AWS_ENDPOINT_URL" ? endpoint : null,
        MaxErrorRetry = retries,
        Timeout = TimeSpan.FromSeconds(20),
    };

    /// <summary>
    /// Clients for moto, in an account of the test's own, so that tests don't see each other: moto takes an access key's
    /// account from AssumeRole, else the default; a region of its own does the same for nothing.
    /// </summary>
    public static AwsClients Moto(string region = "us-east-1") => new(Settings(Parts.Variable("SECOPS_TEST_AWS"), region: region));
}
