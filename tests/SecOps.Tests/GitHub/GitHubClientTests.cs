using System.Net;
using SecOps.Processes;
using Shouldly;
using Xunit;

namespace SecOps.GitHub;

public sealed class GitHubClientTests : IDisposable
{
    private const string Token = "ghp_a-token-that-is-secret";

    private readonly Answers answers = new();
    private readonly Redactor redactor = new();
    private readonly HurriedClock clock = new();

    public void Dispose() => answers.Dispose();

    [Fact]
    public async Task A_secondary_limit_is_waited_out_as_long_as_GitHub_says()
    {
        answers.Add(HttpStatusCode.Forbidden, """{"message": "You have exceeded a secondary rate limit"}""", ("Retry-After", "7"));
        answers.Add(HttpStatusCode.TooManyRequests, "{}");
        answers.Add(HttpStatusCode.Created, "{}");
        using var client = Client();
        await client.CreateCommentAsync("o/r", 1, "text", CancellationToken.None);
        clock.Waited.ShouldBe([TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(60)]);
        answers.Requests.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_limit_that_lasts_an_hour_is_an_error_that_says_when()
    {
        var reset = clock.GetUtcNow().AddMinutes(50).ToUnixTimeSeconds();
        answers.Add(HttpStatusCode.Forbidden, """{"message": "API rate limit exceeded"}""", ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", $"{reset}"));
        using var client = Client();
        var error = await Should.ThrowAsync<GitHubException>(client.CreateCommentAsync("o/r", 1, "text", CancellationToken.None));
        error.Message.ShouldContain("try again in 51 minutes");
        clock.Waited.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_missing_permission_is_named()
    {
        answers.Add(HttpStatusCode.Forbidden, """{"message": "Resource not accessible by integration"}""", ("x-accepted-github-permissions", "checks=write"));
        using var client = Client();
        var error = await Should.ThrowAsync<GitHubException>(client.CreateCheckRunAsync("o/r", "n", "c", "success", "t", "s", [], CancellationToken.None));
        error.Message.ShouldBe("cannot set the check: GitHub answers 403, Resource not accessible by integration. The token needs the permission \"checks: write\" for this repository (a pull request from a fork has none).");
        error.Status.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task The_token_is_in_no_error_even_when_the_answer_repeats_it()
    {
        answers.Add(HttpStatusCode.Unauthorized, $$"""{"message": "bad credentials {{Token}}", "errors": ["{{Token}}"]}""");
        using var client = Client();
        var error = await Should.ThrowAsync<GitHubException>(client.GetDefaultBranchAsync("o/r", CancellationToken.None));
        error.ToString().ShouldNotContain(Token);
        answers.Requests[0].Headers.Authorization!.Parameter.ShouldBe(Token);
    }

    [Fact]
    public async Task A_repository_without_code_scanning_is_not_told_to_mend_its_token()
    {
        answers.Add(HttpStatusCode.Forbidden, """{"message": "Advanced Security must be enabled for this repository to use code scanning."}""");
        using var client = Client();
        var error = await Should.ThrowAsync<GitHubException>(client.UploadSarifAsync("o/r", "c", "refs/heads/main", "s", clock.GetUtcNow(), CancellationToken.None));
        error.Message.ShouldBe("cannot upload the SARIF report: GitHub answers 403, Advanced Security must be enabled for this repository to use code scanning..");
    }

    [Theory]
    [InlineData("<html>a proxy's page</html>")]
    [InlineData("[1, 2")]
    public async Task An_answer_that_is_not_JSON_is_a_clear_error(string body)
    {
        answers.Add(HttpStatusCode.OK, body);
        using var client = Client();
        (await Should.ThrowAsync<GitHubException>(client.GetDefaultBranchAsync("o/r", CancellationToken.None))).Message.ShouldContain("not JSON");
    }

    [Fact]
    public async Task A_server_that_is_away_for_a_moment_is_asked_again_and_a_change_is_not_sent_twice_when_it_may_have_arrived()
    {
        answers.Add(HttpStatusCode.BadGateway, "");
        answers.Add(HttpStatusCode.OK, """{"default_branch": "main"}""");
        answers.Add(HttpStatusCode.InternalServerError, "");
        using var client = Client();
        (await client.GetDefaultBranchAsync("o/r", CancellationToken.None)).ShouldBe("main");
        await Should.ThrowAsync<GitHubException>(client.CreateCommentAsync("o/r", 1, "text", CancellationToken.None));
        answers.Requests.Count.ShouldBe(3);
    }

    [Fact]
    public async Task Comments_are_listed_over_all_pages()
    {
        answers.Add(HttpStatusCode.OK, "[" + string.Join(',', Enumerable.Range(0, 100).Select(i => $$$"""{"id": {{{i}}}, "body": "b", "author_association": "NONE", "user": {"type": "User"}}""")) + "]");
        answers.Add(HttpStatusCode.OK, """[{"id": 100, "body": null, "user": {"type": "Bot"}}]""");
        using var client = Client();
        var comments = await client.ListCommentsAsync("o/r", 3, CancellationToken.None);
        comments.Count.ShouldBe(101);
        comments.Count(c => c.OfTheHouse).ShouldBe(1);
        comments[100].OfTheHouse.ShouldBeTrue();
        answers.Requests[1].RequestUri!.PathAndQuery.ShouldBe("/api/v3/repos/o/r/issues/3/comments?per_page=100&page=2");
    }

    [Theory]
    [InlineData("http://ghe.example")]
    [InlineData("ftp://ghe.example")]
    [InlineData("nonsense")]
    public void A_token_is_sent_over_https_alone(string url) =>
        Should.Throw<SecOpsException>(() => GitHubContext.Address(url)).Message.ShouldContain("has to be an https address");

    private GitHubClient Client() => new(new Uri("https://ghe.example/api/v3"), Token, redactor, clock, answers);

    /// <summary>Waits for nobody, and remembers how long it should have.</summary>
    private sealed class HurriedClock : TimeProvider
    {
        public List<TimeSpan> Waited { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Waited.Add(dueTime);
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }

    private sealed class Answers : HttpMessageHandler
    {
        private readonly Queue<HttpResponseMessage> queue = new();

        public List<HttpRequestMessage> Requests { get; } = [];

        public void Add(HttpStatusCode status, string body, params (string Name, string Value)[] headers)
        {
            var response = new HttpResponseMessage(status) { Content = new StringContent(body) };
            foreach (var (name, value) in headers)
            {
                response.Headers.TryAddWithoutValidation(name, value);
            }

            queue.Enqueue(response);
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests.Add(request);
            return Task.FromResult(queue.Dequeue());
        }
    }
}
