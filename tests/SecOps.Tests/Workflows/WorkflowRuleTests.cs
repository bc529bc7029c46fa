using System.Text.RegularExpressions;
using SecOps.Processes;
using SecOps.Testing;
using Shouldly;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace SecOps.Workflows;

/// <summary>What holds for each workflow that we run or write for others.</summary>
public sealed partial class WorkflowRuleTests
{
    [Fact]
    public void Every_action_is_pinned_by_its_commit_and_says_which_version_that_is()
    {
        var pinned = new Dictionary<string, string>();
        var seen = 0;
        foreach (var (name, text) in WorkflowFiles.All)
        {
            foreach (var line in text.Split('\n').Where(l => Uses().IsMatch(l)))
            {
                seen++;
                if (line.Contains("uses: ./", StringComparison.Ordinal))
                {
                    continue;
                }

                var pin = Pin().Match(line);
                pin.Success.ShouldBeTrue($"{name}: {line.Trim()}");
                pinned.TryAdd(pin.Groups[1].Value, pin.Groups[2].Value);
                pinned[pin.Groups[1].Value].ShouldBe(pin.Groups[2].Value, $"{name}: one version of an action everywhere");
            }
        }

        seen.ShouldBeGreaterThan(20);
    }

    [Fact]
    public void Every_workflow_starts_with_reading_alone_and_only_jobs_are_given_more()
    {
        foreach (var (name, text) in Workflows())
        {
            var root = WorkflowFiles.Parse(text);
            root.Children.TryGetValue(new YamlScalarNode("permissions"), out var permissions).ShouldBeTrue(name);
            var granted = permissions.ShouldBeOfType<YamlMappingNode>(name);
            granted.Children.Single().Key.ToString().ShouldBe("contents", name);
            WorkflowFiles.Text(granted, "contents").ShouldBe("read", name);
            text.ShouldNotContain("write-all", customMessage: name);
        }
    }

    /// <summary>An expression in a script is text of the script: who names a branch or a pull request would write it.</summary>
    [Fact]
    public void No_script_holds_an_expression_but_what_the_workflow_itself_says_in_its_matrix()
    {
        var scripts = 0;
        foreach (var (name, text) in WorkflowFiles.All)
        {
            foreach (var script in WorkflowFiles.Mappings(WorkflowFiles.Parse(text)).Select(m => WorkflowFiles.Text(m, "run")).OfType<string>())
            {
                scripts++;
                Matrix().Replace(script, "").ShouldNotContain("${{", customMessage: name);
            }
        }

        scripts.ShouldBeGreaterThan(8);
    }

    [Fact]
    public void A_checkout_keeps_no_token_but_to_push_a_version_back_and_nothing_runs_on_pull_request_target()
    {
        foreach (var (name, text) in WorkflowFiles.All)
        {
            text.ShouldNotContain("pull_request_target", customMessage: name);
            foreach (var job in WorkflowFiles.Mappings(WorkflowFiles.Parse(text)).Where(m => m.Children.ContainsKey(new YamlScalarNode("steps"))))
            {
                var pushes = job.Children.TryGetValue(new YamlScalarNode("permissions"), out var permissions) && WorkflowFiles.Text((YamlMappingNode)permissions, "contents") == "write";
                foreach (var step in WorkflowFiles.Mappings(job).Where(m => WorkflowFiles.Text(m, "uses")?.StartsWith("actions/checkout@", StringComparison.Ordinal) == true))
                {
                    WorkflowFiles.Text((YamlMappingNode)step[new YamlScalarNode("with")], "persist-credentials").ShouldBe(pushes ? "true" : "false", name);
                }

                if (pushes)
                {
                    WorkflowFiles.Text(job, "if").ShouldEndWith("github.event_name == 'push'", customMessage: name);
                }
            }
        }
    }

