using System.Text.Json;

namespace SecOps.GitHub;

/// <summary>Which repository, commit and pull request this is, and what may be done there: all that GitHub Actions says by its variables.</summary>
/// <param name="Repository"><c>owner/name</c>.</param>
/// <param name="Commit">The commit that was checked out; for a pull request usually the merge of it.</param>
/// <param name="Ref">Full: <c>refs/heads/main</c>, <c>refs/pull/7/merge</c>.</param>
/// <param name="Head">The commit that people see: for a pull request the head of its branch.</param>
/// <param name="PullRequest">Its number; null elsewhere.</param>
/// <param name="Token">Never shown.</param>
public sealed record GitHubContext(Uri Api, string Repository, string Commit, string Ref, string Head, int? PullRequest, string Token)
{
    /// <summary>Running inside GitHub Actions: workflow commands on standard output are read.</summary>
    public bool InActions { get; init; }

    /// <summary>The pull request comes from another repository: GitHub gives its workflow a token that may only read.</summary>
    public bool FromFork { get; init; }

    /// <summary>The file of the step's summary; null outside Actions.</summary>
    public string? StepSummary { get; init; }

    /// <summary>Reads the variables of GitHub Actions; outside, the same variables may be set by hand.</summary>
    /// <param name="commit">Taken when GITHUB_SHA is not set.</param>
    /// <param name="branch">Taken when GITHUB_REF is not set.</param>
    /// <exception cref="SecOpsException">Something is missing (exit code 2).</exception>
    public static GitHubContext Read(Func<string, string?> variable, string? commit, string? branch)
    {
        string? Of(string name) => variable(name) is { Length: > 0 } value ? value : null;
        var token = Of("GITHUB_TOKEN") ?? Of("GH_TOKEN") ?? throw Missing("GITHUB_TOKEN", "in a workflow: env: GITHUB_TOKEN: ${{ github.token }}");
        var repository = Of("GITHUB_REPOSITORY") ?? throw Missing("GITHUB_REPOSITORY", "owner/name");
        if (repository.Split('/') is not [{ Length: > 0 }, { Length: > 0 }])
        {
            throw SecOpsException.Usage($"GITHUB_REPOSITORY is {repository}; it has to be owner/name.");
        }

        var sha = Of("GITHUB_SHA") ?? commit ?? throw Missing("GITHUB_SHA", "the full hash of the scanned commit");
        var reference = Of("GITHUB_REF") ?? (branch is null ? null : "refs/heads/" + branch) ?? throw Missing("GITHUB_REF", "e.g. refs/heads/main");
        var (number, head, fork) = PullRequestOf(Of("GITHUB_EVENT_PATH"), reference);
        return new GitHubContext(Address(Of("GITHUB_API_URL")), repository, sha, reference, head ?? sha, number, token)
        {
            InActions = Of("GITHUB_ACTIONS") == "true",
            FromFork = fork,
            StepSummary = Of("GITHUB_STEP_SUMMARY"),
        };
    }

    /// <summary>The API's address: GITHUB_API_URL, else github.com's.</summary>
    /// <exception cref="SecOpsException">It is no address that a token may be sent to (exit code 2).</exception>
    public static Uri Address(string? url)
    {
        if (!Uri.TryCreate(url ?? "https://api.github.com", UriKind.Absolute, out var address) || (address.Scheme != Uri.UriSchemeHttps && !(address.Scheme == Uri.UriSchemeHttp && address.IsLoopback)))
        {
            throw SecOpsException.Usage($"GITHUB_API_URL is {url}; it has to be an https address, since the token is sent to it.");
        }

        return address;
    }

    private static (int? Number, string? Head, bool FromFork) PullRequestOf(string? eventFile, string reference)
    {
        int? number = reference.Split('/') is ["refs", "pull", var text, ..] && int.TryParse(text, out var fromRef) ? fromRef : null;
        if (eventFile is null || !File.Exists(eventFile))
        {
            return (number, null, false);
        }

        try
        {
            using var stream = File.OpenRead(eventFile);
            using var payload = JsonDocument.Parse(stream);
            if (payload.RootElement.ValueKind == JsonValueKind.Object && payload.RootElement.TryGetProperty("pull_request", out var request) && request.ValueKind == JsonValueKind.Object)
            {
                var head = request.GetProperty("head");
                // A fork that has been deleted since has no repository.
                var fork = head.TryGetProperty("repo", out var from) && request.TryGetProperty("base", out var into) && into.TryGetProperty("repo", out var to) && GitHubClient.Text(from, "full_name") != GitHubClient.Text(to, "full_name");
                return (request.GetProperty("number").GetInt32(), head.GetProperty("sha").GetString(), fork);
            }
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or KeyNotFoundException or InvalidOperationException)
        {
            throw SecOpsException.Usage($"{eventFile} (GITHUB_EVENT_PATH) is not an event of GitHub Actions: {e.Message}");
        }

        return (number, null, false);
    }

    private static SecOpsException Missing(string name, string what) => SecOpsException.Usage($"{name} is not set ({what}). Inside GitHub Actions it is found by itself; elsewhere set it.");
}
