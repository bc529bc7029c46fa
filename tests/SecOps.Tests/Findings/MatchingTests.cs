using Shouldly;
using Xunit;

namespace SecOps.Findings;

public sealed class MatchingTests
{
    [Fact]
    public void What_the_baseline_knows_exists_and_what_it_does_not_is_new()
    {
        States([Some.Code("a.py", 1, "x()")], [Some.Code("a.py", 7, "x()"), Some.Code("a.py", 9, "completely(different)")])
            .ShouldBe(["a.py:7 existing", "a.py:9 new"]);
    }

    [Fact]
    public void Deleting_the_first_of_two_equal_lines_fixes_one_and_adds_none() =>
        States([Some.Code("a.py", 1, "x()"), Some.Code("a.py", 5, "x()")], [Some.Code("a.py", 4, "x()")]).ShouldBe(["a.py:4 existing", "a.py:5 fixed"]);

    [Fact]
    public void A_renamed_file_keeps_its_findings_and_their_former_ids()
    {
        var before = Identity.Assign([Some.Code("a.py", 1, "x()"), Some.Code("a.py", 3, "y()"), Some.Code("a.py", 5, "x()")]);
        var after = Matching.Apply(before, Identity.Assign([Some.Code("b.py", 1, "x()"), Some.Code("b.py", 3, "y()"), Some.Code("b.py", 5, "x()")]), [Some.Coverage()]);
        after.Select(f => f.State).ShouldAllBe(s => s == FindingState.Existing);
        after.SelectMany(f => f.Aliases).ShouldBe(before.Select(f => f.Id), ignoreOrder: true);
    }

    [Fact]
    public void Two_candidates_for_a_move_are_both_new() =>
        States([Some.Code("a.py", 1, "x()")], [Some.Code("b.py", 1, "x()"), Some.Code("c.py", 1, "x()")]).ShouldBe(["a.py:1 fixed", "b.py:1 new", "c.py:1 new"]);

    [Fact]
    public void Files_that_single_findings_show_to_be_renamed_carry_their_common_ones_along()
    {
        Finding[] File(string name, string own) => [Some.Code(name, 1, "common()"), Some.Code(name, 2, own)];
        States([.. File("a.py", "first(1)"), .. File("b.py", "second(2)")], [.. File("c.py", "first(1)"), .. File("d.py", "second(2)")])
            .ShouldBe(["c.py:1 existing", "c.py:2 existing", "d.py:1 existing", "d.py:2 existing"]);
    }

    [Fact]
    public void A_copy_of_a_file_that_was_not_looked_at_is_new()
    {
        var coverage = Some.Coverage() with { Scope = ["b.py"] };
        States([Some.Code("a.py", 1, "x()")], [Some.Code("b.py", 1, "x()")], coverage).ShouldBe(["a.py:1 notRescanned", "b.py:1 new"]);
    }

    [Fact]
    public void An_edited_line_is_the_nearest_similar_one_and_its_waiver_ends()
    {
        var before = Identity.Assign([Some.Code("a.py", 10, "subprocess.call(command, shell=True)"), Some.Code("a.py", 90, "subprocess.call(other_command, shell=True)")]);
        var after = Matching.Apply(before, Identity.Assign([Some.Code("a.py", 12, "subprocess.call(command + name, shell=True)"), Some.Code("a.py", 90, "subprocess.call(other_command, shell=True)")]), [Some.Coverage()]);
        after.Select(f => f.State).ShouldBe([FindingState.Existing, FindingState.Existing]);
        after[0].Aliases.ShouldBeEmpty();
    }

    [Fact]
    public void Of_two_equally_near_lines_none_is_taken() =>
        States([Some.Code("a.py", 10, "call(a, shell=True)")], [Some.Code("a.py", 9, "call(b, shell=True)"), Some.Code("a.py", 11, "call(c, shell=True)")])
            .ShouldBe(["a.py:9 new", "a.py:10 fixed", "a.py:11 new"]);

    [Fact]
    public void Another_line_that_has_nothing_in_common_is_new() =>
        States([Some.Code("a.py", 10, "call(a, shell=True)")], [Some.Code("a.py", 10, "os.popen('ls')")]).ShouldBe(["a.py:10 fixed", "a.py:10 new"]);

    [Fact]
    public void A_changed_secret_is_another_secret()
    {
        static Finding Secret(string masked) => Some.Code("a.env", 1, masked) with { Category = Category.Secret };
        States([Secret("KEY=AKIA1***********")], [Secret("KEY=AKIA2***********")]).ShouldBe(["a.env:1 fixed", "a.env:1 new"]);
    }

