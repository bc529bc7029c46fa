using Shouldly;
using Xunit;

namespace SecOps.Findings;

public sealed class WaiverTests
{
    private static readonly DateOnly Today = new(2026, 6, 1);

    private static readonly Finding Flagged = Identity.Assign([Some.Code("tests/unit/a.py", 1, "x")]).Single();

    private static readonly Finding Vulnerable = Identity.Assign([Some.Vulnerability("CVE-1", ["GHSA-1"])]).Single();

    private static readonly Finding Docker = Identity.Assign([Some.Code("Dockerfile", 1, "", "DS002", "trivy") with { Category = Category.Config }]).Single();

    [Fact]
    public void A_waiver_holds_through_its_last_day_and_not_a_day_longer()
    {
        Apply(Waiver() with { Id = Flagged.Id, Expires = Today }, Flagged).Findings.Single().State.ShouldBe(FindingState.Waived);
        var expired = Apply(Waiver() with { Id = Flagged.Id, Expires = Today.AddDays(-1) }, Flagged);
        expired.Findings.Single().State.ShouldBe(FindingState.New);
        expired.Notes.ShouldHaveSingleItem().ShouldBe($"secops.yml:3: the waiver for {Flagged.Id} expired on 2026-05-31 and no longer holds");
    }

    [Fact]
    public void A_waiver_that_matches_nothing_is_listed() =>
        Apply(Waiver() with { Rule = "B999" }, Flagged).Notes.ShouldHaveSingleItem().ShouldContain("matches nothing");

    [Fact]
    public void A_waiver_whose_finding_is_fixed_is_listed_and_one_that_was_not_looked_at_is_not()
    {
        Apply(Waiver() with { Id = Flagged.Id }, Flagged.In(FindingState.Fixed)).Notes.ShouldHaveSingleItem();
        var unseen = Apply(Waiver() with { Id = Flagged.Id }, Flagged.In(FindingState.NotRescanned));
        unseen.Notes.ShouldBeEmpty();
        unseen.Findings.Single().State.ShouldBe(FindingState.NotRescanned);
    }

    [Theory]
    [InlineData("tests/**", true)]
    [InlineData("tests/*", false)]
    [InlineData("**/a.py", true)]
    [InlineData("tests/unit/a.py", true)]
    [InlineData("tests/unit/?.py", true)]
    [InlineData("unit/a.py", false)]
    public void A_path_may_be_a_glob(string glob, bool holds) => Holds(Waiver() with { Path = glob }, Flagged).ShouldBe(holds);

    [Theory]
    [InlineData("flask", true)]
    [InlineData("pkg:pypi/flask", true)]
    [InlineData("pkg:pypi/Flask", true)]
    [InlineData("pkg:pypi/flask-login", false)]
    public void A_package_is_meant_by_name_or_url(string package, bool holds) => Holds(Waiver() with { Package = package }, Vulnerable).ShouldBe(holds);

    [Theory]
    [InlineData("CVE-1", true)]
    [InlineData("GHSA-1", true)]
    [InlineData("GHSA-2", false)]
    public void An_advisory_is_meant_by_any_of_its_names(string advisory, bool holds) => Holds(Waiver() with { Advisory = advisory }, Vulnerable).ShouldBe(holds);

    [Theory]
    [InlineData("DS002", true)]
    [InlineData("AVD-DS-0002", true)]
    [InlineData("DS-0002", true)]
    [InlineData("DS-0003", false)]
    public void A_rule_is_meant_by_its_old_and_new_name(string rule, bool holds) => Holds(Waiver() with { Rule = rule }, Docker).ShouldBe(holds);

    [Fact]
    public void Every_matcher_that_is_given_must_match()
    {
        Holds(Waiver() with { Rule = "B602", Path = "tests/**" }, Flagged).ShouldBeTrue();
        Holds(Waiver() with { Rule = "B602", Path = "src/**" }, Flagged).ShouldBeFalse();
    }

    [Fact]
    public void A_waiver_written_under_an_older_name_holds()
    {
        var known = Identity.Assign([Some.Vulnerability("GHSA-1", [])]).Single();
        Holds(Waiver() with { Id = known.Id }, Vulnerable).ShouldBeTrue();
    }

    [Fact]
    public void Bound_to_an_id_it_moves_with_the_code_and_ends_with_it()
    {
        var waiver = Waiver() with { Id = Flagged.Id };
        FindingState After(Finding now) => Waivers.Apply([waiver], Matching.Apply([Flagged], Identity.Assign([now]), [Some.Coverage()]), Today).Findings[0].State;
        After(Some.Code("moved.py", 40, "x")).ShouldBe(FindingState.Waived);
        After(Some.Code("tests/unit/a.py", 1, "x = request.args['x']")).ShouldBe(FindingState.New);
    }

    private static Waiver Waiver() => new() { Reason = "r", Owner = "o", Expires = Today.AddDays(30), Place = "secops.yml:3" };

    private static Waivers.Result Apply(Waiver waiver, Finding finding) => Waivers.Apply([waiver], [finding], Today);

    private static bool Holds(Waiver waiver, Finding finding) => Apply(waiver, finding).Findings.Single().State == FindingState.Waived;
}
