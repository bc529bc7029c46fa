using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using System.Xml;
using Amazon.Runtime;
using Amazon.Runtime.Internal;

namespace SecOps.Aws;

/// <summary>
/// A client on the official runtime, which finds and renews the credentials, signs, retries, and corrects the clock. Our part
/// is the operation's name and its members. Thread-safe.
/// </summary>
public abstract class AwsServiceClient : AmazonServiceClient
{
    private readonly AwsService service;
    private readonly Uri endpoint;
    private readonly InvokeOptions invoke;
    private readonly JsonSerializerOptions json;

    private protected AwsServiceClient(AwsService service, AwsSettings settings, IJsonTypeInfoResolver context)
        : base(settings.Credentials ?? Amazon.Runtime.Credentials.DefaultAWSCredentialsIdentityResolver.GetCredentials(), new AwsServiceConfig(service, settings))
    {
        (this.service, endpoint) = (service, service.Endpoint(settings));
        json = AwsJson.Options(context, service.CamelCase);
        invoke = new InvokeOptions { RequestMarshaller = new AwsCallMarshaller(service.ServiceId), ResponseUnmarshaller = AwsAnswerUnmarshaller.Instance };
    }

    /// <summary>The serializer's metadata, for the test that compares it with the official service model.</summary>
    internal JsonSerializerOptions Model => json;

    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        pipeline.ReplaceHandler<EndpointResolver>(new AwsEndpointHandler());
        pipeline.AddHandlerAfter<AwsEndpointHandler>(new AwsAuthHandler());
        if (Config.MaxErrorRetry == 0)
        {
            // A limit of 0 still lets it repeat a call whose answer broke off: ten times, as seen.
            pipeline.RemoveHandler<RetryHandler>();
        }
    }

    /// <summary>Calls the operation that the calling method is named after.</summary>
    /// <exception cref="AwsException">It failed after its retries.</exception>
    private protected Task<TResponse> SendAsync<TRequest, TResponse>(TRequest request, CancellationToken cancellation, [CallerMemberName] string caller = "")
        where TRequest : class
        where TResponse : class =>
        SendAsync<TRequest, TResponse>(request, "POST", "/", cancellation, caller);

    private protected async Task<TResponse> SendAsync<TRequest, TResponse>(TRequest request, string method, string path, CancellationToken cancellation, [CallerMemberName] string caller = "")
        where TRequest : class
        where TResponse : class
    {
        var operation = caller.EndsWith("Async", StringComparison.Ordinal) ? caller[..^5] : caller;
        var action = $"{service.Name}:{operation}";
        var type = AwsJson.TypeInfo<TResponse>(json);
        var body = await SendAsync(Call(operation, method, path, JsonSerializer.SerializeToNode(request, AwsJson.TypeInfo<TRequest>(json))!.AsObject()), action, cancellation);
        try
        {
            var answer = service.Protocol is AwsProtocol.Query or AwsProtocol.Ec2Query ? QueryProtocol.ToJson(body, operation, type)
                // Only where nothing is expected: an empty answer must not read as an empty list.
                : body.Length == 0 && type.Properties.Count == 0 ? "{}"u8.ToArray()
                : body;
            return JsonSerializer.Deserialize(answer, type) ?? throw AwsException.Unreadable(action, "is empty");
        }
        catch (Exception e) when (e is JsonException or XmlException or InvalidOperationException or FormatException)
        {
            throw AwsException.Unreadable(action, $"can't be read: {Terminal.Clean(e.Message).TrimEnd('.')}", e);
        }
    }

    private AwsCall Call(string operation, string method, string path, JsonObject members)
    {
        switch (service.Protocol)
        {
            case AwsProtocol.Json:
                return new AwsCall(operation, "POST", "/", Encoding.UTF8.GetBytes(members.ToJsonString()))
                {
                    ContentType = "application/x-amz-json-1.1",
                    Headers = { ["X-Amz-Target"] = $"{service.Target}.{operation}" },
                };
            case AwsProtocol.RestJson:
                var labels = members.Where(m => path.Contains("{" + m.Key + "}", StringComparison.Ordinal)).ToList();
                foreach (var (name, _) in labels)
                {
                    members.Remove(name);
                }

                var call = new AwsCall(operation, method, path, Encoding.UTF8.GetBytes(members.ToJsonString())) { ContentType = "application/json" };
                foreach (var (name, value) in labels)
                {
                    call.Labels[name] = value!.ToString();
                }

                if (method == "GET")
                {
                    foreach (var (name, value) in members)
                    {
                        call.Query[name] = value!.ToString();
                    }
                }

                return call;
            default:
                var form = QueryProtocol.Form(operation, service.Version, members, service.Protocol == AwsProtocol.Ec2Query);
                return new AwsCall(operation, "POST", "/", Encoding.UTF8.GetBytes(form)) { ContentType = "application/x-www-form-urlencoded; charset=utf-8" };
        }
    }

    private async Task<byte[]> SendAsync(AwsCall call, string action, CancellationToken cancellation)
    {
        try
        {
            return (await InvokeAsync<AwsAnswer>(call, invoke, cancellation)).Body;
        }
        catch (AmazonServiceException e) when (!string.IsNullOrEmpty(e.ErrorCode))
        {
            throw AwsException.Answered(action, e.StatusCode, e.ErrorCode, e.Message, e.RequestId, (e as AwsErrorAnswer)?.RetryAfter, e);
        }
        catch (Exception e) when (IsNetwork(e) && !cancellation.IsCancellationRequested)
        {
            throw AwsException.NoAnswer(action, endpoint, e);
        }
        catch (AmazonClientException e)
        {
            throw AwsException.WithoutCredentials(action, e);
        }
    }

    private static bool IsNetwork(Exception e) =>
        e is HttpRequestException or IOException or OperationCanceledException or TimeoutException or WebException or AmazonServiceException
        || (e is AmazonClientException && e.InnerException is HttpRequestException or IOException or OperationCanceledException or TimeoutException);
}
