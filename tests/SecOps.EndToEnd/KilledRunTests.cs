using System.Text.Json.Nodes;
using SecOps.Processes;
using SecOps.StandIns.Ecs;
using SecOps.StandIns.GitHub;
using SecOps.Testing;
using Shouldly;

namespace SecOps.EndToEnd;

/// <summary>
/// <c>secops run</c>, killed at 20 random moments and run again each time: what it changes outside is counted where it arrives, in the
/// registry, in ECS, on GitHub and in the repository that the version goes back to.
/// </summary>
[Xunit.Collection("Docker Engine")]
public sealed class KilledRunTests : IDisposable
{
    private const int Kills = 20;

    private readonly TemporaryFolder folder = new();

    [NeedsFact(Tool.Variable, "bandit", "git", "DOCKER_HOST", "SECOPS_TEST_REGISTRY", "SECOPS_TEST_AWS")]
    public async Task It_finishes_does_nothing_twice_and_loses_nothing()
    {
        using var ecs = new EcsStandIn(Play.Success, 0);
        ecs.Seed(Definition(), "c", "shop");
        using var github = new GitHubStandIn("example/killed", null);
        var image = $"{Parts.Variable("SECOPS_TEST_REGISTRY")}/e2e/killed{Guid.NewGuid():N}";
        await ProjectAsync(image);
        var environment = await EnvironmentAsync(ecs.Url, github.Url);
        // The same moments each time, so that a failure can be looked at again.
        var random = new Random(20261125);
        var (releases, finished) = (0, "");
        for (var kills = 0; kills < Kills;)
        {
            using var run = Tool.Start(folder["app"], new(environment), "run");
            if (run.WaitForExit(TimeSpan.FromMilliseconds(random.Next(50, 4000))))
            {
                run.ExitCode.ShouldBe(0, Log());
            }
            else
            {
                // The run alone, as an impatient person does it, or all of it, as a machine that is switched off does.
                run.Kill(entireProcessTree: kills++ % 2 == 0);
                await run.WaitForExitAsync();
            }

            // One may be killed when all is done that it was to do.
            if (Finished() is { } id && id != finished)
            {
                finished = id;
                releases++;
                Change(releases);
            }
        }

        var last = await Tool.RunWithAsync(folder["app"], new(environment), "run");
        last.ExitCode.ShouldBe(0, last.Error);
        releases++;

        Git("origin.git", "show", "main:VERSION").ShouldBe($"1.0.{releases}", "each run raised the version once");
        Git("origin.git", "log", "--format=%s", "main").Split('\n').Where(m => m.StartsWith("Release", StringComparison.Ordinal))
            .ShouldBe(Enumerable.Range(1, releases).Reverse().Select(i => $"Release 1.0.{i}"));
        Git("origin.git", "reflog", "show", "main").Split('\n').Length.ShouldBe(releases + 1, "and pushed it back once");
        Git("app", "status", "--porcelain").ShouldBeEmpty();
        (await TagsAsync(image)).ShouldBe(Enumerable.Range(1, releases).Select(i => $"1.0.{i}"), ignoreOrder: true);
        ecs.Operations.Count(o => o == "UpdateService").ShouldBe(releases, "one deployment a run");
        github.Writes.Count(w => w == "POST pulls").ShouldBe(1, "one pull request");
        Git("origin.git", "for-each-ref", "--format=%(refname)", "refs/heads/secops").Split('\n').Length.ShouldBe(1);

        // Nothing is lost: what the last run left is whole.
        foreach (var file in new[] { "findings.json", "gate.json", "image.json", "run.json", "reports/findings.json" })
        {
            JsonNode.Parse(File.ReadAllText(folder["app/.secops/" + file])).ShouldNotBeNull(file);
        }

        JsonNode.Parse(File.ReadAllText(folder["app/.secops/run.json"]))!["stages"]!.AsArray().ShouldAllBe(s => s!["status"]!.GetValue<string>() == "done");
        Directory.GetFiles(folder["app/.secops"], "*.tmp", SearchOption.TopDirectoryOnly).Length.ShouldBeLessThan(Kills);
    }

    public void Dispose() => folder.Dispose();

    private static JsonObject Definition() => JsonNode.Parse($$$"""
        {"family": "shop", "networkMode": "bridge", "containerDefinitions": [{"name": "web", "image": "{{{EcsStandIn.Repository}}}@{{{EcsStandIn.OldDigest}}}", "essential": true, "memory": 64}]}
        """)!.AsObject();

