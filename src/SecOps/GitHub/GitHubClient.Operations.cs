using System.Globalization;
using System.Net;
using System.Text.Json;

namespace SecOps.GitHub;

/// <summary>The operations that we use, by their names in GitHub's API description.</summary>
public sealed partial class GitHubClient
{
    /// <summary><c>code-scanning/upload-sarif</c></summary>
    /// <param name="sarif">gzip, then base64.</param>
    /// <returns>The upload's id.</returns>
    public async Task<string> UploadSarifAsync(string repository, string commit, string reference, string sarif, DateTimeOffset startedAt, CancellationToken cancellation)
    {
        var answer = await SendAsync(
            HttpMethod.Post,
            $"{Repo(repository)}/code-scanning/sarifs",
            "upload the SARIF report",
            "security-events: write",
            json =>
            {
                json.WriteString("commit_sha"u8, commit);
                json.WriteString("ref"u8, reference);
                json.WriteString("sarif"u8, sarif);
                json.WriteString("started_at"u8, Time(startedAt));
            },
            cancellation);
        return Text(answer, "id") ?? "";
    }

    /// <summary><c>code-scanning/get-sarif</c></summary>
    /// <returns>pending, complete or failed, and the errors.</returns>
    public async Task<(string Status, IReadOnlyList<string> Errors)> GetSarifAsync(string repository, string id, CancellationToken cancellation)
    {
        var answer = await SendAsync(HttpMethod.Get, $"{Repo(repository)}/code-scanning/sarifs/{Uri.EscapeDataString(id)}", "ask what became of the SARIF report", "security-events: read", null, cancellation);
        var errors = answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("errors", out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Select(e => e.ToString()).ToList() : [];
        return (Text(answer, "processing_status") ?? "pending", errors);
    }

    /// <summary><c>checks/create</c>, completed at once.</summary>
    /// <param name="conclusion">success, failure, neutral and so on.</param>
    /// <param name="summary">Markdown, at most 65,535 characters.</param>
    public Task CreateCheckRunAsync(string repository, string name, string commit, string conclusion, string title, string summary, IReadOnlyList<CheckAnnotation> annotations, CancellationToken cancellation) =>
        SendAsync(
            HttpMethod.Post,
            $"{Repo(repository)}/check-runs",
            "set the check",
            "checks: write",
            json =>
            {
                json.WriteString("name"u8, name);
                json.WriteString("head_sha"u8, commit);
                json.WriteString("status"u8, "completed");
                json.WriteString("conclusion"u8, conclusion);
                json.WriteStartObject("output"u8);
                json.WriteString("title"u8, title);
                json.WriteString("summary"u8, summary);
                json.WriteStartArray("annotations"u8);
                foreach (var annotation in annotations)
                {
                    annotation.Write(json);
                }

                json.WriteEndArray();
                json.WriteEndObject();
            },
            cancellation);

    /// <summary><c>issues/list-comments</c>, all pages; a pull request is an issue here.</summary>
    public async Task<IReadOnlyList<IssueComment>> ListCommentsAsync(string repository, int issue, CancellationToken cancellation)
    {
        const int PageSize = 100;
        const int MaxPages = 30;
        var comments = new List<IssueComment>();
        for (var page = 1; page <= MaxPages; page++)
        {
            var answer = await SendAsync(
                HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"{Repo(repository)}/issues/{issue}/comments?per_page={PageSize}&page={page}"), "list the pull request's comments", "pull-requests: read", null, cancellation);
            if (answer.ValueKind != JsonValueKind.Array)
            {
                break;
            }

            comments.AddRange(answer.EnumerateArray().Select(c => new IssueComment(c.GetProperty("id").GetInt64(), Text(c, "body") ?? "", IsOfTheHouse(c))));
            if (answer.GetArrayLength() < PageSize)
            {
                break;
            }
        }

        return comments;
    }

    /// <summary><c>issues/create-comment</c></summary>
    /// <param name="body">Markdown, at most 65,536 characters.</param>
    public Task CreateCommentAsync(string repository, int issue, string body, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Post, string.Create(CultureInfo.InvariantCulture, $"{Repo(repository)}/issues/{issue}/comments"), "comment on the pull request", "pull-requests: write", json => json.WriteString("body"u8, body), cancellation);

    /// <summary><c>issues/update-comment</c></summary>
    public Task UpdateCommentAsync(string repository, long comment, string body, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Patch, string.Create(CultureInfo.InvariantCulture, $"{Repo(repository)}/issues/comments/{comment}"), "update the comment on the pull request", "pull-requests: write", json => json.WriteString("body"u8, body), cancellation);

    /// <summary><c>pulls/list</c>: the open pull request from that branch, if there is one.</summary>
    /// <param name="head"><c>owner:branch</c></param>
    public async Task<PullRequest?> FindPullRequestAsync(string repository, string head, string @base, CancellationToken cancellation)
    {
        var answer = await SendAsync(
            HttpMethod.Get, $"{Repo(repository)}/pulls?state=open&head={Uri.EscapeDataString(head)}&base={Uri.EscapeDataString(@base)}", "look for the pull request", "pull-requests: read", null, cancellation);
        return answer.ValueKind == JsonValueKind.Array && answer.GetArrayLength() > 0 ? PullRequest.Read(answer[0]) : null;
    }

