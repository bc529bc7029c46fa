using System.Text.Json;
using SecOps.Testing;
using Shouldly;

namespace SecOps.EndToEnd.Samples;

/// <summary>What self-scan.yml does, done here first: this repository passes its own gate.</summary>
public sealed class SelfScanTests
{
    [NeedsFact(Tool.Variable, "bandit", "git")]
    public async Task This_repository_is_clean_but_for_the_sample_and_the_fixtures_that_are_waived()
    {
        using var folder = new TemporaryFolder();
        // Nothing is left in the repository, not even a cache.
        Dictionary<string, string?> elsewhere = new() { ["SECOPS_CACHE"] = folder["cache"], ["SECOPS_TOOLS"] = folder["tools"] };
        var result = await Tool.RunWithAsync(Parts.Repository, elsewhere, "scan", ".", "--config", ".github/self-scan.secops.yml", "--output", folder.Path);
        result.ExitCode.ShouldBe(0, result.Output + result.Error);
        var findings = JsonDocument.Parse(File.ReadAllText(folder["findings.json"])).RootElement.GetProperty("findings").EnumerateArray().ToList();
        findings.ShouldNotBeEmpty();
        findings.Where(f => f.GetProperty("state").GetString() != "waived").Select(f => f.GetProperty("severity").GetString()).ShouldAllBe(s => s == "low");
    }
}
