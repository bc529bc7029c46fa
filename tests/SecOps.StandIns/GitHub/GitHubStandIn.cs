using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace SecOps.StandIns.GitHub;

/// <summary>A pull request as GitHub keeps it.</summary>
public sealed class Pull
{
    public required int Number { get; init; }

    public required string Head { get; init; }

    public required string Base { get; init; }

    public required string Title { get; set; }

    public required string Body { get; set; }

    public string State { get; set; } = "open";

    public bool Merged { get; set; }

    public List<string> Labels { get; } = [];

    public List<string> Reviewers { get; } = [];

    public List<string> Comments { get; } = [];
}

/// <summary>
/// Keeps the pull requests of one repository as GitHub does, and lets a GitHub App in. With the address of a server that plays GitHub's own
/// API description (Prism), each request is sent there too: what breaks the description is a violation.
/// </summary>
public sealed class GitHubStandIn : IDisposable
{
    /// <summary>The token that the App gets.</summary>
    public const string AppToken = "ghs_" + "0123456789abcdefghijABCDEFGHIJ456789";

    private readonly StandIn server;
    private readonly string repository;
    private readonly HttpClient? description;

    public GitHubStandIn(string repository, string? prism)
    {
        this.repository = repository;
        description = prism is null ? null : new HttpClient { BaseAddress = new Uri(prism) };
        server = new StandIn(Answer);
    }

    public string Url => server.Url;

    public List<Pull> Pulls { get; } = [];

    /// <summary>What changed something: <c>POST pulls</c>.</summary>
    public List<string> Writes { get; } = [];

    /// <summary>The credential of each request, in order.</summary>
    public List<string> Tokens { get; } = [];

    /// <summary>Requests that break GitHub's API description.</summary>
    public List<string> Violations { get; } = [];

    /// <summary>Everything that was received.</summary>
    public string Received => string.Join('\n', server.Requests.Select(r => r.Method + " " + r.Url + "\n" + r.Body));

    /// <summary>One kind of change that is answered with 403: <c>POST pulls</c>; null: none.</summary>
    public string? Refused { get; set; }

    /// <summary>The App's id and public key; null: there is no App.</summary>
    public (string Id, RSA Key)? App { get; set; }

    public void Dispose()
    {
        server.Dispose();
        description?.Dispose();
    }

    private Answer Answer(Asked asked)
    {
        var token = asked.Header("Authorization") ?? "";
        Tokens.Add(token);
        Describe(asked, token);
        var prefix = $"/repos/{repository}";
        var path = asked.Url.StartsWith(prefix, StringComparison.Ordinal) ? asked.Url[prefix.Length..].Split('?')[0].TrimStart('/') : asked.Url.Split('?')[0];
        if (path is "installation" or "/app/installations/42/access_tokens")
        {
            return !IsApp(token) ? Json(new JsonObject { ["message"] = "A JSON web token could not be decoded" }, 401)
                : path == "installation" ? Json(new JsonObject { ["id"] = 42 })
                : Json(new JsonObject { ["token"] = AppToken, ["expires_at"] = "2100-01-01T00:00:00Z" }, 201);
        }

        if (asked.Method != "GET")
        {
            Writes.Add($"{asked.Method} {path}");
            if (Writes[^1] == Refused)
            {
                return Json(new JsonObject { ["message"] = "Resource not accessible by integration" }, 403);
            }
        }

        var body = asked.Body.Length > 0 ? JsonNode.Parse(asked.Body)!.AsObject() : [];
        var parts = path.Split('/');
        var pull = parts.Length > 1 && int.TryParse(parts[1], out var number) ? Pulls.Find(p => p.Number == number) : null;
        return (asked.Method, parts[0], parts.Length > 2 ? parts[2] : "") switch
        {
            ("GET", "", _) => Json(new JsonObject { ["default_branch"] = "main" }),
            ("GET", "pulls", "") when pull is null => Json(new JsonArray([.. Pulls.Where(p => Matches(p, asked.Url)).Select(Show)])),
            ("POST", "pulls", "") => Create(body),
            ("PATCH", "pulls", "") when pull is not null => Update(pull, body),
            ("POST", "pulls", "requested_reviewers") when pull is not null => Add(pull.Reviewers, [.. Texts(body["reviewers"]), .. Texts(body["team_reviewers"])]),
            ("POST", "issues", "labels") when pull is not null => Add(pull.Labels, Texts(body["labels"])),
            ("GET", "issues", "comments") when pull is not null => Json(new JsonArray([.. pull.Comments.Select((c, i) => new JsonObject { ["id"] = i, ["body"] = c })])),
            ("POST", "issues", "comments") when pull is not null => Add(pull.Comments, [(string)body["body"]!]),
            _ => Json(new JsonObject { ["message"] = "Not Found" }, 404),
        };
    }

