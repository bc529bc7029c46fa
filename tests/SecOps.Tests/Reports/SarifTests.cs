using System.Text.Json;
using SecOps.Findings;
using SecOps.Processes;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Reports;

public sealed class SarifTests
{
    [Fact]
    public void A_result_and_its_rule_carry_the_severity_of_the_finding()
    {
        using var sarif = JsonDocument.Parse(ReportDocuments.Render("sarif"));
        var results = Results(sarif).ToList();
        results.Count.ShouldBe(10);
        foreach (var (run, result) in results)
        {
            var finding = ReportDocuments.Full.Findings.Single(f => f.Id == Text(result.GetProperty("partialFingerprints"), "secopsFinding/v1"));
            var rule = run.GetProperty("tool").GetProperty("driver").GetProperty("rules")[result.GetProperty("ruleIndex").GetInt32()];
            Text(rule, "id").ShouldBe(finding.Rule.Id);
            Text(result, "ruleId").ShouldBe(finding.Rule.Id);
            Text(rule.GetProperty("properties"), "security-severity").ShouldBe(SeverityScale.Score(finding.Severity));
            Text(result, "level").ShouldBe(Text(rule.GetProperty("defaultConfiguration"), "level"));
        }
    }

    [Fact]
    public void A_waiver_is_a_suppression_with_its_reason_owner_and_end()
    {
        using var sarif = JsonDocument.Parse(ReportDocuments.Render("sarif"));
        var suppressed = Results(sarif).Select(r => r.Result.GetProperty("suppressions")).Where(s => s.GetArrayLength() > 0).ShouldHaveSingleItem();
        Text(suppressed[0], "justification").ShouldBe("behind the VPN | until Q1 (platform@example.com, until 2027-01-31)");
    }

    [Fact]
    public void Addresses_are_relative_and_percent_encoded_and_hold_no_tag_or_digest()
    {
        using var sarif = JsonDocument.Parse(ReportDocuments.Render("sarif"));
        var addresses = Results(sarif).Select(r => Text(r.Result.GetProperty("locations")[0].GetProperty("physicalLocation").GetProperty("artifactLocation"), "uri")).ToList();
        addresses.ShouldContain("src/a%20file%20%C3%A9.py");
        addresses.ShouldContain("src/%5Bodd%5D%7C%60name%60.py");
        addresses.ShouldContain("registry.example%3A5000/team/app");
        addresses.ShouldContain("127.0.0.1%3A5000/item/1");
        addresses.ShouldContain("arn%3Aaws%3Aiam%3A%3A123456789012%3Auser/x");
    }

    [Theory]
    [InlineData("a\nb\nc\n", "a\nB\nc\n", 2, 1, "b\n", "B\n")]
    [InlineData("a\nb\nc\n", "a\nb\nx\ny\nc\n", 3, 0, "", "x\ny\n")]
    [InlineData("a\nb\nc\n", "c\n", 1, 2, "a\nb\n", "")]
    [InlineData("a\nb", "a\nB", 2, 1, "b", "B")]
    [InlineData("a\r\nb\r\n", "a\r\nB\r\n", 2, 1, "b\r\n", "B\r\n")]
    [InlineData("a\n", "a\nb\n", 2, 0, "", "b\n")]
    public void A_proven_fix_is_offered_so_that_an_editor_makes_the_fixed_text(string before, string after, int start, int lines, string removed, string added)
    {
        var fix = new Fix("Mend it", null, Fix.ScannerVerified) { Changes = [new FixChange("a b.py", [new FixEdit(start, lines, removed, added)])] };
        var change = Fixes(fix).ShouldHaveSingleItem().GetProperty("artifactChanges").EnumerateArray().ShouldHaveSingleItem();
        Text(change.GetProperty("artifactLocation"), "uri").ShouldBe("a%20b.py");
        var replacement = change.GetProperty("replacements").EnumerateArray().ShouldHaveSingleItem();
        Apply(before, replacement).ShouldBe(after);
    }

    [Theory]
    [InlineData("rejected", 1)]
    [InlineData("not-verifiable", 1)]
    [InlineData("verified", 0)]
    public void A_fix_that_is_not_proven_or_names_no_line_is_not_offered(string outcome, int line) =>
        Fixes(new Fix("Mend it", null, outcome) { Changes = [new FixChange("a.py", [new FixEdit(line, 1, "a\n", "b\n")])] }).ShouldBeEmpty();

    /// <summary>What an editor does with a replacement: characters from one place to another give way to a text.</summary>
    private static string Apply(string text, JsonElement replacement)
    {
        var region = replacement.GetProperty("deletedRegion");
        int Offset(int line, int? column)
        {
            var at = 0;
            for (; line > 1; line--)
            {
                var end = text.IndexOf('\n', at);
                at = end < 0 ? text.Length : end + 1;
            }

            var stop = text.IndexOfAny(['\r', '\n'], at);
            return column is { } c ? at + c - 1 : stop < 0 ? text.Length : stop;
        }

        var from = Offset(region.GetProperty("startLine").GetInt32(), region.GetProperty("startColumn").GetInt32());
        var to = Offset(region.GetProperty("endLine").GetInt32(), region.TryGetProperty("endColumn", out var column) ? column.GetInt32() : null);
        return text[..from] + Text(replacement.GetProperty("insertedContent"), "text") + text[to..];
    }

