using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Findings;

public sealed class BaselineFileTests
{
    private static readonly List<Finding> Known = Identity.Assign(
    [
        Some.Code("a.py", 1, "one()"), Some.Code("é.py", 2, "漏洞()"), Some.Code("a.py", 3, "three(x, y, z)"), Some.Code("a.py", 9, "nine()"),
        Some.Vulnerability("CVE-1", ["GHSA-1"]), Some.Vulnerability("GHSA-2", []),
    ]);

    private static readonly List<Finding> Current = Identity.Assign(
    [
        Some.Code("a.py", 5, "one()"), Some.Code("b.py", 2, "漏洞()"), Some.Code("a.py", 3, "three(x, y, w)"),
        Some.Vulnerability("CVE-1", []), Some.Vulnerability("CVE-2", ["GHSA-2"]),
    ]);

    [Fact]
    public void A_baseline_that_is_read_as_far_as_needed_matches_as_one_that_is_read_whole()
    {
        using var folder = new TemporaryFolder();
        var document = Some.Document([.. Known, Known[0].In(FindingState.Fixed) with { Id = "f1-gone" }]);
        var file = folder.Write("findings.json", Some.Json(document));
        Coverage[] coverage = [Some.Coverage(), Some.Coverage("trivy")];
        var matched = Matching.Apply(BaselineFile.Open(file).Read(Current), Current, coverage);
        Some.Json(Some.Document(matched)).ShouldBe(Some.Json(Some.Document(Matching.Apply(document.Findings, Current, coverage))));
        matched.CountBy(f => f.State).OrderBy(s => s.Key).ShouldBe([new(FindingState.Existing, 5), new(FindingState.Fixed, 1)]);
    }

    [Fact]
    public async Task An_absent_foreign_or_cut_file_is_refused_before_the_scan_and_a_wrong_finding_after()
    {
        using var folder = new TemporaryFolder();
        Should.Throw<SecOpsException>(() => BaselineFile.Open(folder["none.json"])).Code.ShouldBe(ExitCode.Usage);
        Should.Throw<SecOpsException>(() => BaselineFile.Open(folder.Write("x.json", "[]"))).Message.ShouldContain("is not a findings document");
        var cut = folder.Write("cut.json", Some.Json(Some.Document(Known))[..^20]);
        (await Should.ThrowAsync<SecOpsException>(() => BaselineFile.Open(cut).Ready)).Message.ShouldContain("cut off");
        Should.Throw<SecOpsException>(() => BaselineFile.Open(cut).Read(Current)).Message.ShouldContain("cut off");
        var newer = folder.Write("newer.json", """{"schemaVersion": 2, "findings": []}""");
        Should.Throw<SecOpsException>(() => BaselineFile.Open(newer).Read(Current)).Message.ShouldContain("Update secops");
        var other = folder.Write("other.json", """{"findings": [{"id": "f1-1"}], "schemaVersion": 1}""");
        Should.Throw<SecOpsException>(() => BaselineFile.Open(other).Read(Current)).Message.ShouldContain("lacks");
    }

    [Fact]
    public void Many_findings_are_identified_on_all_cores_to_the_same_result()
    {
        Finding[] many = [.. Enumerable.Range(0, 12_000).Select(i => i % 3 == 0 ? Some.Vulnerability($"CVE-{i % 5000}", []) : Some.Code($"{i % 7}.py", i, $"call({i % 4000})"))];
        var whole = Identity.Assign(many);
        var parts = Identity.Assign(many.Reverse().ToList());
        Some.Json(Some.Document(parts)).ShouldBe(Some.Json(Some.Document(whole)));
        whole.Count(f => f.Category == Category.Code).ShouldBe(8000);
    }
}
