using System.Security.Cryptography;
using System.Text.Json;
using SecOps.Processes;
using SecOps.StandIns.GitHub;
using SecOps.Testing;
using Shouldly;

namespace SecOps.EndToEnd.Remediation;

/// <summary>The installed tool, a real bare repository, real Bandit; GitHub's own API description looks at every request.</summary>
public sealed class RemediatePullRequestTests : IDisposable
{
    private const string Token = "gh" + "p_0123456789abcdefghijABCDEFGHIJ456789";
    private const string Code = "import requests\nimport yaml\n\n\ndef load(text):\n    return yaml.load(text, Loader=yaml.Loader)\n\n\ndef fetch(url):\n    return requests.get(url).text\n";

    private readonly TemporaryFolder folder = new();
    private readonly GitHubStandIn github = new("o/r", Environment.GetEnvironmentVariable("SECOPS_TEST_GITHUB"));

    public void Dispose()
    {
        github.Dispose();
        folder.Dispose();
    }

    [NeedsFact(Tool.Variable, "bandit", "git", "SECOPS_TEST_GITHUB")]
    public async Task Fixes_become_pull_requests_once_and_what_people_did_with_them_stays()
    {
        Prepare();
        var first = await RemediateAsync();
        first.ExitCode.ShouldBe(0, first.Error);
        first.Error.ShouldContain("start no workflows");
        github.Pulls.Count.ShouldBe(2, first.Error);
        github.Pulls.ShouldAllBe(p => p.Base == "main" && p.Labels.Contains("security") && p.Reviewers.Count == 2 && p.Body.Contains("close and reopen"));
        github.Tokens.ShouldAllBe(t => t == "Bearer " + Token);
        var yaml = github.Pulls.Single(p => p.Title == "Load YAML with safe_load");
        Git("--git-dir", folder["remote.git"], "show", yaml.Head + ":app.py").ShouldBe(Code.Replace("yaml.load(text, Loader=yaml.Loader)", "yaml.safe_load(text)", StringComparison.Ordinal).TrimEnd());
        var fixes = JsonDocument.Parse(File.ReadAllText(folder["work/.secops/findings.json"])).RootElement.GetProperty("findings").EnumerateArray().Select(f => f.GetProperty("fix")).ToList();
        fixes.Select(f => f.TryGetProperty("pullRequest", out var url) ? url.GetString() : null).ShouldBe(["https://github.example/pull/1", "https://github.example/pull/2"], ignoreOrder: true);
        Git("-C", folder["work"], "status", "--porcelain").ShouldBeEmpty();
        Git("-C", folder["work"], "branch", "--list").ShouldBe("* main");

        first.Error.ShouldNotContain("not committed");
        github.Writes.Clear();
        folder.Write("work/notes.txt", "mine");
        var second = await RemediateAsync();
        second.Error.ShouldContain("not committed");
        File.Delete(folder["work/notes.txt"]);
        second.Error.ShouldContain("nothing has changed");
        github.Writes.ShouldBeEmpty("no second pull request");

        // Somebody works on one branch, closes the other, and the code goes on.
        Git("clone", "--quiet", "--branch", yaml.Head, folder["remote.git"], folder["person"]);
        folder.Write("person/app.py", "by = 'hand'\n");
        Commit("person", "mine");
        Git("-C", folder["person"], "push", "--quiet", "origin", yaml.Head);
        var other = github.Pulls.Single(p => p != yaml);
        other.State = "closed";
        folder.Write("work/app.py", Code + "\n\ndef load_all(text):\n    return yaml.load(text, Loader=yaml.Loader)\n");
        Commit("work", "more");
        var third = await RemediateAsync();
        third.Error.ShouldContain("holds commits that are not ours");
        third.Error.ShouldContain("--reopen");
        github.Writes.ShouldBe([$"POST issues/{yaml.Number}/comments"]);
        Git("--git-dir", folder["remote.git"], "show", yaml.Head + ":app.py").ShouldBe("by = 'hand'");

        // As a GitHub App this time, which may not have more open than so many.
        using var key = RSA.Create(2048);
        github.App = ("77", key);
        github.Tokens.Clear();
        github.Writes.Clear();
        folder.Write("secops.yml", "remediate: {repository: o/r, maxOpen: 1, app: {id: \"77\", privateKey: env:APP_KEY}}\n");
        var fourth = await RemediateAsync("--reopen", "--config", folder["secops.yml"]);
        fourth.ExitCode.ShouldBe(2, fourth.Error);
        var app = await RemediateWithAsync(new() { ["APP_KEY"] = key.ExportRSAPrivateKeyPem(), ["GITHUB_TOKEN"] = null }, "--reopen", "--config", folder["secops.yml"]);
        app.ExitCode.ShouldBe(0, app.Error);
        app.Error.ShouldContain("1 pull requests are open already");
        app.Error.ShouldNotContain("start no workflows");
        github.Tokens.Skip(2).ShouldAllBe(t => t == "Bearer " + GitHubStandIn.AppToken);
        folder.Write("secops.yml", "remediate: {repository: o/r, app: {id: \"77\", privateKey: env:APP_KEY}}\n");
        app = await RemediateWithAsync(new() { ["APP_KEY"] = key.ExportRSAPrivateKeyPem(), ["GITHUB_TOKEN"] = null }, "--reopen", "--config", folder["secops.yml"]);
        github.Pulls.Count.ShouldBe(3, app.Error);
        github.Violations.ShouldBeEmpty();
        foreach (var said in new[] { first, second, third, fourth, app }.Select(r => r.Output + r.Error).Concat(Directory.GetFiles(folder["work/.secops"], "*", SearchOption.AllDirectories).Select(File.ReadAllText)))
        {
            said.ShouldNotContain(Token);
            said.ShouldNotContain(GitHubStandIn.AppToken);
            said.ShouldNotContain("BEGIN RSA");
        }
    }

