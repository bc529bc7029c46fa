using System.Net;

namespace SecOps.Aws;

/// <summary>
/// A call to AWS that did not succeed after its retries. The message is ready for a person: the action, the error's code,
/// what AWS says, and the request id.
/// </summary>
public sealed class AwsException : SecOpsException
{
    private AwsException(string message, string action, string code, Exception? cause)
        : base(ExitCode.ToolFailed, message, cause) => (Action, ErrorCode) = (action, code);

    /// <summary>As IAM names it, e.g. <c>ecs:UpdateService</c>.</summary>
    public string Action { get; }

    /// <summary>As the service model names it, e.g. <c>ServiceNotFoundException</c>; <see cref="Unreachable"/> and <see cref="NoCredentials"/> are ours.</summary>
    public string ErrorCode { get; }

    /// <summary>What AWS says, without the rest.</summary>
    public string Detail { get; private init; } = "";

    /// <summary>0 when no answer came.</summary>
    public HttpStatusCode StatusCode { get; private init; }

    public string? RequestId { get; private init; }

    /// <summary>The header <c>Retry-After</c> in seconds, where the answer has one.</summary>
    public TimeSpan? RetryAfter { get; private init; }

    /// <summary>No answer: the network, a proxy or the time limit.</summary>
    public const string Unreachable = "Unreachable";

    /// <summary>No credentials could be found, or they could not be renewed.</summary>
    public const string NoCredentials = "NoCredentials";

    /// <summary>The caller lacks the permission <see cref="Action"/>.</summary>
    public bool IsDenied => ErrorCode is "AccessDenied" or "AccessDeniedException" or "UnauthorizedOperation" or "UnauthorizedAccess" or "AuthorizationError";

    /// <summary>The credentials themselves are refused: expired, unknown, or wrongly signed.</summary>
    public bool IsCredentials => ErrorCode is NoCredentials or "ExpiredToken" or "ExpiredTokenException" or "UnrecognizedClientException" or "InvalidClientTokenId" or "InvalidSignatureException" or "SignatureDoesNotMatch" or "AuthFailure" or "RequestExpired";

    /// <summary>The same call may succeed in a while: throttled, the network, or a fault of the service.</summary>
    public bool MayPass => IsThrottled || ErrorCode == Unreachable || (int)StatusCode >= 500;

    public bool IsThrottled => StatusCode == HttpStatusCode.TooManyRequests
        || ErrorCode is "Throttling" or "ThrottlingException" or "ThrottledException" or "RequestThrottled" or "TooManyRequestsException" or "RequestLimitExceeded" or "SlowDown" or "PriorRequestNotComplete";

    /// <summary>Whether one of these is the code; with or without the suffix "Exception".</summary>
    public bool Is(params ReadOnlySpan<string> codes)
    {
        foreach (var code in codes)
        {
            if (ErrorCode == code || ErrorCode == code + "Exception")
            {
                return true;
            }
        }

        return false;
    }

    internal static AwsException Answered(string action, HttpStatusCode status, string code, string detail, string? requestId, TimeSpan? retryAfter, Exception? cause)
    {
        var shown = Terminal.Clean(detail).Trim().TrimEnd('.');
        shown = shown.Length > 600 ? shown[..600] + "…" : shown;
        var id = requestId is { Length: > 0 } ? $", request {Terminal.Clean(requestId)}" : "";
        var result = new AwsException("", action, code, cause) { Detail = shown };
        var (what, todo) = result switch
        {
            { IsDenied: true } => ("was refused", $" Allow {action} for these credentials."),
            { IsCredentials: true } => ("was refused", " Renew the credentials and run the same command again."),
            _ => ("failed", ""),
        };
        return new AwsException($"{action} {what}: {(shown.Length == 0 ? "AWS gives no reason" : shown)} ({Terminal.Clean(code)}, HTTP {(int)status}{id}).{todo}", action, code, cause)
        {
            Detail = shown,
            StatusCode = status,
            RequestId = requestId,
            RetryAfter = retryAfter,
        };
    }

    internal static AwsException NoAnswer(string action, Uri endpoint, Exception cause) =>
        new($"{action}: {endpoint.Host} gave no answer: {Terminal.Clean(Innermost(cause).Message).TrimEnd('.')}. Check the network, the proxy and the region.", action, Unreachable, cause);

    internal static AwsException WithoutCredentials(string action, Exception cause) =>
        new($"{action}: no AWS credentials: {Terminal.Clean(cause.Message).TrimEnd('.')}. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in with \"aws sso login\".", action, NoCredentials, cause);

    internal static AwsException Unreadable(string action, string what, Exception? cause = null) =>
        new($"{action}: the answer {what}. A proxy between here and AWS may have changed it; check AWS_ENDPOINT_URL and HTTPS_PROXY.", action, "UnreadableAnswer", cause);

    private static Exception Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e;
}
