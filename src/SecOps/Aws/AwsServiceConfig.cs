using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.Credentials.Internal;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;

namespace SecOps.Aws;

/// <summary>What the SDK's pipeline asks a service's configuration for.</summary>
internal sealed class AwsServiceConfig : ClientConfig
{
    private readonly AwsService service;
    private readonly AwsSettings settings;

    public AwsServiceConfig(AwsService service, AwsSettings settings)
        : base(new Defaults())
    {
        (this.service, this.settings) = (service, settings);
        RegionEndpoint = RegionEndpoint.GetBySystemName(settings.Region);
        AuthenticationServiceName = service.SigningName ?? service.Name;
        AuthenticationRegion = service.Global && RegionEndpoint.PartitionName == "aws" ? "us-east-1" : settings.Region;
        ServiceId = service.ServiceId;
        MaxErrorRetry = settings.MaxErrorRetry;
        Timeout = settings.Timeout;
    }

    public override string ServiceVersion => service.Version;

    public override string UserAgent => "secops";

    public override string RegionEndpointServiceName => service.Host;

    public override Endpoint DetermineServiceOperationEndpoint(ServiceOperationEndpointParameters parameters) => new(service.Endpoint(settings).AbsoluteUri);

    private sealed class Defaults : IDefaultConfigurationProvider
    {
        public IDefaultConfiguration GetDefaultConfiguration(RegionEndpoint clientRegion, DefaultConfigurationMode? requestedConfigurationMode = null) =>
            new DefaultConfiguration { Name = DefaultConfigurationMode.Standard, RetryMode = RequestRetryMode.Standard, ConnectTimeout = TimeSpan.FromSeconds(5) };
    }
}

/// <summary>Sets the endpoint; the runtime's own handler needs the generated endpoint rules of an official package.</summary>
internal sealed class AwsEndpointHandler : PipelineHandler
{
    public override Task<T> InvokeAsync<T>(IExecutionContext executionContext)
    {
        var request = executionContext.RequestContext;
        var endpoint = request.ClientConfig.DetermineServiceOperationEndpoint(new ServiceOperationEndpointParameters(request.OriginalRequest));
        request.Request.Endpoint = new Uri(endpoint.URL);
        return base.InvokeAsync<T>(executionContext);
    }
}

/// <summary>Every service of ours is signed with SigV4.</summary>
internal sealed class AwsAuthHandler : BaseAuthResolverHandler
{
    protected override List<IAuthSchemeOption> ResolveAuthOptions(IExecutionContext executionContext) => AuthSchemeOption.DEFAULT_SIGV4;
}