    [NeedsFact(Tool.Variable, "git")]
    public async Task What_is_missing_for_pull_requests_shows_before_the_work_begins()
    {
        Prepare();
        async Task RefusedAsync(string says, Dictionary<string, string?> environment, params string[] arguments)
        {
            var result = await RemediateWithAsync(environment, arguments);
            result.ExitCode.ShouldBe(2, result.Error);
            result.Error.ShouldContain(says);
        }

        await RefusedAsync("GITHUB_TOKEN is not set", new() { ["GITHUB_TOKEN"] = null });
        await RefusedAsync("--offline", [], "--offline");
        folder.Write("app.yml", "remediate: {app: {id: \"1\"}}\n");
        await RefusedAsync("no privateKey", [], "--config", folder["app.yml"]);
        folder.Write("app.yml", "remediate: {app: {id: \"1\", privateKey: env:APP_KEY}}\n");
        await RefusedAsync("APP_KEY is not set", [], "--config", folder["app.yml"]);
        await RefusedAsync("can't be read", new() { ["APP_KEY"] = "no key at all" }, "--config", folder["app.yml"]);
        Git("-C", folder["work"], "remote", "remove", "origin");
        await RefusedAsync("no remote named origin", []);
    }

    private void Prepare()
    {
        Git("init", "--quiet", "--bare", folder["remote.git"]);
        Git("init", "--quiet", "--initial-branch=main", folder["work"]);
        folder.Write("work/app.py", Code);
        folder.Write("work/secops.yml", "remediate: {repository: o/r, labels: [security], reviewers: [alice, org/team]}\n");
        folder.Write("work/.gitignore", "/no-cache\n/no-tools\n");
        Commit("work", "first");
        Git("-C", folder["work"], "remote", "add", "origin", folder["remote.git"]);
        Git("-C", folder["work"], "push", "--quiet", "origin", "main");
    }

    private Task<ProcessResult> RemediateAsync(params string[] arguments) => RemediateWithAsync([], arguments);

    private Task<ProcessResult> RemediateWithAsync(Dictionary<string, string?> environment, params string[] arguments)
    {
        environment.TryAdd("GITHUB_TOKEN", Token);
        environment["GITHUB_ACTIONS"] = "true";
        environment["GITHUB_API_URL"] = github.Url;
        return Tool.RunWithAsync(folder["work"], environment, ["remediate", ".", "--engine", "rules", "--pr", "--only", "B506,B113", "--json", .. arguments]);
    }

    private void Commit(string name, string message)
    {
        Git("-C", folder[name], "add", "--all");
        Git("-C", folder[name], "-c", "user.name=p", "-c", "user.email=p@example.com", "commit", "--quiet", "-m", message);
    }

    private static string Git(params string[] arguments)
    {
        var result = new ProcessRunner(new Redactor()).RunAsync(new ProcessCall("git", arguments), CancellationToken.None).GetAwaiter().GetResult();
        result.ExitCode.ShouldBe(0, result.Error);
        return result.Output.Trim();
    }
}
