using System.Net;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;

namespace SecOps.Aws;

/// <summary>One call as bytes, for the SDK's pipeline; what the bytes mean is the protocol's matter.</summary>
internal sealed class AwsCall(string operation, string method, string path, byte[] body) : AmazonWebServiceRequest
{
    public string Operation { get; } = operation;

    public string Method { get; } = method;

    /// <summary>With labels such as <c>{modelId}</c>, whose values are <see cref="Labels"/>.</summary>
    public string Path { get; } = path;

    public byte[] Body { get; } = body;

    public required string ContentType { get; init; }

    public Dictionary<string, string> Labels { get; } = [];

    public Dictionary<string, string> Query { get; } = [];

    public Dictionary<string, string> Headers { get; } = [];
}

internal sealed class AwsAnswer : AmazonWebServiceResponse
{
    public byte[] Body { get; init; } = [];
}

/// <summary>An error answer, still unread; inside the pipeline, so that the SDK's retry rules see code and status.</summary>
internal sealed class AwsErrorAnswer(string message, string code, HttpStatusCode status, string? requestId, Exception? cause)
    : AmazonServiceException(message, cause, status is >= HttpStatusCode.InternalServerError ? ErrorType.Receiver : ErrorType.Sender, code, requestId ?? "", status)
{
    public TimeSpan? RetryAfter { get; init; }
}

internal sealed class AwsCallMarshaller(string service) : IMarshaller<IRequest, AmazonWebServiceRequest>
{
    public IRequest Marshall(AmazonWebServiceRequest input)
    {
        var call = (AwsCall)input;
        var request = new DefaultRequest(call, service)
        {
            HttpMethod = call.Method,
            ResourcePath = call.Path,
            UseQueryString = call.Query.Count > 0,
            Content = call.Method == "GET" ? null : call.Body,
        };
        if (call.Method != "GET")
        {
            request.Headers["Content-Type"] = call.ContentType;
        }

        foreach (var (name, value) in call.Headers)
        {
            request.Headers[name] = value;
        }

        foreach (var (name, value) in call.Labels)
        {
            request.AddPathResource("{" + name + "}", value);
        }

        foreach (var (name, value) in call.Query)
        {
            request.Parameters[name] = value;
        }

        return request;
    }
}

/// <summary>Reads the body whole, up to a limit: what comes from the network may be anything.</summary>
internal sealed class AwsAnswerUnmarshaller : JsonResponseUnmarshaller
{
    public const int MaxBody = 64 * 1024 * 1024;

    public static readonly AwsAnswerUnmarshaller Instance = new();

    public override AmazonWebServiceResponse Unmarshall(JsonUnmarshallerContext input) => new AwsAnswer { Body = Read(input.Stream) };

    public override AmazonServiceException UnmarshallException(JsonUnmarshallerContext input, Exception innerException, HttpStatusCode statusCode)
    {
        var headers = input.ResponseData;
        var error = AwsErrorBody.Read(Read(input.Stream), headers, statusCode);
        var wait = headers.IsHeaderPresent("Retry-After") && int.TryParse(headers.GetHeaderValue("Retry-After"), out var seconds) && seconds is >= 0 and < 3600
            ? TimeSpan.FromSeconds(seconds)
            : (TimeSpan?)null;
        return new AwsErrorAnswer(error.Message, error.Code, statusCode, error.RequestId, innerException) { RetryAfter = wait };
    }

    private static byte[] Read(Stream stream)
    {
        using var copy = new MemoryStream();
        var buffer = new byte[81920];
        for (int count; (count = stream.Read(buffer)) > 0;)
        {
            if (copy.Length + count > MaxBody)
            {
                throw new AmazonClientException($"the answer is longer than {MaxBody / 1024 / 1024} MiB");
            }

            copy.Write(buffer, 0, count);
        }

        return copy.ToArray();
    }
}
