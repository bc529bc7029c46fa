using System.Text;
using System.Text.RegularExpressions;

namespace SecOps.StandIns;

/// <summary>Stands between secops and an emulator: hands every call on, and remembers it as IAM names the action.</summary>
public sealed partial class Recorder : IDisposable
{
    private static readonly HttpClient Http = new();
    private static readonly string[] Kept = ["Authorization", "X-Amz-Target", "X-Amz-Date", "X-Amz-Content-Sha256", "X-Amz-Security-Token", "If-None-Match", "If-Match", "Content-MD5", "X-Amz-Decoded-Content-Length", "x-amz-sdk-checksum-algorithm"];
    private readonly StandIn server;
    private readonly Func<string, string> at;

    /// <param name="at">The address for a service, e.g. <c>ecs</c>.</param>
    public Recorder(Func<string, string> at)
    {
        this.at = at;
        server = new StandIn(Reply);
    }

    public string Url => server.Url;

    /// <summary>In order, e.g. <c>ecs:UpdateService</c>.</summary>
    public IReadOnlyList<string> Actions => [.. server.Requests.Select(Action)];

    /// <summary>Overrides answers by the action; null lets the call through.</summary>
    public Func<string, Answer?> Fault { get; set; } = _ => null;

    public void Dispose() => server.Dispose();

    private static string Service(Asked asked) => CredentialScope().Match(asked.Header("Authorization") ?? "") is { Success: true } scope ? scope.Groups[1].Value : "unsigned";

    private static string Action(Asked asked)
    {
        var service = Service(asked);
        var path = asked.Url.Split('?')[0];
        var operation = asked.Operation.Length > 0 ? asked.Operation
            : QueryAction().Match(asked.Body) is { Success: true } action ? action.Groups[1].Value
            : service == "s3" ? Storage(asked.Method, path, asked.Url)
            : (service, asked.Method, Identifier().Replace(path, "/detector/*")) switch
            {
                ("guardduty", "GET", "/detector") => "ListDetectors",
                ("guardduty", "POST", "/detector") => "CreateDetector",
                ("guardduty", "GET", "/detector/*") => "GetDetector",
                ("guardduty", "POST", "/detector/*") => "UpdateDetector",
                ("guardduty", _, "/detector/*/findings") => "ListFindings",
                ("guardduty", _, "/detector/*/findings/get") => "GetFindings",
                ("inspector2", _, "/status/batch/get") => "BatchGetAccountStatus",
                ("inspector2", _, "/enable") => "Enable",
                ("inspector2", _, "/findings/list") => "ListFindings",
                ("inspector2", _, "/coverage/list") => "ListCoverage",
                _ => $"{asked.Method} {path}",
            };
        return $"{service}:{operation}";
    }

    private static string Storage(string method, string path, string url)
    {
        var isBucket = path.Trim('/').IndexOf('/', StringComparison.Ordinal) < 0;
        var verb = method is "GET" or "HEAD" ? "Get" : method == "DELETE" ? "Delete" : "Put";
        return !isBucket ? verb + "Object"
            : url.Contains("?versioning", StringComparison.Ordinal) ? verb + "BucketVersioning"
            : url.Contains("?encryption", StringComparison.Ordinal) ? verb + "EncryptionConfiguration"
            : url.Contains("?publicAccessBlock", StringComparison.Ordinal) ? verb + "BucketPublicAccessBlock"
            : url.Contains("?policy", StringComparison.Ordinal) ? verb + "BucketPolicy"
            : verb == "Put" ? "CreateBucket" : "ListBucket";
    }

    private Answer Reply(Asked asked)
    {
        if (Fault(Action(asked)) is { } fault)
        {
            return fault;
        }

        using var request = new HttpRequestMessage(new HttpMethod(asked.Method), at(Service(asked)) + asked.Url);
        if (asked.Method is not ("GET" or "HEAD"))
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(asked.Body));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", asked.Header("Content-Type"));
        }

        foreach (var name in Kept.Where(n => asked.Header(n) is not null))
        {
            request.Headers.TryAddWithoutValidation(name, asked.Header(name));
        }

        using var response = Http.Send(request);
        using var body = response.Content.ReadAsStream();
        using var reader = new StreamReader(body);
        var answer = new Answer(reader.ReadToEnd(), (int)response.StatusCode) { ContentType = response.Content.Headers.ContentType?.ToString() ?? "text/plain" };
        foreach (var (name, values) in response.Headers.Where(h => h.Key.StartsWith("x-amz", StringComparison.OrdinalIgnoreCase) || h.Key == "ETag"))
        {
            answer.Headers[name] = values.First();
        }

        return answer;
    }

    [GeneratedRegex(@"Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4_request")]
    private static partial Regex CredentialScope();

    [GeneratedRegex(@"(?:^|&)Action=(\w+)")]
    private static partial Regex QueryAction();

    [GeneratedRegex("/detector/[^/]+")]
    private static partial Regex Identifier();
}
