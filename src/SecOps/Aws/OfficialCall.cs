using System.Net;
using Amazon.Runtime;

namespace SecOps.Aws;

/// <summary>Calls of the official clients (S3, DynamoDB, KMS, STS), with the same errors as ours.</summary>
internal static class OfficialCall
{
    /// <exception cref="AwsException">It was refused or failed.</exception>
    public static async Task<T> RunAsync<T>(string action, Uri endpoint, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (AmazonServiceException e) when ((int)e.StatusCode >= 300)
        {
            var code = string.IsNullOrEmpty(e.ErrorCode) ? e.StatusCode.ToString() : e.ErrorCode;
            throw AwsException.Answered(action, e.StatusCode, code, e.Message, e.RequestId, null, e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TimeoutException or WebException or AmazonServiceException)
        {
            throw AwsException.NoAnswer(action, endpoint, e);
        }
        catch (AmazonClientException e)
        {
            throw e.InnerException is HttpRequestException or IOException or OperationCanceledException
                ? AwsException.NoAnswer(action, endpoint, e)
                : AwsException.WithoutCredentials(action, e);
        }
    }
}
