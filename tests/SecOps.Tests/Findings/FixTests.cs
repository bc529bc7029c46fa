using Shouldly;
using Xunit;

namespace SecOps.Findings;

public class FixTests
{
    [Theory]
    [InlineData("2.0.1", "Update werkzeug to 2.0.1.", "2.0.1")]
    [InlineData("3.0.3 , 2.0.1", "Update werkzeug to 3.0.3 , 2.0.1.", "3.0.3")]
    [InlineData("é\"\\", "Update werkzeug to é\"\\.", "é\"\\")]
    public void A_package_whose_fixed_version_is_known_is_mended_by_its_update(string fixedVersion, string description, string version)
    {
        var finding = Vulnerable(fixedVersion);
        finding.Fix.ShouldBe(Fix.Update(finding.Location.Package!));
        var read = Read(finding);
        (read.Fix!.Description, read.Fix.Version).ShouldBe((description, version));
        read.OwnFix.ShouldBeNull("it says no more than the package");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Where_no_fixed_version_is_known_there_is_no_fix(string? fixedVersion) => Read(Vulnerable(fixedVersion)).Fix.ShouldBeNull();

    [Fact]
    public void What_is_said_of_a_fix_stays()
    {
        foreach (var fix in new[] { new Fix("Remove it"), new Fix("Update werkzeug to 2.0.1.", "2.0.0"), new Fix("Update werkzeug to 2.0.1.", "2.0.1", "rejected", "tests"), new Fix("Update werkzeug to 2.0.1.", "2.0.1") { Risk = "r" } })
        {
            var read = Read(Vulnerable("2.0.1") with { Fix = fix }).OwnFix.ShouldNotBeNull();
            (read.Description, read.Version, read.Outcome, read.Gate, read.Risk).ShouldBe((fix.Description, fix.Version, fix.Outcome, fix.Gate, fix.Risk));
        }
    }

    private static Finding Vulnerable(string? fixedVersion) => new()
    {
        Id = "f1-0",
        Category = Category.Dependency,
        Severity = Severity.High,
        Title = "t",
        Rule = new Rule("CVE-2024-1", Advisories: ["CVE-2024-1"]),
        Location = new Location { Package = new Package("pkg:pypi/werkzeug@1", "werkzeug", "1", fixedVersion, "requirements.txt") },
        Scanners = [new Detection("trivy", "CVE-2024-1", "HIGH")],
    };

    private static Finding Read(Finding finding)
    {
        using var stream = new MemoryStream();
        FindingsWriter.Write(stream, new FindingsDocument { Run = new RunInfo { Id = "r", StartedAt = default, FinishedAt = default, SecopsVersion = "1" }, Coverage = [], Findings = [finding] });
        return FindingsReader.Read(new MemoryStream(stream.ToArray()), "x").Findings.ShouldHaveSingleItem();
    }
}
