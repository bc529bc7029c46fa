using System.Diagnostics.CodeAnalysis;
using Amazon.DynamoDBv2;
using Amazon.KeyManagementService;
using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using Amazon.SSO;
using Amazon.SSOOIDC;
using SecOps.Aws.BedrockRuntime;
using SecOps.Aws.Ec2;
using SecOps.Aws.Ecr;
using SecOps.Aws.Ecs;
using SecOps.Aws.ElasticLoadBalancingV2;
using SecOps.Aws.GuardDuty;
using SecOps.Aws.Iam;
using SecOps.Aws.Inspector2;
using SecOps.Aws.Logs;
using SecOps.Aws.S3;
using SecOps.Aws.WafV2;

namespace SecOps.Aws;

/// <summary>The clients of one command. Each is built when first used: building one costs 50 to 100 ms.</summary>
// The SDK makes these by reflection when a profile assumes a role, signs in, or names a web identity. Its registry for Native AOT
// would lose the credentials that a role is assumed with.
[method: DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(AmazonSecurityTokenServiceClient))]
[method: DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(AmazonSecurityTokenServiceConfig))]
[method: DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(AmazonSSOClient))]
[method: DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(AmazonSSOConfig))]
[method: DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(AmazonSSOOIDCClient))]
[method: DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(AmazonSSOOIDCConfig))]
public sealed class AwsClients(AwsSettings settings) : IDisposable
{
    private readonly Dictionary<Type, IDisposable> built = [];
    private readonly Lock gate = new();
    private EcsClient? once;

    public AwsSettings Settings { get; } = settings;

    public string Region => Settings.Region;

    public EcrClient Ecr => Get(() => new EcrClient(Settings));

    public EcsClient Ecs => Get(() => new EcsClient(Settings));

    /// <summary>Without the runtime's retries: for what must not happen twice.</summary>
    internal EcsClient EcsOnce => once ??= new EcsClient(Settings with { MaxErrorRetry = 0 });

    public Ec2Client Ec2 => Get(() => new Ec2Client(Settings));

    public ElasticLoadBalancingV2Client ElasticLoadBalancingV2 => Get(() => new ElasticLoadBalancingV2Client(Settings));

    public IamClient Iam => Get(() => new IamClient(Settings));

    public LogsClient Logs => Get(() => new LogsClient(Settings));

    public WafV2Client WafV2 => Get(() => new WafV2Client(Settings));

    public GuardDutyClient GuardDuty => Get(() => new GuardDutyClient(Settings));

    public Inspector2Client Inspector2 => Get(() => new Inspector2Client(Settings));

    public BedrockRuntimeClient BedrockRuntime => Get(() => new BedrockRuntimeClient(Settings));

    public S3Storage S3 => Get(() => new S3Storage(Settings));

    /// <summary>One call of the official DynamoDB client, with our errors.</summary>
    /// <param name="operation">As IAM names the action, without the prefix.</param>
    /// <exception cref="AwsException">It was refused or failed.</exception>
    public Task<T> DynamoDbAsync<T>(string operation, Func<AmazonDynamoDBClient, Task<T>> call) => CallAsync(
        "DynamoDB", operation, (AWSCredentials? credentials, AmazonDynamoDBConfig config) => credentials is null ? new AmazonDynamoDBClient(config) : new AmazonDynamoDBClient(credentials, config), call);

    /// <summary>One call of the official KMS client, with our errors.</summary>
    /// <param name="operation">As IAM names the action, without the prefix.</param>
    /// <exception cref="AwsException">It was refused or failed.</exception>
    public Task<T> KmsAsync<T>(string operation, Func<AmazonKeyManagementServiceClient, Task<T>> call) => CallAsync(
        "KMS", operation,
        (AWSCredentials? credentials, AmazonKeyManagementServiceConfig config) => credentials is null ? new AmazonKeyManagementServiceClient(config) : new AmazonKeyManagementServiceClient(credentials, config), call);

    /// <summary>The account of the credentials, by STS; needs no permission.</summary>
    /// <exception cref="AwsException">It was refused or failed.</exception>
    public Task<string> AccountAsync(CancellationToken cancellation) => CallAsync(
        "STS", "GetCallerIdentity",
        (AWSCredentials? credentials, AmazonSecurityTokenServiceConfig config) => credentials is null ? new AmazonSecurityTokenServiceClient(config) : new AmazonSecurityTokenServiceClient(credentials, config),
        async c => (await c.GetCallerIdentityAsync(new GetCallerIdentityRequest(), cancellation)).Account);

    public void Dispose()
    {
        lock (gate)
        {
            foreach (var client in built.Values)
            {
                client.Dispose();
            }

            built.Clear();
            once?.Dispose();
        }
    }

    private Task<T> CallAsync<TClient, TConfig, T>(string service, string operation, Func<AWSCredentials?, TConfig, TClient> open, Func<TClient, Task<T>> call)
        where TClient : IDisposable
        where TConfig : ClientConfig, new()
    {
        var endpoint = AwsService.Override(Settings, service);
        var name = service.ToLowerInvariant();
        return OfficialCall.RunAsync($"{name}:{operation}", endpoint ?? new Uri($"https://{name}.{Region}.amazonaws.com"), () => call(Get(() =>
        {
            var config = new TConfig
            {
                MaxErrorRetry = Settings.MaxErrorRetry, RegionEndpoint = Amazon.RegionEndpoint.GetBySystemName(Region),
                UseFIPSEndpoint = Settings.Flag("AWS_USE_FIPS_ENDPOINT"), UseDualstackEndpoint = Settings.Flag("AWS_USE_DUALSTACK_ENDPOINT"),
            };
            if (endpoint is not null)
            {
                (config.ServiceURL, config.AuthenticationRegion) = (endpoint.AbsoluteUri, Region);
            }

            return open(Settings.Credentials, config);
        })));
    }

    /// <exception cref="SecOpsException">No credentials can be found (exit code 4).</exception>
    private T Get<T>(Func<T> build)
        where T : IDisposable
    {
        lock (gate)
        {
            if (!built.TryGetValue(typeof(T), out var client))
            {
                try
                {
                    built[typeof(T)] = client = build();
                }
                catch (AmazonClientException e)
                {
                    throw SecOpsException.Tool($"no AWS credentials: {Terminal.Clean(e.Message).TrimEnd('.')}. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in with \"aws sso login\".", e);
                }
            }

            return (T)client;
        }
    }
}
