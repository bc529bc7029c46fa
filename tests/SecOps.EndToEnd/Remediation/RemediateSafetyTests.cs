using System.Diagnostics;
using System.Text.Json;
using SecOps.StandIns;
using SecOps.Testing;
using Shouldly;

namespace SecOps.EndToEnd.Remediation;

/// <summary>What must never happen: half a work tree, a secret that leaves, a call that nobody allowed, a log that lies.</summary>
public sealed class RemediateSafetyTests : IDisposable
{
    private const string Model = "eu.anthropic.test-model-v1:0";
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [NeedsFact(Tool.Variable, "bandit", "git")]
    public async Task A_run_killed_at_any_moment_leaves_the_work_tree_as_it_was_and_nothing_that_hinders_the_next()
    {
        const string Code = "import yaml\n\n\ndef load(text):\n    return yaml.load(text, Loader=yaml.Loader)\n";
        folder.Write("app/app.py", Code);
        Directory.CreateDirectory(folder["tmp"]);
        var random = new Random(20);
        var killed = 0;
        var length = 6000;
        for (var i = 0; i < 20; i++)
        {
            var watch = Stopwatch.StartNew();
            using var process = Start("--patch", folder["out.patch"]);
            if (process.WaitForExit(random.Next(length)))
            {
                // How long a run takes here is known now.
                length = (int)Math.Max(500, watch.ElapsedMilliseconds);
            }
            else
            {
                process.Kill(entireProcessTree: i % 2 == 0);
                await process.WaitForExitAsync();
                killed++;
            }

            Directory.GetFiles(folder["app"]).ShouldHaveSingleItem();
            File.ReadAllText(folder["app/app.py"]).ShouldBe(Code);
            if (File.Exists(folder["out.patch"]))
            {
                File.ReadAllText(folder["out.patch"]).ShouldEndWith("+    return yaml.safe_load(text)\n", customMessage: "whole or not at all");
                File.Delete(folder["out.patch"]);
            }
        }

        killed.ShouldBeGreaterThan(5);
        using var last = Start("--apply");
        await last.WaitForExitAsync();
        last.ExitCode.ShouldBe(0);
        File.ReadAllText(folder["app/app.py"]).ShouldContain("yaml.safe_load(text)");
        Directory.GetDirectories(folder["tmp"], "secops-fix-*").Where(d => File.Exists(Path.Combine(d, "lock"))).ShouldBeEmpty("what killed runs left is taken away");
        Directory.Exists(folder["app/.secops/remediate"]).ShouldBeFalse();
    }