    [Fact]
    public void A_secret_is_given_to_a_step_of_secops_alone_and_never_for_a_pull_request()
    {
        var given = new List<string>();
        foreach (var (name, text) in WorkflowFiles.All.Where(f => f.Text.Contains("secrets.", StringComparison.Ordinal)))
        {
            name.ShouldStartWith("generated-");
            foreach (var (job, definition) in ((YamlMappingNode)WorkflowFiles.Parse(text)[new YamlScalarNode("jobs")]).Children)
            {
                foreach (var step in WorkflowFiles.Mappings(definition).Where(m => m.Children.TryGetValue(new YamlScalarNode("env"), out var env) && env.ToString().Contains("secrets.", StringComparison.Ordinal)))
                {
                    WorkflowFiles.Text(step, "run").ShouldStartWith("secops ", customMessage: name);
                    var conditions = WorkflowFiles.Text((YamlMappingNode)definition, "if") + " " + WorkflowFiles.Text(step, "if");
                    conditions.ShouldContain("github.event_name == 'push'", customMessage: $"{name}: {job}");
                    given.Add($"{WorkflowFiles.Text(step, "name")}: {string.Join(' ', ((YamlMappingNode)step[new YamlScalarNode("env")]).Children.Keys)}");
                }
            }
        }

        given.ShouldContain("build: GEO_API_KEY FORECAST_API_KEY");
        given.ShouldContain("build: ADMIN_PASSWORD");
        given.ShouldContain("deploy: SECOPS_ATTEST_PUBLIC_KEY");
    }

    [Fact]
    public void Only_the_job_that_publishes_may_ask_for_an_identity_and_no_long_lived_key_is_used()
    {
        var jobs = (YamlMappingNode)WorkflowFiles.Parse(WorkflowFiles.All.Single(f => f.Name.EndsWith("release.yml", StringComparison.Ordinal)).Text)[new YamlScalarNode("jobs")];
        foreach (var (job, definition) in jobs.Children)
        {
            var permissions = ((YamlMappingNode)definition).Children.TryGetValue(new YamlScalarNode("permissions"), out var node) ? (YamlMappingNode)node : [];
            (WorkflowFiles.Text(permissions, "id-token") == "write").ShouldBe(job.ToString() == "publish", job.ToString());
        }

        WorkflowFiles.All.Where(f => !f.Name.StartsWith("generated-", StringComparison.Ordinal)).ShouldAllBe(f => !f.Text.Contains("secrets.", StringComparison.Ordinal));
    }

    [NeedsFact("workflow-parser")]
    public async Task GitHubs_own_parser_finds_nothing_wrong_in_any()
    {
        using var folder = new TemporaryFolder();
        var files = WorkflowFiles.All.Select(f => folder.Write(f.Name, f.Text)).ToList();
        files.Count.ShouldBeGreaterThan(5);
        var result = await CheckAsync(files);
        (result.Output + result.Error).ShouldBeEmpty();
        result.ExitCode.ShouldBe(0);
    }

    [NeedsFact("workflow-parser")]
    public async Task GitHubs_own_parser_finds_what_is_wrong()
    {
        using var folder = new TemporaryFolder();
        var workflow = folder.Write("wrong.yml", "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    stepz: []\n");
        var action = folder.Write("action.yml", "name: x\ndescription: y\nruns:\n  using: composite\n  stepz: []\n");
        var result = await CheckAsync([workflow, action]);
        result.ExitCode.ShouldBe(1);
        result.Output.Split('\n').Count(l => l.Contains("'stepz'", StringComparison.Ordinal)).ShouldBe(2, result.Output);
    }

    private static Task<ProcessResult> CheckAsync(List<string> files) =>
        new ProcessRunner(new Redactor()).RunAsync(new ProcessCall(Parts.Executable("workflow-parser"), files) { Timeout = TimeSpan.FromMinutes(1) }, CancellationToken.None);

    private static IEnumerable<(string Name, string Text)> Workflows() => WorkflowFiles.All.Where(f => !f.Name.EndsWith("action.yml", StringComparison.Ordinal));

    [GeneratedRegex(@"^\s*(- )?uses:")]
    private static partial Regex Uses();

    [GeneratedRegex(@"uses: ([\w./-]+)@([0-9a-f]{40} # v\d+\.\d+\.\d+)$")]
    private static partial Regex Pin();

    [GeneratedRegex(@"\$\{\{ matrix\.\w+ \}\}")]
    private static partial Regex Matrix();
}
