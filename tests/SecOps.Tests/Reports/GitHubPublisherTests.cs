using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SecOps.Findings;
using SecOps.GitHub;
using SecOps.Processes;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Reports;

/// <summary>Against GitHub's own API description, played by Prism, which answers 422 and logs a violation when a request breaks it.</summary>
public sealed class GitHubPublisherTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly StringWriter output = new();
    private readonly StringWriter error = new();

    public void Dispose()
    {
        folder.Dispose();
        output.Dispose();
        error.Dispose();
    }

    [NeedsFact("SECOPS_TEST_GITHUB", "SECOPS_TEST_GITHUB_LOG")]
    public async Task A_run_is_shown_on_GitHub_without_a_violation_of_its_API_description()
    {
        foreach (var inActions in new[] { true, false })
        {
            (await Publish(ReportDocuments.Full, inActions)).ShouldBeEmpty();
        }

        output.ToString().ShouldContain("GitHub: comment written.");
        output.ToString().ShouldContain("GitHub: check set to failure.");
        // The description's own examples break it in places: those are violations of responses.
        Regex.Matches(await LogAsync(), "Violation: request.*").Select(m => m.Value).ShouldBeEmpty();
    }

    [NeedsFact("SECOPS_TEST_GITHUB")]
    public async Task Pull_requests_are_opened_and_changed_by_the_same_client()
    {
        using var client = new GitHubClient(new Uri(Parts.Variable("SECOPS_TEST_GITHUB")), "a-token-for-nobody", new Redactor(), TimeProvider.System);
        (await client.CreatePullRequestAsync("octocat/hello", "title", "body", "octocat:fix", "main", draft: true, CancellationToken.None)).Number.ShouldBeGreaterThan(0);
        (await client.UpdatePullRequestAsync("octocat/hello", 1347, "title", "body", CancellationToken.None)).Number.ShouldBeGreaterThan(0);
        await client.FindPullRequestAsync("octocat/hello", "octocat:fix", "main", CancellationToken.None);
        await client.UpdateCommentAsync("octocat/hello", 1, "body", CancellationToken.None);
        (await client.GetDefaultBranchAsync("octocat/hello", CancellationToken.None)).ShouldNotBeEmpty();
    }

    [NeedsFact("SECOPS_TEST_GITHUB")]
    public async Task The_summary_of_a_step_keeps_below_the_size_that_GitHub_drops()
    {
        var summary = folder.Write("summary.md", new string('x', 600_000));
        var findings = Enumerable.Range(0, 20_000).Select(i => ReportDocuments.Code($"f1-{i:x20}", Severity.High, "B602", $"src/{i}.py", 1, ReportDocuments.Hostile)).ToList();
        await Publish(ReportDocuments.Full with { Findings = findings }, inActions: true);
        new FileInfo(summary).Length.ShouldBeInRange(900_000, 1024 * 1024);
        output.ToString().ShouldMatch(@"step summary written; \d+ findings, the least severe, did not fit\.");
    }

    [Fact]
    public void An_annotation_is_one_command_whatever_the_finding_says()
    {
        var (lines, left) = WorkflowCommands.Annotations(ReportDocuments.Full);
        lines.Count.ShouldBe(6);
        left.ShouldBe(0);
        lines.ShouldAllBe(l => !l.Contains('\n') && !l.Contains('\r') && Regex.IsMatch(l, "^::(error|warning|notice) file=[^:,]+,line=[0-9]+,endLine=[0-9]+,title=[^:,]+::"));
        lines.Single(l => l.Contains("B000")).ShouldContain("::error::boom%0A::error file=a::b");
    }

    [Fact]
    public void Ten_annotations_of_a_kind_are_written_and_the_rest_is_counted()
    {
        var findings = Enumerable.Range(0, 30).Select(i => ReportDocuments.Code($"f1-{i}", i < 25 ? Severity.High : Severity.Low, "B602", "a.py", i + 1, "t")).ToList();
        var (lines, left) = WorkflowCommands.Annotations(ReportDocuments.Full with { Findings = findings });
        (lines.Count, left).ShouldBe((15, 15));
    }

    [Fact]
    public void Inside_Actions_repository_commit_and_pull_request_are_found_by_themselves()
    {
        var payload = folder.Write("event.json", """{"pull_request": {"number": 7, "head": {"sha": "feed"}}}""");
        var variables = new Dictionary<string, string>
        {
            ["GITHUB_TOKEN"] = "t", ["GITHUB_REPOSITORY"] = "o/r", ["GITHUB_SHA"] = "beef", ["GITHUB_REF"] = "refs/pull/7/merge", ["GITHUB_EVENT_PATH"] = payload, ["GITHUB_ACTIONS"] = "true",
        };
        var context = GitHubContext.Read(variables.GetValueOrDefault, null, null);
        (context.Repository, context.Commit, context.Head, context.PullRequest, context.InActions).ShouldBe(("o/r", "beef", "feed", 7, true));
        variables.Remove("GITHUB_TOKEN");
        Should.Throw<SecOpsException>(() => GitHubContext.Read(variables.GetValueOrDefault, null, null)).Message.ShouldStartWith("GITHUB_TOKEN is not set");
    }

    [Theory]
    [InlineData("o/r", false)]
    [InlineData("somebody/r", true)]
    public void A_pull_request_from_another_repository_is_known_as_such(string head, bool fork)
    {
        var payload = folder.Write("event.json", """{"pull_request": {"number": 7, "head": {"sha": "feed", "repo": {"full_name": "HEAD"}}, "base": {"repo": {"full_name": "o/r"}}}}""".Replace("HEAD", head));
        var variables = new Dictionary<string, string> { ["GITHUB_TOKEN"] = "t", ["GITHUB_REPOSITORY"] = "o/r", ["GITHUB_SHA"] = "beef", ["GITHUB_REF"] = "refs/pull/7/merge", ["GITHUB_EVENT_PATH"] = payload };
        GitHubContext.Read(variables.GetValueOrDefault, null, null).FromFork.ShouldBe(fork);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_token_that_may_only_read_is_no_failure_in_a_pull_request_from_a_fork(bool fork)
    {
        using var server = new StandIn(_ => (HttpStatusCode.Forbidden, """{"message": "Resource not accessible by integration"}"""));
        var failures = await Publish(ReportDocuments.Full, server, c => c with { FromFork = fork, StepSummary = folder["summary.md"] });
        failures.Count.ShouldBe(fork ? 0 : 3);
        File.ReadAllText(folder["summary.md"]).ShouldContain("Security gate failed");
        if (fork)
        {
            output.ToString().ShouldContain("GitHub: the comment is left out: this pull request comes from a fork, whose token may only read.");
        }
    }

    [Fact]
    public async Task One_comment_is_written_and_from_then_on_changed_and_what_a_stranger_wrote_is_left_alone()
    {
        var comments = new List<(string Author, string Body)>();
        using var server = new StandIn(request =>
        {
            var body = request.Content is null ? "" : JsonDocument.Parse(request.Content.ReadAsStringAsync().Result).RootElement.TryGetProperty("body", out var text) ? text.GetString()! : "";
            var path = request.RequestUri!.AbsolutePath;
            switch (request.Method.Method)
            {
                case "GET" when path.EndsWith("/comments", StringComparison.Ordinal):
                    return (HttpStatusCode.OK, new JsonArray([.. comments.Select((c, i) => new JsonObject { ["id"] = i, ["body"] = c.Body, ["author_association"] = c.Author, ["user"] = new JsonObject { ["type"] = "User" } })]).ToJsonString());
                case "POST" when path.EndsWith("/comments", StringComparison.Ordinal):
                    comments.Add(("MEMBER", body));
                    break;
                case "PATCH":
                    comments[int.Parse(path.Split('/')[^1], null)] = ("MEMBER", body);
                    break;
            }

            return (HttpStatusCode.OK, """{"id": "1", "processing_status": "complete"}""");
        });
        comments.Add(("NONE", "<!-- secops-report secops -->\nall is well"));
        (await Publish(ReportDocuments.Full, server)).ShouldBeEmpty();
        (await Publish(ReportDocuments.Full with { Gate = null }, server)).ShouldBeEmpty();
        comments.Count.ShouldBe(2);
        comments[0].Body.ShouldEndWith("all is well");
        comments[1].Body.ShouldContain("## Security findings");
        (await Publish(ReportDocuments.Full, server, category: "other")).ShouldBeEmpty();
        comments.Count.ShouldBe(3, "a second project of the repository has a comment of its own");

        var many = Enumerable.Range(0, 5000).Select(i => ReportDocuments.Code($"f1-{i:x20}", Severity.High, "B602", $"src/{i}.py", 1, ReportDocuments.Hostile)).ToList();
        await Publish(ReportDocuments.Full with { Findings = many }, server);
        comments[1].Body.Length.ShouldBeInRange(60_000, 65_536);
        comments[1].Body.ShouldMatch(@"\*\*\d+ more findings, the least severe, are left out here\.\*\*");
        output.ToString().ShouldMatch(@"comment updated; \d+ findings, the least severe, did not fit\.");
    }

    [Fact]
    public async Task Outside_Actions_the_check_has_fifty_annotations_and_says_how_many_findings_got_none()
    {
        using var server = new StandIn(request => (HttpStatusCode.OK, request.RequestUri!.AbsolutePath.EndsWith("/comments", StringComparison.Ordinal) && request.Method == HttpMethod.Get ? "[]" : """{"id": "1", "processing_status": "complete"}"""));
        var many = Enumerable.Range(0, 60).Select(i => ReportDocuments.Code($"f1-{i:x20}", Severity.High, "B602", $"src/{i}.py", 1, "t")).ToList();
        (await Publish(ReportDocuments.Full with { Findings = many }, server, c => c with { InActions = false })).ShouldBeEmpty();
        output.ToString().ShouldContain("GitHub: check set to failure; 10 findings, the least severe, got no annotation.");
    }

    [Fact]
    public void A_line_hash_is_computed_for_files_of_the_repository_and_no_others()
    {
        folder.Write("repo/a.py", " a\nb\n  \t\tc\n d");
        folder.Write("secret", "x");
        var hashes = new LineHashes(folder["repo"]);
        hashes.Of(ReportDocuments.Code("f1-1", Severity.Low, "B1", "a.py", 2, "t")).ShouldBe("54703d4cd895b18:1");
        hashes.Of(ReportDocuments.Code("f1-1", Severity.Low, "B1", "a.py", 99, "t")).ShouldBeNull();
        hashes.Of(ReportDocuments.Code("f1-1", Severity.Low, "B1", "../secret", 1, "t")).ShouldBeNull();
        hashes.Of(ReportDocuments.Code("f1-1", Severity.Low, "B1", folder["secret"], 1, "t")).ShouldBeNull();
    }

    private async Task<IReadOnlyList<string>> Publish(FindingsDocument document, bool inActions)
    {
        var redactor = new Redactor();
        using var client = new GitHubClient(new Uri(Parts.Variable("SECOPS_TEST_GITHUB")), "a-token-for-nobody", redactor, TimeProvider.System);
        var context = new GitHubContext(new Uri(Parts.Variable("SECOPS_TEST_GITHUB")), "octocat/hello-world", "0123456789abcdef0123456789abcdef01234567", "refs/heads/main", "0123456789abcdef0123456789abcdef01234567", 7, "a-token-for-nobody")
        {
            InActions = inActions,
            StepSummary = inActions ? folder["summary.md"] : null,
        };
        var publisher = new GitHubPublisher(client, context, new Terminal(redactor, output, error), TimeProvider.System);
        return await publisher.PublishAsync(document, CancellationToken.None);
    }

    private async Task<IReadOnlyList<string>> Publish(FindingsDocument document, HttpMessageHandler server, Func<GitHubContext, GitHubContext>? change = null, string category = "secops")
    {
        var redactor = new Redactor();
        using var client = new GitHubClient(new Uri("https://ghe.example/api/v3"), "a-token-for-nobody", redactor, TimeProvider.System, server);
        var context = new GitHubContext(new Uri("https://ghe.example/api/v3"), "o/r", "beef", "refs/pull/7/merge", "feed", 7, "a-token-for-nobody") { InActions = true };
        return await new GitHubPublisher(client, change?.Invoke(context) ?? context, new Terminal(redactor, output, error), TimeProvider.System) { Category = category }.PublishAsync(document, CancellationToken.None);
    }

    private sealed class StandIn(Func<HttpRequestMessage, (HttpStatusCode Status, string Body)> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var (status, body) = answer(request);
            return Task.FromResult(new HttpResponseMessage(status) { Content = new StringContent(body) });
        }    }

    private static async Task<string> LogAsync()
    {
        await using var log = new FileStream(Parts.Variable("SECOPS_TEST_GITHUB_LOG"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(log, Encoding.UTF8);
        return await reader.ReadToEndAsync();
    }
}
