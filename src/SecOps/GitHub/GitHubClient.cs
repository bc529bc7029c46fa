using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using SecOps.Processes;

namespace SecOps.GitHub;

/// <summary>
/// GitHub's REST API, version 2022-11-28 (https://docs.github.com/rest): one request with its retries and its errors. The operations that we use stand
/// beside it under their official names. Thin, so that an official client can take its place.
/// </summary>
public sealed partial class GitHubClient : IDisposable
{
    private const int Attempts = 4;
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(2);

    private readonly HttpClient http;
    private readonly Redactor redactor;
    private readonly TimeProvider clock;
    private readonly string token;

    /// <param name="api">E.g. <c>https://api.github.com</c> or <c>https://ghe.example/api/v3</c>.</param>
    /// <param name="handler">Null: the machine's own; tests give another.</param>
    public GitHubClient(Uri api, string token, Redactor redactor, TimeProvider clock, HttpMessageHandler? handler = null)
    {
        redactor.Add(token);
        (this.redactor, this.clock, this.token) = (redactor, clock, token);
        http = new HttpClient(handler ?? new SocketsHttpHandler { AllowAutoRedirect = false })
        {
            BaseAddress = new Uri(api.AbsoluteUri.TrimEnd('/') + "/"),
            Timeout = TimeSpan.FromSeconds(100),
            MaxResponseContentBufferSize = 20 * 1024 * 1024,
        };
        http.DefaultRequestHeaders.UserAgent.ParseAdd("secops");
        http.DefaultRequestHeaders.Accept.ParseAdd("application/vnd.github+json, application/json");
        http.DefaultRequestHeaders.Add("X-GitHub-Api-Version", "2022-11-28");
    }

    public void Dispose() => http.Dispose();

    /// <summary>One request, repeated where GitHub asks for patience.</summary>
    /// <param name="path">Relative, escaped: <c>repos/o/r/check-runs</c>.</param>
    /// <param name="what">For errors: <c>upload the SARIF report</c>.</param>
    /// <param name="permission">What the token needs, as a workflow's <c>permissions</c> writes it: <c>checks: write</c>.</param>
    /// <param name="write">Writes the members of the body's object; null: no body.</param>
    /// <returns>The answer's JSON; undefined when there is none.</returns>
    /// <exception cref="GitHubException">GitHub refused, or could not be reached.</exception>
    public async Task<JsonElement> SendAsync(HttpMethod method, string path, string what, string permission, Action<Utf8JsonWriter>? write, CancellationToken cancellation)
    {
        var body = write is null ? null : Body(write);
        for (var attempt = 1; ; attempt++)
        {
            TimeSpan? wait;
            try
            {
                using var request = new HttpRequestMessage(method, path);
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
                if (body is not null)
                {
                    request.Content = new ByteArrayContent(body);
                    request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
                }

                using var response = await http.SendAsync(request, cancellation);
                var answer = await response.Content.ReadAsByteArrayAsync(cancellation);
                if (response.IsSuccessStatusCode)
                {
                    return Parse(answer, what);
                }

                wait = Patience(response, answer, method, attempt);
                if (wait is null || wait > LongestWait || attempt == Attempts)
                {
                    throw Refused(response, answer, what, permission, wait);
                }
            }
            catch (HttpRequestException e)
            {
                // A request that changes something may have arrived: it is not sent twice.
                if (attempt == Attempts || method != HttpMethod.Get)
                {
                    throw new GitHubException($"cannot {what}: {http.BaseAddress!.Host} cannot be reached: {redactor.Redact(e.Message)}", null, e);
                }

                wait = TimeSpan.FromSeconds(1 << attempt);
            }
            catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
            {
                throw new GitHubException($"cannot {what}: {http.BaseAddress!.Host} did not answer within {http.Timeout.TotalSeconds:0} seconds", null, e);
            }

            await Task.Delay(wait.Value, clock, cancellation);
        }
    }

    /// <summary>How long to wait before another try; null when there is no point.</summary>
    /// <remarks>https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#handle-rate-limit-errors-appropriately</remarks>
    private TimeSpan? Patience(HttpResponseMessage response, byte[] answer, HttpMethod method, int attempt)
    {
        if (response.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests)
        {
            if (RetryAfter(response) is { } asked)
            {
                return asked;
            }

            if (Header(response, "x-ratelimit-remaining") == "0" && long.TryParse(Header(response, "x-ratelimit-reset"), NumberStyles.None, CultureInfo.InvariantCulture, out var reset))
            {
                var until = DateTimeOffset.FromUnixTimeSeconds(Math.Min(reset, 253402300799)) - clock.GetUtcNow();
                return until < TimeSpan.Zero ? TimeSpan.FromSeconds(1) : until + TimeSpan.FromSeconds(1);
            }

            var secondary = response.StatusCode == HttpStatusCode.TooManyRequests || answer.AsSpan().IndexOf("secondary rate limit"u8) >= 0;
            return secondary ? TimeSpan.FromSeconds(60) : null;
        }

        // 502 to 504 come from the front: nothing was done. 500 may have done something.
        var again = response.StatusCode is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout || (response.StatusCode == HttpStatusCode.InternalServerError && method == HttpMethod.Get);
        return again ? RetryAfter(response) ?? TimeSpan.FromSeconds(1 << attempt) : null;
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date > clock.GetUtcNow() ? date - clock.GetUtcNow() : TimeSpan.FromSeconds(1),
        _ => null,
    };

    private GitHubException Refused(HttpResponseMessage response, byte[] answer, string what, string permission, TimeSpan? wait)
    {
        var said = GitHubException.Said(answer);
        var needed = Header(response, "x-accepted-github-permissions") is { } accepted ? accepted.Replace("=", ": ", StringComparison.Ordinal) : permission;
        var advice = response.StatusCode switch
        {
            _ when wait is { } time => string.Create(CultureInfo.InvariantCulture, $"Its rate limit is reached; try again in {Math.Ceiling(time.TotalMinutes):0} minutes."),
            // GitHub's own words say it: code scanning is not switched on, or not paid for.
            _ when said.Contains("dvanced Security", StringComparison.Ordinal) || said.Contains("ode scanning is not enabled", StringComparison.Ordinal) || said.Contains("ode Security must be enabled", StringComparison.Ordinal) => "",
            HttpStatusCode.Unauthorized => "The token is not valid, or has expired.",
            HttpStatusCode.Forbidden or HttpStatusCode.NotFound => $"The token needs the permission \"{needed}\" for this repository (a pull request from a fork has none).",
            _ => "",
        };
        return new GitHubException(redactor.Redact($"cannot {what}: GitHub answers {(int)response.StatusCode}{(said.Length > 0 ? ", " + Terminal.Clean(said) : "")}. {advice}".TrimEnd()), response.StatusCode);
    }

    private static JsonElement Parse(byte[] answer, string what)
    {
        if (answer.Length == 0)
        {
            return default;
        }

        try
        {
            using var json = JsonDocument.Parse(answer);
            return json.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new GitHubException($"cannot {what}: the answer is not JSON. Is GITHUB_API_URL right, or a proxy between?", null, e);
        }
    }

    private static byte[] Body(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;
}
