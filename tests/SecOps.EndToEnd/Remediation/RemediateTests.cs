using System.Text.Json;
using SecOps.Testing;
using Shouldly;

namespace SecOps.EndToEnd.Remediation;

/// <summary>The installed tool mends the vulnerable sample, with real Bandit and the sample's own tests.</summary>
public sealed class RemediateTests : IDisposable
{
    private const string Tests = "/usr/bin/python3 -m unittest";
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [NeedsFact(Tool.Variable, "bandit", "git", "python3-flask")]
    public async Task Most_of_the_samples_findings_become_verified_fixes_and_its_tests_still_pass()
    {
        var app = Copy();
        var result = await Tool.RunAsync(app, "remediate", ".", "--engine", "rules", "--apply", "--test", Tests, "--json");
        result.ExitCode.ShouldBe(0, result.Error);
        var results = JsonDocument.Parse(result.Output).RootElement.GetProperty("results").EnumerateArray().ToList();
        var verified = results.Count(r => r.GetProperty("outcome").GetString() == "verified");
        ((double)verified / results.Count).ShouldBeGreaterThanOrEqualTo(0.7, result.Error);
        results.Where(r => r.GetProperty("outcome").GetString() == "verified").ShouldAllBe(r => r.GetProperty("diff").GetString()!.StartsWith("diff --git", StringComparison.Ordinal));

        File.ReadAllText(Path.Combine(app, "config.py")).ShouldContain("ADMIN_PASSWORD = os.environ[\"ADMIN_PASSWORD\"]");
        var findings = JsonDocument.Parse(File.ReadAllText(Path.Combine(app, ".secops", "findings.json"))).RootElement.GetProperty("findings").EnumerateArray();
        findings.Count(f => f.GetProperty("fix") is { ValueKind: JsonValueKind.Object } fix && fix.GetProperty("outcome").GetString() == "verified").ShouldBe(verified);

        // Once more there is nothing left to do, and nothing is touched.
        var before = State(app);
        var again = await Tool.RunAsync(app, "remediate", ".", "--engine", "rules", "--apply", "--json");
        again.ExitCode.ShouldBe(0, again.Error);
        State(app).ShouldBe(before);
    }

    [NeedsFact(Tool.Variable, "bandit", "git")]
    public async Task A_dry_run_changes_and_sends_nothing()
    {
        var app = Copy();
        var before = State(app);
        var result = await Tool.RunAsync(app, "remediate", ".", "--dry-run");
        result.ExitCode.ShouldBe(0, result.Error);
        result.Output.ShouldContain("Nothing would be sent.");
        State(app).ShouldBe(before);
    }

    private string Copy()
    {
        var source = Path.Combine(Parts.Repository, "samples", "flask-app");
        foreach (var file in Directory.GetFiles(source, "*", SearchOption.AllDirectories).Where(f => !f.Contains("__pycache__", StringComparison.Ordinal)))
        {
            folder.Write(Path.Combine("app", Path.GetRelativePath(source, file)), File.ReadAllText(file));
        }

        return folder["app"];
    }

    private static string State(string app) => string.Join('\n', Directory.GetFiles(app, "*", SearchOption.AllDirectories)
        // Results, and the cache that the helper puts beside them, are no part of the project.
        .Where(f => !f.Contains("/.secops/", StringComparison.Ordinal) && !f.Contains("/no-cache/", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(f => Path.GetRelativePath(app, f) + "\n" + File.ReadAllText(f)));
}
