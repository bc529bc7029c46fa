using System.Diagnostics.CodeAnalysis;
using Amazon.DynamoDBv2;
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
using SecOps.Aws.Kms;
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

    public AwsSettings Settings { get; } = settings;

    public string Region => Settings.Region;

    public EcrClient Ecr => Get(() => new EcrClient(Settings));

    public EcsClient Ecs => Get(() => new EcsClient(Settings));

    public Ec2Client Ec2 => Get(() => new Ec2Client(Settings));

    public ElasticLoadBalancingV2Client ElasticLoadBalancingV2 => Get(() => new ElasticLoadBalancingV2Client(Settings));

    public IamClient Iam => Get(() => new IamClient(Settings));

    public LogsClient Logs => Get(() => new LogsClient(Settings));

    public WafV2Client WafV2 => Get(() => new WafV2Client(Settings));

    public GuardDutyClient GuardDuty => Get(() => new GuardDutyClient(Settings));

    public Inspector2Client Inspector2 => Get(() => new Inspector2Client(Settings));

    public KmsClient Kms => Get(() => new KmsClient(Settings));

    public BedrockRuntimeClient BedrockRuntime => Get(() => new BedrockRuntimeClient(Settings));

    public S3Storage S3 => Get(() => new S3Storage(Settings));

    /// <summary>One call of the official DynamoDB client, with our errors.</summary>
    /// <param name="operation">As IAM names the action, without the prefix.</param>
    /// <exception cref="AwsException">It was refused or failed.</exception>
    public Task<T> DynamoDbAsync<T>(string operation, Func<AmazonDynamoDBClient, Task<T>> call)
    {
        var endpoint = AwsService.Override(Settings, "DynamoDB");
        return OfficialCall.RunAsync("dynamodb:" + operation, endpoint ?? new Uri($"https://dynamodb.{Region}.amazonaws.com"), () => call(Get(() =>
        {
            var config = new AmazonDynamoDBConfig { MaxErrorRetry = Settings.MaxErrorRetry, RegionEndpoint = Amazon.RegionEndpoint.GetBySystemName(Region) };
            if (endpoint is not null)
            {
                (config.ServiceURL, config.AuthenticationRegion) = (endpoint.AbsoluteUri, Region);
            }

            return Settings.Credentials is { } credentials ? new AmazonDynamoDBClient(credentials, config) : new AmazonDynamoDBClient(config);
        })));
    }

    /// <summary>The account of the credentials, by STS; needs no permission.</summary>
    /// <exception cref="AwsException">It was refused or failed.</exception>
    public Task<string> AccountAsync(CancellationToken cancellation)
    {
        var endpoint = AwsService.Override(Settings, "STS");
        return OfficialCall.RunAsync("sts:GetCallerIdentity", endpoint ?? new Uri($"https://sts.{Region}.amazonaws.com"), async () => (await Get(() =>
        {
            var config = new AmazonSecurityTokenServiceConfig { MaxErrorRetry = Settings.MaxErrorRetry, RegionEndpoint = Amazon.RegionEndpoint.GetBySystemName(Region) };
            if (endpoint is not null)
            {
                (config.ServiceURL, config.AuthenticationRegion) = (endpoint.AbsoluteUri, Region);
            }

            return Settings.Credentials is { } credentials ? new AmazonSecurityTokenServiceClient(credentials, config) : new AmazonSecurityTokenServiceClient(config);
        }).GetCallerIdentityAsync(new GetCallerIdentityRequest(), cancellation)).Account);
    }

    public void Dispose()
    {
        lock (gate)
        {
            foreach (var client in built.Values)
            {
                client.Dispose();
            }

            built.Clear();
        }
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
                catch (Amazon.Runtime.AmazonClientException e)
                {
                    throw SecOpsException.Tool($"no AWS credentials: {Terminal.Clean(e.Message).TrimEnd('.')}. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in with \"aws sso login\".", e);
                }
            }

            return (T)client;
        }
    }
}
