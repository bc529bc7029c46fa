using SecOps.Findings;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Configuration;

public sealed class SecOpsConfigurationTests
{
    [Fact]
    public void Nothing_is_a_configuration_with_every_default()
    {
        foreach (var text in new[] { "", "# a comment\n", "gate:\n", "---\n" })
        {
            var configuration = Parse(text);
            configuration.Gate.FailOn.ShouldBe(Severity.High);
            configuration.Waivers.ShouldBeEmpty();
        }
    }

    [Fact]
    public void The_gate_is_read()
    {
        var gate = Parse("gate:\n  failOn: Critical\n  categories: {secret: low}\n  newOnly: true\n  require: [bandit, trivy]\n  qualityGate: true\n  maxDatabaseAge: 7d\n").Gate;
        gate.FailOn.ShouldBe(Severity.Critical);
        gate.ThresholdFor(Category.Secret).ShouldBe(Severity.Low);
        gate.ThresholdFor(Category.Code).ShouldBe(Severity.Critical);
        gate.NewOnly.ShouldBeTrue();
        gate.Require.ShouldBe(["bandit", "trivy"]);
        gate.QualityGate.ShouldBeTrue();
        gate.MaxDatabaseAge.ShouldBe(TimeSpan.FromDays(7));
    }

    [Fact]
    public void A_waiver_knows_where_it_stands()
    {
        var waiver = Parse("waivers:\n  - rule: B104\n    path: app.py\n    reason: behind the VPN\n    owner: platform@example.com\n    expires: 2027-01-31\n").Waivers.ShouldHaveSingleItem();
        (waiver.Rule, waiver.Path, waiver.Owner, waiver.Expires, waiver.Place).ShouldBe(("B104", "app.py", "platform@example.com", new DateOnly(2027, 1, 31), "secops.yml:2"));
    }

    [Theory]
    [InlineData("gaet:\n  failOn: high\n", "secops.yml:1: unknown key \"gaet\" in the file", "Did you mean \"gate\"?")]
    [InlineData("gate:\n  failon: high\n", "secops.yml:2: unknown key \"failon\" in gate", "Did you mean \"failOn\"?")]
    [InlineData("gate:\n\n  failOn: hihg\n", "secops.yml:3: gate.failOn is \"hihg\"", "Did you mean \"high\"?")]
    [InlineData("gate: high\n", "secops.yml:1: gate must be a mapping", "")]
    [InlineData("gate:\n  newOnly: maybe\n", "secops.yml:2: gate.newOnly is \"maybe\"", "true or false")]
    [InlineData("gate:\n  categories: {sceret: low}\n", "secops.yml:2: gate.categories has no \"sceret\"", "Did you mean \"secret\"?")]
    [InlineData("gate:\n  maxDatabaseAge: soon\n", "secops.yml:2: gate.maxDatabaseAge is \"soon\"", "7d")]
    [InlineData("gate:\n  failOn: [high]\n", "secops.yml:2: gate.failOn must be a single value", "")]
    [InlineData("waivers:\n  - rule: B104\n    reason: x\n    owner: y\n", "secops.yml:2: a waiver needs expires", "")]
    [InlineData("waivers:\n  - reason: x\n    owner: y\n    expires: 2027-01-31\n", "secops.yml:2: a waiver needs at least one of id", "")]
    [InlineData("waivers:\n  - rule: B104\n    reason: x\n    owner: y\n    expires: tomorrow\n", "secops.yml:5: waivers[0].expires is \"tomorrow\"", "2027-01-31")]
    [InlineData("gate:\n  failOn: high\n  failOn: low\n", "secops.yml:3: not valid YAML", "")]
    [InlineData("gate: {\n", "not valid YAML", "")]
    [InlineData("a: 1\n---\nb: 2\n", "more than one YAML document", "")]
    public void A_mistake_is_one_error_with_file_line_and_what_to_write_instead(string text, string start, string hint)
    {
        var error = Should.Throw<SecOpsException>(() => Parse(text));
        error.Code.ShouldBe(ExitCode.Usage);
        error.Message.ShouldContain(start);
        error.Message.ShouldContain(hint);
    }

    [Fact]
    public void The_environment_wins_over_the_file()
    {
        var environment = new Dictionary<string, string> { ["SECOPS_GATE_FAIL_ON"] = "low", ["SECOPS_GATE_REQUIRE"] = "bandit, trivy" };
        var gate = SecOpsConfiguration.Parse("gate:\n  failOn: critical\n", "secops.yml", environment.GetValueOrDefault).Gate;
        gate.FailOn.ShouldBe(Severity.Low);
        gate.Require.ShouldBe(["bandit", "trivy"]);
    }

    [Fact]
    public void A_mistake_in_the_environment_names_the_variable() =>
        Should.Throw<SecOpsException>(() => SecOpsConfiguration.Parse("", "secops.yml", name => name == "SECOPS_GATE_FAIL_ON" ? "hihg" : null))
            .Message.ShouldStartWith("environment variable SECOPS_GATE_FAIL_ON is \"hihg\"");

    [Fact]
    public void The_nearest_file_up_to_the_root_holds()
    {
        using var folder = new TemporaryFolder();
        folder.Write("secops.yml", "gate: {failOn: low}");
        folder.Write("root/secops.yml", "gate: {failOn: critical}");
        folder.Write("root/a/b/x", "");
        SecOpsConfiguration.Load(null, folder["root/a/b"], folder["root"], _ => null).Gate.FailOn.ShouldBe(Severity.Critical);
        SecOpsConfiguration.Load(null, folder["root/a/b"], folder["root/a"], _ => null).File.ShouldBeNull();
    }

    [Fact]
    public void The_other_ending_is_not_passed_over_in_silence()
    {
        using var folder = new TemporaryFolder();
        folder.Write("root/secops.yaml", "gate: {failOn: critical}");
        folder.Write("root/a/x", "");
        Should.Throw<SecOpsException>(() => SecOpsConfiguration.Load(null, folder["root/a"], folder["root"], _ => null)).Message.ShouldContain("secops.yaml is not read");
        SecOpsConfiguration.Load(folder["root/secops.yaml"], folder["root/a"], folder["root"], _ => null).Gate.FailOn.ShouldBe(Severity.Critical);
        folder.Write("root/secops.yml", "gate: {failOn: low}");
        SecOpsConfiguration.Load(null, folder["root/a"], folder["root"], _ => null).Gate.FailOn.ShouldBe(Severity.Low);
    }

    [Fact]
    public void A_named_file_must_exist() =>
        Should.Throw<SecOpsException>(() => SecOpsConfiguration.Load("/none/secops.yml", "/", "/", _ => null)).Message.ShouldContain("/none/secops.yml does not exist");

    [Fact]
    public void The_schema_for_editors_is_what_the_code_reads() =>
        Approval.Approve(ConfigurationSchema.Write(), "../../../src/SecOps/Configuration/secops.schema.json");

    [Fact]
    public async Task The_schema_accepts_the_samples_configuration_and_refuses_a_misspelt_key()
    {
        var schema = await NJsonSchema.JsonSchema.FromJsonAsync(ConfigurationSchema.Write());
        schema.Validate("""{"gate": {"failOn": "high", "require": ["bandit"], "categories": {"secret": "low"}}, "waivers": null}""").ShouldBeEmpty();
        schema.Validate("""{"gate": {"failon": "high"}}""").ShouldNotBeEmpty();
    }

    private static SecOpsConfiguration Parse(string text) => SecOpsConfiguration.Parse(text, "secops.yml", _ => null);
}
