using System.Text.Json;
using System.Text.RegularExpressions;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.EndToEnd.Samples;

/// <summary>The weather sample: its own tests, its Terraform as far as it can be checked without providers, its policy.</summary>
public sealed partial class WeatherAppTests
{
    private static readonly string Terraform = Path.Combine(Parts.Repository, "samples", "weather-app", "terraform");

    [NeedsFact("python3-flask")]
    public async Task Its_own_tests_pass()
    {
        using var project = await SampleFolder.CreateAsync("weather-app");
        var result = await project.ProcessAsync(Parts.Executable("python3-flask"), new() { ["PYTHONDONTWRITEBYTECODE"] = "1" }, "-m", "unittest");
        result.ExitCode.ShouldBe(0, result.Error);
        int.Parse(Ran().Match(result.Error).Groups[1].Value, null).ShouldBeGreaterThan(10);
    }

    [NeedsFact(Tool.Variable, "bandit", "git")]
    public async Task Its_scan_is_clean_and_complete()
    {
        using var project = await SampleFolder.CreateAsync("weather-app");
        var result = await Tool.RunAsync(project.Path, "scan", ".");
        result.ExitCode.ShouldBe(0, result.Output + result.Error);
    }

    [NeedsFact("python3-flask")]
    public async Task Without_a_key_the_app_does_not_start_and_says_which()
    {
        using var project = await SampleFolder.CreateAsync("weather-app");
        var environment = new Dictionary<string, string?> { ["GEO_URL"] = "http://127.0.0.1:1", ["GEO_API_KEY"] = null, ["PYTHONDONTWRITEBYTECODE"] = "1" };
        var result = await project.ProcessAsync(Parts.Executable("python3-flask"), environment, "-c", "import app; app.create_app()");
        result.ExitCode.ShouldBe(1);
        result.Error.ShouldContain("GEO_API_KEY is not set");
    }

    [NeedsFact("terraform")]
    public async Task Its_Terraform_is_formatted()
    {
        using var project = await SampleFolder.CreateAsync("weather-app");
        var result = await project.ProcessAsync(Parts.Executable("terraform"), [], "-chdir=terraform", "fmt", "-check", "-diff", "-no-color");
        result.ExitCode.ShouldBe(0, result.Output + result.Error);
    }

    [Fact]
    public void Whatever_its_Terraform_refers_to_is_declared()
    {
        var text = string.Join('\n', Directory.GetFiles(Terraform, "*.tf").Select(File.ReadAllText).Select(t => Comment().Replace(t, "")));
        var declared = Declaration().Matches(text).Select(m => (m.Groups[1].Value == "data" ? "data." : "") + m.Groups[2].Value + "." + m.Groups[3].Value)
            .Concat(Named().Matches(text).Select(m => (m.Groups[1].Value == "variable" ? "var." : "output.") + m.Groups[2].Value))
            .Concat(Locals().Matches(text).SelectMany(block => Local().Matches(block.Groups[1].Value)).Select(m => "local." + m.Groups[1].Value))
            .ToHashSet();
        var referred = Reference().Matches(text).Select(m => m.Value).ToHashSet();
        referred.Count.ShouldBeGreaterThan(30);
        referred.Except(declared).ShouldBeEmpty();
        declared.Where(d => d.StartsWith("var.", StringComparison.Ordinal)).Except(referred).ShouldBeEmpty("a variable that nothing uses");
    }

    [Fact]
    public void A_new_digest_replaces_the_instance_and_a_tag_is_refused()
    {
        var instance = File.ReadAllText(Path.Combine(Terraform, "instance.tf"));
        instance.ShouldContain("user_data_replace_on_change = true");
        instance.ShouldContain("image        = var.image");
        var pattern = new Regex(Condition().Match(File.ReadAllText(Path.Combine(Terraform, "variables.tf"))).Groups[1].Value);
        pattern.IsMatch("docker.io/example/weather@sha256:" + new string('a', 64)).ShouldBeTrue();
        pattern.IsMatch("127.0.0.1:5000/weather@sha256:" + new string('0', 64)).ShouldBeTrue();
        pattern.IsMatch("example/weather:1.0.0").ShouldBeFalse();
        pattern.IsMatch("example/weather@sha256:" + new string('a', 64) + "'; reboot '").ShouldBeFalse();
    }

    [Fact]
    public void The_deployers_policy_names_every_action_and_none_of_them_is_administration()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(Terraform, "deployer-policy.json")));
        var statements = document.RootElement.GetProperty("Statement").EnumerateArray().ToList();
        statements.ShouldNotBeEmpty();
        foreach (var statement in statements)
        {
            var sid = statement.GetProperty("Sid").GetString();
            var actions = statement.GetProperty("Action").EnumerateArray().Select(a => a.GetString()!).ToList();
            actions.ShouldAllBe(a => !a.Contains('*', StringComparison.Ordinal), sid);
            actions.ShouldBe(actions.Order(StringComparer.Ordinal).ToList(), sid);
            if (statement.GetProperty("Resource").ToString() == "*")
            {
                actions.ShouldAllBe(a => a.Split(':', 2)[1].StartsWith("Describe", StringComparison.Ordinal), sid);
            }
        }
    }

    [GeneratedRegex(@"Ran (\d+) tests")]
    private static partial Regex Ran();

    [GeneratedRegex(@"^\s*#.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"^(resource|data) ""(\w+)"" ""(\w+)""", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"^(variable|output) ""(\w+)""", RegexOptions.Multiline)]
    private static partial Regex Named();

    [GeneratedRegex(@"^locals \{\n(.*?)^\}", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Locals();

    [GeneratedRegex(@"^  (\w+)\s+=", RegexOptions.Multiline)]
    private static partial Regex Local();

    [GeneratedRegex(@"(?<![\w./""-])(?:(?:var|local)\.\w+|(?:data\.)?(?:aws|tls)_\w+\.\w+)")]
    private static partial Regex Reference();

    [GeneratedRegex(@"regex\(""([^""]+)"", var\.image\)")]
    private static partial Regex Condition();
}
