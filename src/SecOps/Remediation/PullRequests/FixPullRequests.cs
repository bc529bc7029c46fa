using System.Globalization;
using System.Text;
using System.Text.Json;
using SecOps.Git;
using SecOps.GitHub;

namespace SecOps.Remediation.PullRequests;

/// <summary>What a run of pull requests goes by.</summary>
/// <param name="Repository"><c>owner/name</c>.</param>
/// <param name="Base">The branch that they are for.</param>
/// <param name="Remote">Where branches are pushed: an address or a path.</param>
/// <param name="Token">For pushing over https; null where the remote needs none of ours.</param>
public sealed record PullRequestSettings(string Repository, string Base, string Remote, string? Token, int MaxOpen, IReadOnlyList<string> Labels, IReadOnlyList<string> Reviewers, bool Reopen);

/// <summary>Brings groups of fixes to GitHub: pushes a branch each and keeps one pull request a group. Run again with the same fixes, it does nothing.</summary>
public sealed class FixPullRequests(GitHubClient github, ScratchRepository scratch, PullRequestSettings settings, Action<string> progress)
{
    private const string Prefix = "secops/fix/";

    /// <param name="head">The group's last commit, in the scratch repository.</param>
    /// <param name="body">The text, with its marker.</param>
    /// <returns>What became of it, for a person: the address, or why there is none.</returns>
    public async Task<string> PublishAsync(FixGroup group, string head, string title, string body, CancellationToken cancellation)
    {
        var known = await FindAsync(group, cancellation);
        var remoteHead = await RemoteHeadAsync(group.Branch, cancellation);
        var marker = PullRequestText.ReadMarker(known?.Body, group.Name);
        // A run that was killed after it had pushed left these very files there: they need not be pushed again.
        var isThere = remoteHead is not null && remoteHead != marker?.Head && await IsSameAsync(head, remoteHead, group.Branch, cancellation);
        var isOurs = remoteHead is null || remoteHead == marker?.Head || isThere;
        if (known is { State: "open" } open)
        {
            if (!isOurs)
            {
                return await CommentAsync(open, group, cancellation);
            }

            if (marker?.Checksum == group.Checksum && !isThere)
            {
                return $"{open.Url}: nothing has changed";
            }

            await github.UpdatePullRequestAsync(settings.Repository, open.Number, title, await PushedAsync(), cancellation);
            return $"{open.Url}: updated";
        }

        if (known is { State: "closed", Merged: false } && !settings.Reopen)
        {
            return $"{known.Url} was closed without being merged; --reopen opens another";
        }

        if (await OpenCountAsync(cancellation) >= settings.MaxOpen)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{settings.MaxOpen} pull requests are open already; merge or close one (remediate.maxOpen)");
        }

        if (!isOurs)
        {
            return $"the branch {group.Branch} holds commits that are not ours; it stays as it is";
        }

        var created = await github.CreatePullRequestAsync(settings.Repository, title, await PushedAsync(), group.Branch, settings.Base, draft: false, cancellation);
        await DecorateAsync(created.Number, cancellation);
        return created.Url;

