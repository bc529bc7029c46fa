using Shouldly;
using Xunit;

namespace SecOps.Findings;

public sealed class GateTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Finding High = Identity.Assign([Some.Code("a.py", 1, "x")]).Single();

    [Theory]
    [InlineData(Severity.Critical, Verdict.Passed)]
    [InlineData(Severity.High, Verdict.Failed)]
    [InlineData(Severity.Medium, Verdict.Failed)]
    [InlineData(Severity.Unknown, Verdict.Failed)]
    public void The_lowest_severity_that_fails_is_chosen(Severity failOn, Verdict verdict) => Judge(new GatePolicy { FailOn = failOn }, [High]).Verdict.ShouldBe(verdict);

    [Fact]
    public void A_category_has_its_own_threshold()
    {
        var policy = new GatePolicy { FailOn = Severity.Critical, Categories = new Dictionary<Category, Severity> { [Category.Secret] = Severity.Low } };
        Judge(policy, [High]).Verdict.ShouldBe(Verdict.Passed);
        var reason = Judge(policy, [High with { Category = Category.Secret }]).Reasons.ShouldHaveSingleItem();
        reason.Because.ShouldBe("high is above categories.secret: low");
        reason.Finding.ShouldBe(High.Id);
        reason.Rule.ShouldBe("B602");
    }

    [Theory]
    [InlineData(FindingState.New, true, Verdict.Failed)]
    [InlineData(FindingState.Existing, true, Verdict.Passed)]
    [InlineData(FindingState.Existing, false, Verdict.Failed)]
    [InlineData(FindingState.Waived, false, Verdict.Passed)]
    [InlineData(FindingState.Fixed, false, Verdict.Passed)]
    [InlineData(FindingState.NotRescanned, false, Verdict.Passed)]
    public void Only_what_is_there_counts_and_with_newOnly_only_what_is_new(FindingState state, bool newOnly, Verdict verdict) =>
        Judge(new GatePolicy { NewOnly = newOnly }, [High.In(state)]).Verdict.ShouldBe(verdict);

    [Theory]
    [InlineData(CoverageStatus.Missing)]
    [InlineData(CoverageStatus.Failed)]
    [InlineData(CoverageStatus.TimedOut)]
    [InlineData(CoverageStatus.Cancelled)]
    [InlineData(CoverageStatus.Skipped)]
    public void A_required_scanner_that_did_not_complete_makes_the_run_incomplete(CoverageStatus status)
    {
        var result = Judge(new GatePolicy { Require = ["trivy"] }, [], Some.Coverage(), Some.Coverage("trivy", status));
        result.Verdict.ShouldBe(Verdict.Incomplete);
        result.Reasons.ShouldHaveSingleItem().Scanner.ShouldBe("trivy");
    }

    [Fact]
    public void A_required_scanner_that_is_not_even_mentioned_makes_the_run_incomplete() =>
        Judge(new GatePolicy { Require = ["trivy"] }, [], Some.Coverage()).Reasons.ShouldHaveSingleItem().Because.ShouldBe("trivy is required and was not run");

    [Theory]
    [InlineData(CoverageStatus.Missing, Verdict.Passed)]
    [InlineData(CoverageStatus.Skipped, Verdict.Passed)]
    [InlineData(CoverageStatus.Failed, Verdict.Incomplete)]
    [InlineData(CoverageStatus.TimedOut, Verdict.Incomplete)]
    public void Of_scanners_that_nothing_requires_those_that_started_must_end_well(CoverageStatus status, Verdict verdict) =>
        Judge(new GatePolicy(), [], Some.Coverage(), Some.Coverage("trivy", status)).Verdict.ShouldBe(verdict);

    [Fact]
    public void When_nothing_completed_nothing_is_known() => Judge(new GatePolicy(), [], Some.Coverage(status: CoverageStatus.Missing)).Verdict.ShouldBe(Verdict.Incomplete);

    [Theory]
    [InlineData("bandit", Verdict.Passed)]
    [InlineData("trivy", Verdict.Incomplete)]
    public void A_change_with_nothing_for_the_required_scanner_is_known_also_where_others_are_missing(string required, Verdict verdict) =>
        Judge(new GatePolicy { Require = [required] }, [], Some.Coverage("bandit", CoverageStatus.Skipped) with { NothingToScan = true }, Some.Coverage("trivy", CoverageStatus.Missing)).Verdict.ShouldBe(verdict);

    [Fact]
    public void A_file_that_a_required_scanner_could_not_read_makes_the_run_incomplete_and_is_named() =>
        Judge(new GatePolicy { Require = ["bandit"] }, [], Some.Coverage() with { Unread = [new UnreadFile("broken.py", "syntax")] }).Reasons.ShouldHaveSingleItem().Because.ShouldContain("broken.py");

    [Fact]
    public void An_old_database_makes_the_run_incomplete()
    {
        var policy = new GatePolicy { MaxDatabaseAge = TimeSpan.FromDays(7) };
        Judge(policy, [], Some.Coverage() with { DatabaseDate = Now.AddDays(-6) }).Verdict.ShouldBe(Verdict.Passed);
        Judge(policy, [], Some.Coverage() with { DatabaseDate = Now.AddDays(-9) }).Reasons.ShouldHaveSingleItem().Because.ShouldContain("9 days old");
    }

    [Fact]
    public void A_failed_quality_gate_of_SonarQube_is_a_note_or_a_reason()
    {
        var sonar = Some.Coverage("sonarqube") with { Quality = new ProjectQuality("shop") { Gate = "ERROR", Failing = [new("coverage", "LT", "80", "41.2")] } };
        var noted = Judge(new GatePolicy(), [], sonar);
        noted.Verdict.ShouldBe(Verdict.Passed);
        noted.Notes.ShouldHaveSingleItem().ShouldContain("gate.qualityGate");
        var failed = Judge(new GatePolicy { QualityGate = true }, [], sonar);
        failed.Verdict.ShouldBe(Verdict.Failed);
        failed.Notes.ShouldBeEmpty();
        failed.Reasons.ShouldHaveSingleItem().ShouldBe(new GateReason("SonarQube's quality gate of shop is ERROR: coverage 41.2 is below 80", Scanner: "sonarqube"));
        Judge(new GatePolicy { QualityGate = true }, [], sonar with { Quality = new ProjectQuality("shop") { Gate = "OK" } }).Verdict.ShouldBe(Verdict.Passed);
    }

    [Fact]
    public void Failed_wins_over_incomplete_and_both_reasons_stay()
    {
        var result = Judge(new GatePolicy { Require = ["trivy"] }, [High], Some.Coverage());
        result.Verdict.ShouldBe(Verdict.Failed);
        result.Reasons.Count.ShouldBe(2);
    }

    [Fact]
    public void A_finding_of_unknown_severity_does_not_pass_silently()
    {
        var result = Judge(new GatePolicy(), [High with { Severity = Severity.Unknown }]);
        result.Verdict.ShouldBe(Verdict.Passed);
        result.Notes.ShouldHaveSingleItem().ShouldContain("1 finding has no known severity");
    }

    [Fact]
    public void The_waiver_that_ended_is_named_where_its_finding_fails()
    {
        var waiver = new Waiver { Id = High.Id, Reason = "r", Owner = "o", Expires = new DateOnly(2026, 5, 31), Place = "secops.yml:3" };
        var waived = Waivers.Apply([waiver], [High], DateOnly.FromDateTime(Now.UtcDateTime));
        Gate.Evaluate(new GatePolicy(), waived.Findings, [Some.Coverage()], Now, waived.Expired).Reasons.Single().Waiver.ShouldBe("secops.yml:3: expired on 2026-05-31");
    }

    [Fact]
    public void Every_state_and_severity_is_explained_one_way_or_the_other()
    {
        foreach (var newOnly in new[] { true, false })
        {
            var policy = new GatePolicy { NewOnly = newOnly };
            foreach (var f in from state in Enum.GetValues<FindingState>() from severity in Enum.GetValues<Severity>() select High.In(state) with { Severity = severity })
            {
                Judge(policy, [f]).Reasons.Select(r => r.Because).Append(Gate.WhyNot(policy, f)).First().ShouldNotBeEmpty();
            }
        }
    }

    private static GateResult Judge(GatePolicy policy, Finding[] findings, params Coverage[] coverage) =>
        Gate.Evaluate(policy, findings, coverage.Length > 0 ? coverage : [Some.Coverage()], Now);
}