    /// <summary><c>pulls/create</c></summary>
    /// <param name="head">The branch with the change; <c>owner:branch</c> from a fork.</param>
    /// <param name="base">The branch it is for.</param>
    public async Task<PullRequest> CreatePullRequestAsync(string repository, string title, string body, string head, string @base, bool draft, CancellationToken cancellation) =>
        PullRequest.Read(await SendAsync(
            HttpMethod.Post,
            $"{Repo(repository)}/pulls",
            "open a pull request",
            "pull-requests: write",
            json =>
            {
                json.WriteString("title"u8, title);
                json.WriteString("body"u8, body);
                json.WriteString("head"u8, head);
                json.WriteString("base"u8, @base);
                json.WriteBoolean("draft"u8, draft);
            },
            cancellation));

    /// <summary><c>pulls/update</c>: title and text.</summary>
    public async Task<PullRequest> UpdatePullRequestAsync(string repository, int number, string title, string body, CancellationToken cancellation) =>
        PullRequest.Read(await SendAsync(
            HttpMethod.Patch,
            string.Create(CultureInfo.InvariantCulture, $"{Repo(repository)}/pulls/{number}"),
            "update the pull request",
            "pull-requests: write",
            json =>
            {
                json.WriteString("title"u8, title);
                json.WriteString("body"u8, body);
            },
            cancellation));

    /// <summary><c>repos/get</c>: the branch that pull requests are for unless told otherwise.</summary>
    public async Task<string> GetDefaultBranchAsync(string repository, CancellationToken cancellation) =>
        Text(await SendAsync(HttpMethod.Get, Repo(repository), "ask for the repository", "metadata: read", null, cancellation), "default_branch")
        ?? throw new GitHubException($"GitHub does not say which branch of {repository} is the default", HttpStatusCode.OK);

    /// <summary><c>apps/get-repo-installation</c>, signed in as the App.</summary>
    public async Task<long> GetRepoInstallationAsync(string repository, CancellationToken cancellation)
    {
        var answer = await SendAsync(HttpMethod.Get, $"{Repo(repository)}/installation", $"find the App's installation in {repository} (is it installed there?)", "metadata: read", null, cancellation);
        return answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("id", out var id) && id.TryGetInt64(out var number) ? number
            : throw new GitHubException($"GitHub does not say which installation of the App is for {repository}", HttpStatusCode.OK);
    }

    /// <summary><c>apps/create-installation-access-token</c>: for one repository, to push and to open pull requests.</summary>
    public async Task<string> CreateInstallationAccessTokenAsync(long installation, string name, CancellationToken cancellation)
    {
        var answer = await SendAsync(
            HttpMethod.Post,
            string.Create(CultureInfo.InvariantCulture, $"app/installations/{installation}/access_tokens"),
            "get the App's token",
            "contents: write, pull_requests: write",
            json =>
            {
                json.WriteStartArray("repositories"u8);
                json.WriteStringValue(name);
                json.WriteEndArray();
                json.WriteStartObject("permissions"u8);
                json.WriteString("contents"u8, "write");
                json.WriteString("pull_requests"u8, "write");
                json.WriteEndObject();
            },
            cancellation);
        return Text(answer, "token") ?? throw new GitHubException("GitHub's answer holds no token of the App", HttpStatusCode.OK);
    }

    private static bool IsOfTheHouse(JsonElement comment) =>
        (comment.TryGetProperty("user", out var user) && Text(user, "type") == "Bot") || Text(comment, "author_association") is "OWNER" or "MEMBER" or "COLLABORATOR";

    internal static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string Repo(string repository) => "repos/" + string.Join('/', repository.Split('/').Select(Uri.EscapeDataString));

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}

/// <param name="OfTheHouse">Written by an app such as GitHub Actions, or by somebody who belongs to the repository; anybody may comment.</param>
public sealed record IssueComment(long Id, string Body, bool OfTheHouse);

/// <param name="Url">Its page.</param>
public sealed record PullRequest(int Number, string Url)
{
    internal static PullRequest Read(JsonElement json) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty("number", out var number) && number.TryGetInt32(out var value)
            ? new PullRequest(value, GitHubClient.Text(json, "html_url") ?? "")
            : throw new GitHubException("GitHub's answer holds no pull request", HttpStatusCode.OK);
}

/// <summary>A remark at a line, shown with the check.</summary>
/// <param name="Level">notice, warning or failure.</param>
public sealed record CheckAnnotation(string Path, int StartLine, int EndLine, string Level, string Title, string Message)
{
    internal void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("path"u8, Path);
        json.WriteNumber("start_line"u8, StartLine);
        json.WriteNumber("end_line"u8, EndLine);
        json.WriteString("annotation_level"u8, Level);
        json.WriteString("message"u8, Message);
        json.WriteString("title"u8, Title);
        json.WriteEndObject();
    }
}