    [Fact]
    public void A_vulnerability_is_known_by_any_of_its_names()
    {
        var ghsa = Some.Vulnerability("GHSA-1", []);
        var both = Some.Vulnerability("CVE-1", ["GHSA-1"]);
        Matching.Apply(Identity.Assign([ghsa]), Identity.Assign([both]), [Some.Coverage("trivy")]).ShouldHaveSingleItem().State.ShouldBe(FindingState.Existing);
        Matching.Apply(Identity.Assign([both]), Identity.Assign([ghsa]), [Some.Coverage("trivy")]).ShouldHaveSingleItem().State.ShouldBe(FindingState.Existing);
    }

    [Fact]
    public void Names_that_turn_out_to_be_one_vulnerability_leave_nothing_fixed_and_nothing_new()
    {
        var apart = Identity.Assign([Some.Vulnerability("GHSA-1", []), Some.Vulnerability("CVE-1", [])]);
        var together = Identity.Assign([Some.Vulnerability("CVE-1", ["GHSA-1"])]);
        Matching.Apply(apart, together, [Some.Coverage("trivy")]).Select(f => f.State).ShouldBe([FindingState.Existing]);
        Matching.Apply(together, apart, [Some.Coverage("trivy")]).Select(f => f.State).ShouldBe([FindingState.Existing, FindingState.Existing]);
    }

    [Fact]
    public void What_returns_after_it_was_fixed_is_new()
    {
        var fixedNow = Matching.Apply(Identity.Assign([Some.Code("a.py", 1, "x()")]), [], [Some.Coverage()]);
        Matching.Apply(fixedNow, Identity.Assign([Some.Code("a.py", 1, "x()")]), [Some.Coverage()]).ShouldHaveSingleItem().State.ShouldBe(FindingState.New);
    }

    public static TheoryData<string, Coverage[]> WithoutTheScanner => new()
    {
        { "not part of the run", [Some.Coverage("trivy")] },
        { "missing", [Some.Coverage(status: CoverageStatus.Missing)] },
        { "failed", [Some.Coverage(status: CoverageStatus.Failed)] },
        { "failed in one part", [Some.Coverage(), Some.Coverage(status: CoverageStatus.TimedOut, target: "b")] },
        { "skipped", [Some.Coverage(status: CoverageStatus.Skipped)] },
        { "another folder", [Some.Coverage() with { Scope = ["src/"] }] },
        { "the file unread", [Some.Coverage() with { Unread = [new UnreadFile("a.py", "syntax")] }] },
        { "an image instead", [Some.Coverage(target: "app:1") with { Scope = [] }] },
    };

    [Theory]
    [MemberData(nameof(WithoutTheScanner))]
    public void What_was_not_looked_at_is_never_called_fixed(string why, Coverage[] coverage) =>
        States([Some.Code("a.py", 1, "x()")], [], coverage).ShouldBe(["a.py:1 notRescanned"], why);

    [Fact]
    public void What_two_scanners_reported_takes_both_to_be_fixed()
    {
        Finding[] before = [Some.Code("a.py", 1, "x()"), Some.Code("a.py", 1, "x()", "s", "semgrep")];
        States(before, [], Some.Coverage()).ShouldBe(["a.py:1 notRescanned"]);
        States(before, [], Some.Coverage(), Some.Coverage("semgrep")).ShouldBe(["a.py:1 fixed"]);
    }

    [Fact]
    public void Nothing_left_to_scan_means_fixed() =>
        States([Some.Code("a.py", 1, "x()")], [], Some.Coverage(status: CoverageStatus.Skipped) with { NothingToScan = true }).ShouldBe(["a.py:1 fixed"]);

    [Fact]
    public void Images_are_compared_by_repository()
    {
        var inImage = Some.Vulnerability("CVE-1", []) with { Location = new Location { Package = new Package("pkg:deb/openssl@1", "openssl", "1", null, null), Image = new Image("r/app:1", null) } };
        Matching.Apply(Identity.Assign([inImage]), [], [Some.Coverage("trivy", target: "r/app:2") with { Scope = [] }]).Single().State.ShouldBe(FindingState.Fixed);
        Matching.Apply(Identity.Assign([inImage]), [], [Some.Coverage("trivy", target: ".")]).Single().State.ShouldBe(FindingState.NotRescanned);
    }

    private static List<string> States(Finding[] before, Finding[] after, params Coverage[] coverage) =>
    [
        .. Matching.Apply(Identity.Assign(before), Identity.Assign(after), coverage.Length > 0 ? coverage : [Some.Coverage()])
            .OrderBy(f => f.Location.Path, StringComparer.Ordinal).ThenBy(f => f.Location.StartLine).ThenBy(f => f.State is FindingState.New)
            .Select(f => $"{f.Location.Path}:{f.Location.StartLine} {Words.Of(f.State)}"),
    ];
}