    private string Log() => File.Exists(folder["app/.secops/run.json"]) ? File.ReadAllText(folder["app/.secops/run.json"]) : "no run.json";

    /// <summary>The id of the run that run.json tells of, when all its stages are done.</summary>
    private string? Finished() =>
        File.Exists(folder["app/.secops/run.json"]) && JsonNode.Parse(Log())! is var run && run["stages"]!.AsArray().All(s => s!["status"]!.GetValue<string>() == "done")
            ? run["id"]!.GetValue<string>()
            : null;

    private async Task ProjectAsync(string image)
    {
        folder.Write("app/.gitignore", "no-*/\n");
        folder.Write("app/VERSION", "1.0.0\n");
        folder.Write("app/Dockerfile", "FROM scratch\nCOPY app.py /\n");
        // Below the gate, with a fix: a request without a time limit.
        folder.Write("app/app.py", "import requests\n\n\ndef page(url):\n    return requests.get(url)\n");
        folder.Write("app/secops.yml", $$$"""
            gate: {failOn: high, require: [bandit]}
            scan: {only: [bandit]}
            build: {image: "{{{image}}}", version: {commit: true, push: true}}
            push: {requireGate: true}
            deploy: {cluster: c, service: shop, region: us-east-1}
            remediate: {repository: example/killed}
            run:
              stages:
                - {name: scan, command: scan .}
                - {name: build, command: build . --bump patch}
                - {name: push, command: push}
                - {name: deploy, command: deploy ecs}
                - {name: report, command: "report --format json,html", needs: [scan], always: true}
                - {name: remediate, command: remediate . --pr, needs: [scan]}
            """);
        Git("", "init", "--quiet", "--bare", "--initial-branch=main", folder["origin.git"]);
        Git("origin.git", "config", "core.logAllRefUpdates", "true");
        Git("app", "init", "--quiet", "--initial-branch=main");
        Git("app", "config", "user.name", "A");
        Git("app", "config", "user.email", "a@example.com");
        Git("app", "remote", "add", "origin", folder["origin.git"]);
        Git("app", "add", "--all");
        Git("app", "commit", "--quiet", "--message", "work");
        Git("app", "push", "--quiet", "--set-upstream", "origin", "main");
        await Task.CompletedTask;
    }

    /// <summary>Other code for the next run; committed here, pushed together with its version.</summary>
    private void Change(int number)
    {
        File.AppendAllText(folder["app/app.py"], $"\n\ndef number_{number}():\n    return {number}\n");
        Git("app", "commit", "--quiet", "--all", "--message", "more");
    }

    private async Task<Dictionary<string, string?>> EnvironmentAsync(string ecs, string github)
    {
        (await Tool.RunAsync(folder["app"], "push", "--generate-key", folder["key.pem"])).ExitCode.ShouldBe(0);
        return new()
        {
            ["SECOPS_ATTEST_KEY"] = Convert.ToBase64String(File.ReadAllBytes(folder["key.pem"])),
            ["AWS_ENDPOINT_URL"] = Parts.Variable("SECOPS_TEST_AWS"),
            ["AWS_ENDPOINT_URL_ECS"] = ecs,
            ["AWS_ACCESS_KEY_ID"] = "stand-in",
            ["AWS_SECRET_ACCESS_KEY"] = "stand-in",
            ["GITHUB_API_URL"] = github,
            ["GITHUB_TOKEN"] = "a-token-of-the-tests",
            ["GITHUB_ACTIONS"] = null,
        };
    }

    private static async Task<IEnumerable<string>> TagsAsync(string image)
    {
        using var http = new HttpClient();
        var (host, name) = (image.Split('/', 2)[0], image.Split('/', 2)[1]);
        return JsonNode.Parse(await http.GetStringAsync(new Uri($"http://{host}/v2/{name}/tags/list")))!["tags"]!.AsArray().Select(t => t!.GetValue<string>())
            // The verdict hangs on a tag of its own where a registry has no referrers.
            .Where(t => !t.StartsWith("sha256-", StringComparison.Ordinal)).ToList();
    }

    private string Git(string at, params string[] arguments)
    {
        var result = new ProcessRunner(new Redactor()).RunAsync(new ProcessCall(Parts.Executable("git"), arguments) { WorkingDirectory = at.Length == 0 ? folder.Path : folder[at] }, CancellationToken.None).GetAwaiter().GetResult();
        result.ExitCode.ShouldBe(0, result.Error);
        return result.Output.Trim();
    }
}
