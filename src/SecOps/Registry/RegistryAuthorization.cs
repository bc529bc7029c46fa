using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using SecOps.Processes;

namespace SecOps.Registry;

/// <summary>
/// Answers a registry's challenge: basic, or a bearer token from the token server that it names (distribution's
/// "Token Authentication Specification"; an identity token goes by OAuth2). Tokens live in memory, one a scope.
/// </summary>
internal sealed partial class RegistryAuthorization(HttpClient http, string registry, IRegistryCredentials credentials, Redactor redactor)
{
    private const int MaxAnswer = 256 * 1024;

    private readonly ConcurrentDictionary<string, AuthenticationHeaderValue> headers = new();

    /// <summary>The credential that was used, for messages; null when none was found.</summary>
    public RegistryCredential? Used { get; private set; }

    /// <summary>What the last challenge for this scope was answered with.</summary>
    public Task<AuthenticationHeaderValue?> HeaderAsync(string scope, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return Task.FromResult(headers.GetValueOrDefault(scope));
    }

    /// <returns>Null when there is nothing to answer with.</returns>
    public Task<AuthenticationHeaderValue?> AnswerAsync(IEnumerable<AuthenticationHeaderValue> challenges, string scope, CancellationToken cancellation) =>
        AnswerAsync(challenges, scope, renew: false, cancellation);

    /// <summary>The answer was refused: a credential with a short life (a cloud's) may have ended, so it is asked for again.</summary>
    public async Task<AuthenticationHeaderValue?> RenewAsync(IEnumerable<AuthenticationHeaderValue> challenges, string scope, CancellationToken cancellation)
    {
        var before = headers.GetValueOrDefault(scope)?.Parameter;
        var again = await AnswerAsync(challenges, scope, renew: true, cancellation);
        return again?.Parameter == before ? null : again;
    }

    private async Task<AuthenticationHeaderValue?> AnswerAsync(IEnumerable<AuthenticationHeaderValue> challenges, string scope, bool renew, CancellationToken cancellation)
    {
        var known = challenges.ToList();
        var credential = Used = await credentials.FindAsync(registry, renew, cancellation);
        if (credential is not null)
        {
            redactor.Add(credential.Secret);
            redactor.Add(Basic(credential));
        }

        AuthenticationHeaderValue? header = null;
        if (known.Find(c => Is(c, "Bearer")) is { } bearer)
        {
            var token = await TokenAsync(Parameters(bearer.Parameter ?? ""), scope, credential, cancellation);
            redactor.Add(token);
            header = new AuthenticationHeaderValue("Bearer", token);
        }
        else if (credential is not null && known.Exists(c => Is(c, "Basic")))
        {
            header = new AuthenticationHeaderValue("Basic", Basic(credential));
        }

        if (header is not null)
        {
            headers[scope] = header;
        }

        return header;
    }

    private async Task<string> TokenAsync(Dictionary<string, string> challenge, string scope, RegistryCredential? credential, CancellationToken cancellation)
    {
        if (!Uri.TryCreate(challenge.GetValueOrDefault("realm"), UriKind.Absolute, out var realm)
            || (realm.Scheme != Uri.UriSchemeHttps && !(realm.IsLoopback && ImageReference.IsLoopbackHost(registry))))
        {
            throw SecOpsException.Tool($"{registry} names no token server with TLS (realm \"{Terminal.Clean(challenge.GetValueOrDefault("realm"))}\"); no credential is sent there.");
        }

        using var request = TokenRequest(realm, challenge.GetValueOrDefault("service") ?? "", scope, credential);
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            var body = await RegistryTransport.BodyAsync(response, MaxAnswer, "a token", cancellation);
            if (!response.IsSuccessStatusCode)
            {
                var who = credential is null ? "and no credential was found" : $"to the credential of {credential}";
                throw SecOpsException.Tool($"{realm.Host}, the token server of {registry}, answered {(int)response.StatusCode}{RegistryError.Read(body)} {who}. {(response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? "Renew the credential, or grant it this repository." : "Try again later.")}");
            }

            using var json = JsonDocument.Parse(body);
            foreach (var name in (string[])["token", "access_token"])
            {
                if (json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty(name, out var token) && token.ValueKind == JsonValueKind.String)
                {
                    return token.GetString()!;
                }
            }

            throw SecOpsException.Tool($"{realm.Host}, the token server of {registry}, answered without a token.");
        }
        catch (JsonException e)
        {
            throw SecOpsException.Tool($"{realm.Host}, the token server of {registry}, answered something that is not JSON.", e);
        }
    }

    private static HttpRequestMessage TokenRequest(Uri realm, string service, string scope, RegistryCredential? credential)
    {
        if (credential is { IsIdentityToken: true })
        {
            return new HttpRequestMessage(HttpMethod.Post, realm)
            {
                Content = new FormUrlEncodedContent(
                [
                    KeyValuePair.Create("grant_type", "refresh_token"), KeyValuePair.Create("service", service), KeyValuePair.Create("scope", scope),
                    KeyValuePair.Create("client_id", "secops"), KeyValuePair.Create("refresh_token", credential.Secret),
                ]),
            };
        }

        var query = $"service={Uri.EscapeDataString(service)}&scope={Uri.EscapeDataString(scope)}";
        var address = new UriBuilder(realm) { Query = realm.Query.Length > 1 ? realm.Query[1..] + "&" + query : query };
        var request = new HttpRequestMessage(HttpMethod.Get, address.Uri);
        if (credential is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Basic(credential));
        }

        return request;
    }

    private static bool Is(AuthenticationHeaderValue challenge, string scheme) => challenge.Scheme.Equals(scheme, StringComparison.OrdinalIgnoreCase);

    private static string Basic(RegistryCredential c) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{c.Username}:{c.Secret}"));

    private static Dictionary<string, string> Parameters(string text)
    {
        var parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (Match match in Parameter().Matches(text))
        {
            parameters[match.Groups[1].Value] = match.Groups[2].Success ? match.Groups[2].Value : match.Groups[3].Value;
        }

        return parameters;
    }

    [GeneratedRegex(@"(\w+)\s*=\s*(?:""([^""]*)""|([^\s,]+))")]
    private static partial Regex Parameter();
}
