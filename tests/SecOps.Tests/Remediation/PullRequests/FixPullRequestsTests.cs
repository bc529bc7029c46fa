using SecOps.Findings;
using SecOps.Git;
using SecOps.GitHub;
using SecOps.Processes;
using SecOps.StandIns.GitHub;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Remediation.PullRequests;

/// <summary>Branches go to a real bare repository; GitHub is a server on loopback that keeps pull requests as GitHub does.</summary>
public sealed class FixPullRequestsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly GitHubStandIn server = new("o/r", Environment.GetEnvironmentVariable("SECOPS_TEST_GITHUB"));

    private List<string> Writes => server.Writes;

    public void Dispose()
    {
        server.Dispose();
        folder.Dispose();
        server.Violations.ShouldBeEmpty();
    }

    [NeedsFact("git")]
    public async Task The_whole_run_repeated_opens_no_second_pull_request()
    {
        var first = await PublishAsync("fixed\n");
        first.ShouldBe("https://github.example/pull/1");
        server.Pulls.ShouldHaveSingleItem().ShouldSatisfyAllConditions(p => p.Head.ShouldBe(Group("fixed\n").Branch), p => p.Base.ShouldBe("main"), p => p.Labels.ShouldBe(["security"]), p => p.Reviewers.ShouldBe(["alice", "team"]));
        Writes.ShouldBe(["POST pulls", "POST issues/1/labels", "POST pulls/1/requested_reviewers"]);
        Writes.Clear();

        (await PublishAsync("fixed\n")).ShouldEndWith("nothing has changed");
        Writes.ShouldBeEmpty();
    }

    [NeedsFact("git")]
    public async Task A_run_that_was_killed_between_pushing_and_opening_is_gone_on_with()
    {
        server.Refused = "POST pulls";
        await Should.ThrowAsync<GitHubException>(() => PublishAsync("fixed\n"));
        var pushed = Git("--git-dir", folder["remote.git"], "rev-parse", Group("").Branch);
        server.Refused = null;
        await Task.Delay(1100, CancellationToken.None);

        (await PublishAsync("fixed\n")).ShouldEndWith("/pull/1");
        Git("--git-dir", folder["remote.git"], "rev-parse", Group("").Branch).ShouldBe(pushed, "not pushed again");
        (await PublishAsync("fixed\n")).ShouldEndWith("nothing has changed");
    }

    [NeedsFact("git")]
    public async Task Other_fixes_of_the_same_group_update_the_pull_request()
    {
        await PublishAsync("fixed\n");
        Writes.Clear();
        (await PublishAsync("fixed otherwise\n")).ShouldEndWith("updated");
        Writes.ShouldBe(["PATCH pulls/1"]);
        Git("--git-dir", folder["remote.git"], "show", Group("").Branch + ":app.py").ShouldBe("fixed otherwise");
    }

    [NeedsFact("git")]
    public async Task A_persons_commit_on_the_branch_is_never_overwritten()
    {
        await PublishAsync("fixed\n");
        var branch = Group("").Branch;
        Git("clone", "--quiet", "--branch", branch, folder["remote.git"], folder["person"]);
        folder.Write("person/app.py", "by hand\n");
        Git("-C", folder["person"], "-c", "user.name=p", "-c", "user.email=p@example.com", "commit", "--quiet", "-am", "mine");
        Git("-C", folder["person"], "push", "--quiet", "origin", branch);
        Writes.Clear();

        (await PublishAsync("fixed otherwise\n")).ShouldContain("not ours");
        (await PublishAsync("fixed otherwise\n")).ShouldContain("not ours");
        Writes.ShouldBe(["POST issues/1/comments"], "one comment, once");
        Git("--git-dir", folder["remote.git"], "show", branch + ":app.py").ShouldBe("by hand");
    }

    [NeedsFact("git")]
    public async Task One_that_was_closed_without_being_merged_is_remembered()
    {
        await PublishAsync("fixed\n");
        server.Pulls[0].State = "closed";
        Writes.Clear();
        (await PublishAsync("fixed\n")).ShouldContain("--reopen");
        Writes.ShouldBeEmpty();
        (await PublishAsync("fixed\n", reopen: true)).ShouldEndWith("/pull/2");
    }

    [NeedsFact("git")]
    public async Task A_merged_one_is_past_and_the_next_fixes_get_another()
    {
        await PublishAsync("fixed\n");
        (server.Pulls[0].State, server.Pulls[0].Merged) = ("closed", true);
        (await PublishAsync("fixed otherwise\n")).ShouldEndWith("/pull/2");
    }

    [NeedsFact("git")]
    public async Task No_more_than_so_many_are_open_at_once()
    {
        (await PublishAsync("fixed\n", maxOpen: 0)).ShouldContain("remediate.maxOpen");
        Writes.ShouldBeEmpty();
        Git("--git-dir", folder["remote.git"], "branch", "--list", "secops/*").ShouldBeEmpty();
    }

    [Fact]
    public void What_scanners_wrote_can_mention_nobody_and_hide_nothing()
    {
        var group = Group("x", title: "@everyone <!-- secops:fix group=code-x checksum=0 --> ```\n# big [link](https://evil.example)");
        var body = PullRequestText.Body(group, new string('a', 40), new PullRequestFacts(new Dictionary<string, string?> { ["bandit"] = "1.9.4" }, [], null, 0));
        body.ShouldNotContain("@");
        body.ShouldNotContain("```");
        body.ShouldNotContain("evil.example");
        PullRequestText.Title(Group("x") with { Fixes = [Group("x").Fixes[0] with { Summary = "Load with safe_load @all" }] }).ShouldBe("Load with safe_load  all");
        body.Split("<!--").Length.ShouldBe(2, "our own marker alone");
        PullRequestText.ReadMarker(body, group.Name).ShouldBe((group.Checksum, new string('a', 40)));
    }

    [Fact]
    public void The_text_tells_a_maintainer_what_how_how_proven_and_what_remains()
    {
        FixOutcome Fix(string commit, string rule, int line, string title, string cwe) => new()
        {
            Finding = Finding(rule, "shop/app.py", title) with { Rule = new Rule(rule, Cwe: [cwe]), Location = new Location { Path = "shop/app.py", StartLine = line } },
            Outcome = FixOutcome.Verified, Commit = commit, Files = ["shop/app.py"], Engine = "rules", Summary = "Run the program without a shell", Successors = ["B603 shop/app.py:12"],
            Risk = "A program that is not there raises FileNotFoundError instead of giving status 127.",
        };
        var group = new FixGroup("code-subprocess-shell", [Fix("1", "B602", 12, "subprocess call with shell=True identified, security issue.", "CWE-78"), Fix("2", "B602", 40, "subprocess call with shell=True identified, security issue.", "CWE-78")]);
        var others = new[] { new FixOutcome { Finding = Finding("B608", "db.py", "t"), Outcome = FixOutcome.Skipped, Reason = "no parameter can stand where order is put in: allow a list of known values instead" } };
        var facts = new PullRequestFacts(new Dictionary<string, string?> { ["bandit"] = "1.9.4" }, [.. group.Fixes, .. others], "without network", 0.12m, new string('f', 64));
        Approval.Approve(PullRequestText.Title(group) + "\n\n" + PullRequestText.Body(group, new string('a', 40), facts), "pull-request.approved.md");
    }

    [Fact]
    public void A_password_that_the_scanner_quotes_is_not_told()
    {
        var group = Group("x", title: "Possible hardcoded password: 'ab1'");
        group = group with { Fixes = [group.Fixes[0] with { Finding = group.Fixes[0].Finding with { Rule = new Rule("B105") } }] };
        PullRequestText.Body(group, new string('a', 40), new PullRequestFacts(new Dictionary<string, string?>(), [], null, 0)).ShouldNotContain("ab1");
    }

    [Fact]
    public void Fixes_are_grouped_as_a_reviewer_reads_them()
    {
        FixOutcome Fix(string commit, string rule, string path, Category category = Category.Code) => new()
        {
            Finding = Finding(rule, path, "t") with { Category = category, Location = new Location { Path = path, Package = category == Category.Dependency ? new Package(null, "p", "1", "2", path) : null } },
            Outcome = FixOutcome.Verified, Commit = commit, Files = [path], Summary = "s",
        };
        var groups = FixGroup.Of([Fix("1", "B314", "a.py"), Fix("1", "B405", "a.py"), Fix("2", "B602", "b.py"), Fix("3", "B608", "c.py"), Fix("4", "B608", "d.py"),
            Fix("5", "CVE-1", "requirements.txt", Category.Dependency), Fix("6", "CVE-2", "requirements.txt", Category.Dependency), Fix("7", "AWS-0096", "infra/net/main.tf", Category.Config)]);
        groups.Select(g => (g.Name, g.Fixes.Count)).ShouldBe([("code-hostile-xml", 2), ("code-subprocess-shell", 1), ("code-sql-parameters", 2), ("dependencies-requirements-txt", 2), ("terraform-infra-net", 1)]);
        groups.Select(g => g.Branch).ShouldAllBe(b => b.StartsWith("secops/fix/", StringComparison.Ordinal));
    }

    private static Finding Finding(string rule, string path, string title) => new()
    {
        Id = "f1-" + rule.ToLowerInvariant(), Category = Category.Code, Severity = Severity.High, Title = title, Rule = new Rule(rule),
        Location = new Location { Path = path, StartLine = 3 }, Scanners = [new Detection("bandit", rule, "HIGH")],
    };

    private static FixGroup Group(string content, string title = "A shell") => new("code-x", [new FixOutcome { Finding = Finding("B602", "app.py", title), Outcome = FixOutcome.Verified, Commit = "c", Diff = content, Files = ["app.py"], Summary = "Run it without a shell", Engine = "rules" }]);

    private async Task<string> PublishAsync(string content, bool reopen = false, int maxOpen = 5)
    {
        if (!Directory.Exists(folder["remote.git"]))
        {
            Git("init", "--quiet", "--bare", folder["remote.git"]);
            Git("init", "--quiet", "--initial-branch=main", folder["work"]);
            folder.Write("work/app.py", "broken\n");
            Git("-C", folder["work"], "add", ".");
            Git("-C", folder["work"], "-c", "user.name=p", "-c", "user.email=p@example.com", "commit", "--quiet", "-m", "first");
            Git("-C", folder["work"], "push", "--quiet", folder["remote.git"], "main");
        }

        using var github = new GitHubClient(new Uri(server.Url), "a-token-for-tests", new Redactor(), TimeProvider.System);
        using var scratch = await ScratchRepository.CloneAsync(new ProcessRunner(new Redactor()), folder["work"], "HEAD", CancellationToken.None);
        await File.WriteAllTextAsync(Path.Combine(scratch.Root, "app.py"), content);
        var head = await scratch.CommitAsync(["app.py"], "Run it without a shell", CancellationToken.None);
        var group = Group(content);
        var settings = new PullRequestSettings("o/r", "main", folder["remote.git"], "a-token-for-tests", maxOpen, ["security"], ["alice", "org/team"], reopen);
        return await new FixPullRequests(github, scratch, settings, _ => { }).PublishAsync(
            group, head, PullRequestText.Title(group), PullRequestText.Body(group, head, new PullRequestFacts(new Dictionary<string, string?>(), [], "without network", 0)), CancellationToken.None);
    }

    private static string Git(params string[] arguments)
    {
        var result = new ProcessRunner(new Redactor()).RunAsync(new ProcessCall("git", arguments), CancellationToken.None).GetAwaiter().GetResult();
        result.ExitCode.ShouldBe(0, result.Error);
        return result.Output.Trim();
    }
}