    private static List<JsonElement> Fixes(Fix fix)
    {
        var finding = ReportDocuments.Code("f1-1", Severity.High, "B1", "a b.py", 1, "t") with { Fix = fix };
        var sarif = JsonDocument.Parse(ReportDocuments.Render("sarif", ReportDocuments.Full with { Findings = [finding] }));
        var result = Results(sarif).ShouldHaveSingleItem().Result;
        return result.TryGetProperty("fixes", out var fixes) ? [.. fixes.EnumerateArray()] : [];
    }

    [Fact]
    public void A_rule_keeps_the_lengths_that_GitHub_takes()
    {
        var finding = ReportDocuments.Code("f1-1", Severity.High, "B1", "a.py", 1, new string('t', 3000)) with { Message = new string('m', 2000), Rule = new Rule("B1", new string('n', 400)) };
        using var sarif = JsonDocument.Parse(ReportDocuments.Render("sarif", ReportDocuments.Full with { Findings = [finding] }));
        var rule = Results(sarif).ShouldHaveSingleItem().Run.GetProperty("tool").GetProperty("driver").GetProperty("rules")[0];
        Text(rule, "name")!.Length.ShouldBe(255);
        Text(rule.GetProperty("shortDescription"), "text")!.Length.ShouldBe(1024);
        Text(rule.GetProperty("fullDescription"), "text")!.Length.ShouldBe(1024);
    }

    [Theory]
    [InlineData("alpine", "alpine")]
    [InlineData("alpine:3.19", "alpine")]
    [InlineData("r:5000/a/b", "r:5000/a/b")]
    [InlineData("r:5000/a/b:1@sha256:00", "r:5000/a/b")]
    public void An_image_is_named_without_tag_and_digest(string reference, string name) => SarifPlace.Repository(reference).ShouldBe(name);

    [Fact]
    public void A_scanner_that_did_not_complete_is_a_run_that_failed_and_is_left_out_where_it_would_count_as_clean()
    {
        using var all = JsonDocument.Parse(ReportDocuments.Render("sarif"));
        var failed = all.RootElement.GetProperty("runs").EnumerateArray().Where(r => r.GetProperty("invocations").EnumerateArray().Any(i => !i.GetProperty("executionSuccessful").GetBoolean())).Select(Tool);
        failed.ShouldBe(["safety", "sonarqube"], ignoreOrder: true);

        using var stream = new MemoryStream();
        var notes = new SarifReport(new SarifOptions { CompletedOnly = true }).Write(stream, ReportDocuments.Full);
        using var completed = JsonDocument.Parse(stream.ToArray());
        completed.RootElement.GetProperty("runs").EnumerateArray().Select(Tool).ShouldNotContain("safety");
        notes.ShouldContain("the run of safety is left out, since it did not complete");
    }

    [Fact]
    public void What_exceeds_a_limit_is_cut_from_the_least_severe_and_said()
    {
        using var stream = new MemoryStream();
        var notes = new SarifReport(new SarifOptions { MaxResults = 2 }).Write(stream, ReportDocuments.Full);
        using var sarif = JsonDocument.Parse(stream.ToArray());
        var bandit = sarif.RootElement.GetProperty("runs").EnumerateArray().Single(r => Tool(r) == "bandit");
        bandit.GetProperty("results").EnumerateArray().Select(r => Text(r, "level")).ShouldBe(["error", "error"]);
        notes.ShouldContain("2 of 4 findings of bandit, the least severe, are left out");
    }

    [NeedsFact("sarif-multitool")]
    public async Task The_multitool_finds_no_error_in_the_fixed_document()
    {
        using var folder = new TemporaryFolder();
        folder.Write("a.sarif", ReportDocuments.Render("sarif"));
        await Validate(folder, 1);
    }

    [NeedsFact("sarif-multitool")]
    public async Task The_multitool_finds_no_error_in_any_corpus_report_that_has_a_reader()
    {
        using var folder = new TemporaryFolder();
        var count = 0;
        foreach (var (document, _) in CorpusDocuments.All())
        {
            using var file = File.Create(folder[$"{count++}.sarif"]);
            ReportList.Find("sarif")!.Write(file, document);
        }

        if (count > 0)
        {
            await Validate(folder, count);
        }
    }

    /// <summary>By the format's rules and by those of GitHub's code scanning.</summary>
    private static async Task Validate(TemporaryFolder folder, int files)
    {
        var result = await new ProcessRunner(new Redactor()).RunAsync(new ProcessCall(Parts.Executable("sarif-multitool"), ["validate", folder["*.sarif"], "--level", "Error", "--rule-kind", "Sarif;Gh"]) { Timeout = TimeSpan.FromMinutes(10) }, CancellationToken.None);
        var said = result.Output + result.Error;
        said.ShouldContain($"{files} files scanned");
        said.ShouldNotContain("): error", Case.Sensitive);
        result.ExitCode.ShouldBe(0, said);
    }

    private static IEnumerable<(JsonElement Run, JsonElement Result)> Results(JsonDocument sarif) =>
        sarif.RootElement.GetProperty("runs").EnumerateArray().SelectMany(run => run.GetProperty("results").EnumerateArray().Select(result => (run, result)));

    private static string Tool(JsonElement run) => Text(run.GetProperty("tool").GetProperty("driver"), "name")!;

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;
}