    [NeedsFact(Tool.Variable, "bandit", "git")]
    public async Task Planted_secrets_are_in_no_request_log_or_patch()
    {
        var planted = string.Join("\n", PlantedSecrets.All.Select((s, i) => $"K{i} = \"\"\"{s.Text.Replace("\"", "'", StringComparison.Ordinal)}\"\"\""));
        folder.Write("app/app.py", "import urllib.request\n\nimport yaml\n\n" + planted + "\n\n\ndef load(text):\n    return yaml.load(text, Loader=yaml.Loader)\n\n\ndef fetch(url):\n    return urllib.request.urlopen(url)\n\n\nclass Settings:\n    password = \"correct-horse\"\n");
        folder.Write("app/.env", "API_KEY=" + PlantedSecrets.All[2].Text + "\n");
        var answers = 0;
        using var bedrock = new StandIn(_ => Says(++answers % 2 == 0 ? "NO FIX: cannot" : Edit("    return urllib.request.urlopen(url)", "    return urllib.request.urlopen(url, timeout=5)")));
        var result = await RunAsync(bedrock, "--patch", "out.patch", "--verbose", "--json", "--only", "B506,B310,B105");
        result.ExitCode.ShouldBe(0, result.Error);
        bedrock.Requests.Count.ShouldBeGreaterThan(0);
        var outcomes = JsonDocument.Parse(result.Output).RootElement.GetProperty("results").EnumerateArray().ToList();
        outcomes.Single(o => o.GetProperty("rule").GetString() == "B506").GetProperty("outcome").GetString().ShouldBe("scanner-verified");
        var patch = File.ReadAllText(folder["app/out.patch"]);
        patch.ShouldContain("+    return yaml.safe_load(text)");
        result.Error.ShouldContain("B105 app.py", customMessage: "what the patch can't hold is named");
        var logs = Directory.GetFiles(folder["app/.secops"], "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) != "findings.json" && !f.Contains("/raw/", StringComparison.Ordinal)).Select(File.ReadAllText);
        foreach (var text in (string[])[.. bedrock.Requests.Select(r => r.Body), result.Output, result.Error, patch, .. logs])
        {
            text.ShouldNotContain("correct-horse");
            foreach (var part in PlantedSecrets.All.SelectMany(s => PlantedSecrets.Parts(s.Text)))
            {
                text.ShouldNotContain(part);
            }
        }

        (await Tool.RunAsync(folder["app"], "remediate", "--verify-audit")).ExitCode.ShouldBe(0);
        var log = folder["app/.secops/remediate-audit.jsonl"];
        File.WriteAllText(log, File.ReadAllText(log).Replace("\"attempt\":1", "\"attempt\":2", StringComparison.Ordinal));
        var broken = await Tool.RunAsync(folder["app"], "remediate", "--verify-audit");
        broken.ExitCode.ShouldBe(3);
        broken.Error.ShouldContain("line 1");
    }

    [NeedsFact(Tool.Variable, "bandit", "git")]
    public async Task A_dry_run_says_files_tokens_and_cost_and_sends_nothing()
    {
        folder.Write("app/app.py", "import urllib.request\n\nimport yaml\n\n\ndef load(text):\n    return yaml.load(text, Loader=yaml.Loader)\n\n\ndef fetch(url):\n    return urllib.request.urlopen(url)\n");
        using var bedrock = new StandIn(_ => Says("NO FIX: cannot"));
        var result = await RunAsync(bedrock, "--dry-run", "--json");
        result.ExitCode.ShouldBe(0, result.Error);
        var json = JsonDocument.Parse(result.Output).RootElement;
        json.GetProperty("results").EnumerateArray().Select(r => (r.GetProperty("rule").GetString(), r.GetProperty("outcome").GetString())).ShouldBe([("B506", "proposed"), ("B310", "skipped")], ignoreOrder: true);
        json.GetProperty("results").EnumerateArray().Single(r => r.GetProperty("rule").GetString() == "B506").GetProperty("diff").GetString()!.ShouldContain("+    return yaml.safe_load(text)");
        var send = json.GetProperty("wouldSend");
        send.GetProperty("files").EnumerateArray().Select(f => f.GetString()).ShouldBe(["app.py"]);
        send.GetProperty("inputTokens").GetInt32().ShouldBeGreaterThan(100);
        send.GetProperty("cost").GetDecimal().ShouldBeInRange(0.01m, 1m);
        result.Error.ShouldContain(Model);
        bedrock.Requests.ShouldBeEmpty();
        File.ReadAllText(folder["app/app.py"]).ShouldContain("yaml.Loader");
        JsonDocument.Parse(File.ReadAllText(folder["app/.secops/findings.json"])).RootElement.GetProperty("findings").EnumerateArray()
            .Single(f => f.GetProperty("rule").GetProperty("id").GetString() == "B506").GetProperty("fix").GetProperty("outcome").GetString().ShouldBe("proposed");
    }

    private Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo(Tool.Path, ["remediate", ".", "--engine", "rules", .. arguments])
    {
        WorkingDirectory = folder["app"],
        Environment = { ["PATH"] = Parts.SearchPath, ["TMPDIR"] = folder["tmp"], ["TEMP"] = folder["tmp"], ["SECOPS_CACHE"] = folder["cache"] },
        RedirectStandardError = true,
        RedirectStandardOutput = true,
    })!;

    private async Task<Processes.ProcessResult> RunAsync(StandIn bedrock, params string[] arguments)
    {
        folder.Write("secops.yml", $"remediate: {{model: \"{Model}\", region: eu-central-1}}\n");
        return await Tool.RunWithAsync(
            folder["app"],
            new() { ["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"] = bedrock.Url, ["AWS_ACCESS_KEY_ID"] = "test", ["AWS_SECRET_ACCESS_KEY"] = "test", ["AWS_EC2_METADATA_DISABLED"] = "true" },
            ["remediate", ".", "--config", folder["secops.yml"], .. arguments]);
    }

    private static string Edit(string search, string replace) => $"FILE: app.py\n<<<<<<< SEARCH\n{search}\n=======\n{replace}\n>>>>>>> REPLACE\n";

    private static Answer Says(string text) => new(
        "{\"output\":{\"message\":{\"role\":\"assistant\",\"content\":[{\"text\":\"" + JsonEncodedText.Encode(text) + "\"}]}},\"stopReason\":\"end_turn\",\"usage\":{\"inputTokens\":900,\"outputTokens\":80,\"totalTokens\":980}}")
    {
        ContentType = "application/json",
    };
}