    private Answer Create(JsonObject body)
    {
        Pulls.Add(new Pull { Number = Pulls.Count + 1, Head = (string)body["head"]!, Base = (string)body["base"]!, Title = (string)body["title"]!, Body = (string)body["body"]! });
        return Json(Show(Pulls[^1]), 201);
    }

    private static Answer Update(Pull pull, JsonObject body)
    {
        (pull.Title, pull.Body) = ((string)body["title"]!, (string)body["body"]!);
        return Json(Show(pull));
    }

    private static Answer Add(List<string> list, IEnumerable<string> more)
    {
        list.AddRange(more);
        return Json(new JsonObject(), 201);
    }

    private static bool Matches(Pull pull, string url)
    {
        var query = Uri.UnescapeDataString(url.Split('?')[^1]).Split('&');
        return query.All(q => q != "state=open" || pull.State == "open") && query.All(q => !q.StartsWith("head=", StringComparison.Ordinal) || q.EndsWith(":" + pull.Head, StringComparison.Ordinal))
            && query.All(q => !q.StartsWith("page=", StringComparison.Ordinal) || q == "page=1");
    }

    private static JsonObject Show(Pull pull) => new()
    {
        ["number"] = pull.Number, ["state"] = pull.State, ["merged_at"] = pull.Merged ? "2026-01-01T00:00:00Z" : null, ["title"] = pull.Title, ["body"] = pull.Body,
        ["html_url"] = $"https://github.example/pull/{pull.Number}", ["head"] = new JsonObject { ["ref"] = pull.Head },
    };

    private static IEnumerable<string> Texts(JsonNode? node) => node is JsonArray array ? array.Select(n => (string)n!) : [];

    private static Answer Json(JsonNode body, int status = 200) => new(body.ToJsonString(), status) { ContentType = "application/json" };

    /// <summary>RFC 7519, signed by RS256, from the App, valid now and for ten minutes at most.</summary>
    private bool IsApp(string authorization)
    {
        if (App is not var (id, key) || authorization["Bearer ".Length..].Split('.') is not [var head, var payload, var signature])
        {
            return false;
        }

        var (header, claims) = (JsonNode.Parse(Decode(head))!, JsonNode.Parse(Decode(payload))!);
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var (from, until) = ((long)claims["iat"]!, (long)claims["exp"]!);
        return (string)header["alg"]! == "RS256" && (string)claims["iss"]! == id && from <= now && until > now && until - from <= 600
            && key.VerifyData(Encoding.ASCII.GetBytes(head + "." + payload), Decode(signature), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    private static byte[] Decode(string text) => Convert.FromBase64String(text.Replace('-', '+').Replace('_', '/').PadRight((text.Length + 3) / 4 * 4, '='));

    private void Describe(Asked asked, string token)
    {
        if (description is null)
        {
            return;
        }

        using var request = new HttpRequestMessage(new HttpMethod(asked.Method), asked.Url);
        request.Headers.Authorization = AuthenticationHeaderValue.Parse(token);
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        if (asked.Body.Length > 0)
        {
            request.Content = new StringContent(asked.Body, Encoding.UTF8, "application/json");
        }

        using var response = description.Send(request);
        if ((int)response.StatusCode >= 400)
        {
            using var reader = new StreamReader(response.Content.ReadAsStream());
            Violations.Add($"{asked.Method} {asked.Url}: {(int)response.StatusCode} {reader.ReadToEnd()}");
        }
    }
}