        // The text with the commit that the branch then stands at.
        async Task<string> PushedAsync()
        {
            if (isThere)
            {
                return body.Replace(head, remoteHead, StringComparison.Ordinal);
            }

            await PushAsync(head, group.Branch, remoteHead, cancellation);
            return body;
        }
    }

    private sealed record Known(int Number, string Url, string State, bool Merged, string Body);

    /// <summary>The newest pull request from the group's branch, open ones first.</summary>
    private async Task<Known?> FindAsync(FixGroup group, CancellationToken cancellation)
    {
        var owner = settings.Repository.Split('/')[0];
        var answer = await github.SendAsync(
            HttpMethod.Get, $"repos/{settings.Repository}/pulls?state=all&per_page=100&head={Uri.EscapeDataString($"{owner}:{group.Branch}")}", "look for earlier pull requests", "pull-requests: read", null, cancellation);
        return Items(answer).Select(p => new Known(
                p.GetProperty("number").GetInt32(), Text(p, "html_url"), Text(p, "state"), Text(p, "merged_at").Length > 0, Text(p, "body")))
            .OrderByDescending(p => p.State == "open").ThenByDescending(p => p.Number).FirstOrDefault();
    }

    private async Task<int> OpenCountAsync(CancellationToken cancellation)
    {
        const int PageSize = 100;
        const int MaxPages = 20;
        var count = 0;
        for (var page = 1; page <= MaxPages; page++)
        {
            var answer = await github.SendAsync(
                HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"repos/{settings.Repository}/pulls?state=open&per_page={PageSize}&page={page}"), "count the open pull requests", "pull-requests: read", null, cancellation);
            var all = Items(answer).ToList();
            count += all.Count(p => p.TryGetProperty("head", out var head) && Text(head, "ref").StartsWith(Prefix, StringComparison.Ordinal));
            if (all.Count < PageSize)
            {
                break;
            }
        }

        return count;
    }

    private async Task<string> CommentAsync(Known open, FixGroup group, CancellationToken cancellation)
    {
        var mark = $"<!-- secops:fix-note checksum={group.Checksum} -->";
        var comments = await github.ListCommentsAsync(settings.Repository, open.Number, cancellation);
        if (PullRequestText.ReadMarker(open.Body, group.Name)?.Checksum != group.Checksum && !comments.Any(c => c.Body.Contains(mark, StringComparison.Ordinal)))
        {
            await github.CreateCommentAsync(settings.Repository, open.Number, $"The fixes would be different now. Somebody's commits are on this branch, so it was left as it is.\n\n{mark}", cancellation);
        }

        return $"{open.Url}: holds commits that are not ours, and stays as it is";
    }

    private async Task DecorateAsync(int number, CancellationToken cancellation)
    {
        try
        {
            if (settings.Labels.Count > 0)
            {
                await github.SendAsync(HttpMethod.Post, string.Create(CultureInfo.InvariantCulture, $"repos/{settings.Repository}/issues/{number}/labels"), "label the pull request", "pull-requests: write", json => Write(json, "labels", settings.Labels), cancellation);
            }

            if (settings.Reviewers.Count > 0)
            {
                await github.SendAsync(
                    HttpMethod.Post, string.Create(CultureInfo.InvariantCulture, $"repos/{settings.Repository}/pulls/{number}/requested_reviewers"), "ask for a review", "pull-requests: write",
                    json =>
                    {
                        Write(json, "reviewers", [.. settings.Reviewers.Where(r => !r.Contains('/', StringComparison.Ordinal))]);
                        Write(json, "team_reviewers", [.. settings.Reviewers.Where(r => r.Contains('/', StringComparison.Ordinal)).Select(r => r.Split('/')[1])]);
                    },
                    cancellation);
            }
        }
        catch (GitHubException e)
        {
            // The pull request is there; a missing label is no reason to fail.
            progress(e.Message);
        }
    }

    /// <summary>Whether the branch holds the very files that we would push. Commits of the same fixes differ by their time.</summary>
    private async Task<bool> IsSameAsync(string head, string remoteHead, string branch, CancellationToken cancellation)
    {
        await scratch.GitAsync(["fetch", "--quiet", "--no-tags", "--", settings.Remote, "refs/heads/" + branch], cancellation, environment: Authorization());
        return await scratch.GitAsync(["rev-parse", remoteHead + "^{tree}"], cancellation) == await scratch.GitAsync(["rev-parse", head + "^{tree}"], cancellation);
    }

    /// <returns>Null when the branch is not there.</returns>
    private async Task<string?> RemoteHeadAsync(string branch, CancellationToken cancellation)
    {
        var line = await scratch.GitAsync(["ls-remote", "--", settings.Remote, "refs/heads/" + branch], cancellation, environment: Authorization());
        return line.Length == 0 ? null : line.Split('\t')[0];
    }

    /// <summary>Only over what was there when it was looked at: a commit that came in between is never overwritten.</summary>
    private Task<string> PushAsync(string head, string branch, string? expected, CancellationToken cancellation) =>
        scratch.GitAsync(["push", "--quiet", $"--force-with-lease=refs/heads/{branch}:{expected ?? ""}", "--", settings.Remote, $"{head}:refs/heads/{branch}"], cancellation, environment: Authorization());

    /// <summary>By the environment: arguments can be read by every user of the machine.</summary>
    private Dictionary<string, string?>? Authorization() =>
        settings.Token is null || !settings.Remote.StartsWith("https://", StringComparison.Ordinal) ? null : new()
        {
            ["GIT_CONFIG_COUNT"] = "1",
            ["GIT_CONFIG_KEY_0"] = $"http.{new Uri(settings.Remote).GetLeftPart(UriPartial.Authority)}/.extraHeader",
            ["GIT_CONFIG_VALUE_0"] = "Authorization: Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("x-access-token:" + settings.Token)),
        };

    private static JsonElement.ArrayEnumerator Items(JsonElement answer) => answer.ValueKind == JsonValueKind.Array ? answer.EnumerateArray() : default;

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }
}
