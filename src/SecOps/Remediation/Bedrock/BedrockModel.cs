using SecOps.Aws;
using SecOps.Aws.BedrockRuntime;

namespace SecOps.Remediation.Bedrock;

/// <summary>One answer of the model.</summary>
public sealed record ModelAnswer(string Text, string StopReason, int InputTokens, int OutputTokens);

/// <summary>The model can't be used; asking again in this run makes no sense.</summary>
public sealed class ModelUnavailableException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>
/// Calls Converse. Retries are ours, so that the budget knows of each call: full jitter, and what Retry-After asks for.
/// </summary>
/// <param name="pause">Waits; another one in tests.</param>
public sealed class BedrockModel(BedrockRuntimeClient client, string modelId, Func<TimeSpan, CancellationToken, Task> pause)
{
    private const int Attempts = 4;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);

    public string Id => modelId;

    /// <param name="allow">Asked before each call; what it returns is why there must be none.</param>
    /// <exception cref="ModelUnavailableException">Refused, unknown, or still failing after the retries.</exception>
    public async Task<ModelAnswer> AskAsync(string system, string user, int maxTokens, Func<string?> allow, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (allow() is { } refusal)
            {
                throw new ModelUnavailableException(refusal);
            }

            try
            {
                return Read(await client.ConverseAsync(Request(system, user, maxTokens), cancellation));
            }
            catch (AwsException e) when (attempt < Attempts && IsPassing(e))
            {
                var longest = Math.Min(LongestPause.TotalSeconds, Math.Pow(2, attempt));
                // Full jitter: many clients that were refused together must not come back together.
                var wait = e.RetryAfter ?? TimeSpan.FromSeconds(Random.Shared.NextDouble() * longest);
                await pause(wait < LongestPause ? wait : LongestPause, cancellation);
            }
            catch (AwsException e)
            {
                var advice = e.IsDenied ? $" Enable access to {modelId} in the Bedrock console, and allow bedrock:InvokeModel."
                    : e.Is("ResourceNotFound", "Validation") ? $" Check remediate.model ({modelId}) and the region: newer models need an inference profile such as us.{modelId}." : "";
                throw new ModelUnavailableException(e.Message + advice, e);
            }
        }
    }

    private static bool IsPassing(AwsException e) =>
        e.IsThrottled || e.Is("ServiceUnavailable", "InternalServer", "ModelTimeout", "ModelNotReady") || e.ErrorCode == AwsException.Unreachable || (int)e.StatusCode is 500 or 503 or 408;

    private ConverseRequest Request(string system, string user, int maxTokens) => new()
    {
        ModelId = modelId,
        System = [new SystemContentBlock { Text = system }, new SystemContentBlock { CachePoint = new CachePointBlock { Type = "default" } }],
        Messages = [new Message { Role = "user", Content = [new ContentBlock { Text = user }] }],
        InferenceConfig = new InferenceConfiguration { MaxTokens = maxTokens },
    };

    private static ModelAnswer Read(ConverseResponse response) => new(
        string.Concat((response.Output?.Message?.Content ?? []).Select(c => c.Text)),
        response.StopReason ?? "",
        response.Usage?.InputTokens ?? 0,
        response.Usage?.OutputTokens ?? 0);
}
