using Shouldly;
using Xunit;

namespace SecOps.Findings;

public sealed class IdentityTests
{
    [Fact]
    public void An_id_is_the_prefix_and_twenty_hex_digits() => Id(Some.Code("a.py", 1, "x")).ShouldMatch("^f1-[0-9a-f]{20}$");

    [Fact]
    public void Ids_are_what_they_were_when_they_were_first_given_out()
    {
        // A change of any of these orphans every baseline and waiver in the world: then the prefix has to change, and the old id to stay as an alias.
        new[]
        {
            Id(Some.Code("app.py", 12, "subprocess.call(x, shell=True)")),
            Id(Some.Vulnerability("CVE-2023-30861", ["GHSA-m2qf-hxjv-5gpq"])),
            Id(Some.Code("a.py", 1, "AKIA****") with { Category = Category.Secret }),
            Id(Misconfiguration("DS-0002")),
            Id(Alert("http://h/users/7?x=1", "GET", "name")),
            Id(Cloud("arn:aws:ec2:eu-west-1:1:instance/i-1")),
        }.ShouldBe(
        [
            "f1-1b2c48936f1554b41858", "f1-6abd17d51944cfdd2de9", "f1-ab918dace9a64b1e7ff1", "f1-786c3bd00f54bac92c8c", "f1-ca4137b53286e7884cca", "f1-9f64f14adaffd54c1798",
        ]);
    }

    [Fact]
    public void Line_severity_message_version_and_detected_words_are_in_no_id()
    {
        var a = Some.Code("a.py", 1, "x");
        var b = a with { Severity = Severity.Low, Message = "m", Title = "t", Confidence = "low", Location = a.Location with { StartLine = 9, EndLine = 10, StartColumn = 4 } };
        Id(b).ShouldBe(Id(a));
    }

    [Fact]
    public void Two_equal_lines_are_two_findings_and_the_same_place_twice_is_one()
    {
        var findings = Identity.Assign([Some.Code("a.py", 1, "x"), Some.Code("a.py", 5, "x"), Some.Code("a.py", 5, "x")]);
        findings.Select(f => f.Location.StartLine).ShouldBe([1, 5]);
        findings.Select(f => f.Id).Distinct().Count().ShouldBe(2);
    }

    [Fact]
    public void Two_on_one_line_are_told_apart_by_column_or_by_message()
    {
        var x = Some.Code("a.py", 1, "f('a', 'b')");
        Identity.Assign([x with { Location = x.Location with { StartColumn = 3 } }, x with { Location = x.Location with { StartColumn = 8 } }]).Count.ShouldBe(2);
        Identity.Assign([x with { Message = "password 'a'" }, x with { Message = "password 'b'" }]).Count.ShouldBe(2);
    }

    [Fact]
    public void A_report_that_is_read_twice_adds_nothing()
    {
        Finding[] report = [Some.Code("a.py", 1, "x"), Some.Code("a.py", 5, "x")];
        Identity.Assign([report, report]).Select(f => f.Id).ShouldBe(Identity.Assign(report).Select(f => f.Id));
    }

    [Theory]
    [InlineData("DS002", "DS-0002")]
    [InlineData("AVD-DS-0002", "DS-0002")]
    [InlineData("DS-0002", "DS-0002")]
    [InlineData("KSV001", "KSV-0001")]
    [InlineData("AVD-AWS-0107", "AWS-0107")]
    [InlineData("AWS-0107", "AWS-0107")]
    [InlineData("DL3008", "DL3008")]
    [InlineData("CKV_AWS_20", "CKV_AWS_20")]
    [InlineData("AVD-", "AVD-")]
    public void A_misconfiguration_rule_that_was_renamed_stays_one(string rule, string canonical) => TrivyRule.Canonical(rule).ShouldBe(canonical);

    [Fact]
    public void A_report_of_an_older_trivy_gives_the_same_misconfigurations() =>
        new[] { "DS002", "AVD-DS-0002", "DS-0002" }.Select(rule => Id(Misconfiguration(rule))).Distinct().Count().ShouldBe(1);

    [Fact]
    public void One_vulnerability_is_one_finding_however_many_databases_name_it()
    {
        var joined = Identity.Assign(
        [
            Some.Vulnerability("GHSA-1", ["GHSA-1", "PYSEC-1"], "pip-audit"),
            Some.Vulnerability("51668", ["PYSEC-1"], "safety"),
            Some.Vulnerability("CVE-2023-2", ["GHSA-1", "CVE-2023-2"]),
        ]).ShouldHaveSingleItem();
        joined.Rule.Id.ShouldBe("CVE-2023-2");
        joined.Rule.Advisories.ShouldBe(["51668", "CVE-2023-2", "GHSA-1", "PYSEC-1"]);
        joined.Scanners.Select(s => s.Name).ShouldBe(["pip-audit", "safety", "trivy"]);
        foreach (var name in new[] { "GHSA-1", "PYSEC-1", "51668" })
        {
            joined.Aliases.ShouldContain(Id(Some.Vulnerability(name, [name])));
        }
    }

    [Fact]
    public void The_same_advisory_in_another_package_or_manifest_is_another_finding()
    {
        Identity.Assign(
        [
            Some.Vulnerability("CVE-1", []),
            Some.Vulnerability("CVE-1", [], manifest: "other/requirements.txt"),
            Some.Vulnerability("CVE-1", [], purl: "pkg:pypi/werkzeug@1.0"),
        ]).Count.ShouldBe(3);
    }

    [Theory]
    [InlineData("pkg:pypi/Flask@1.0")]
    [InlineData("pkg:pypi/flask@2.0?extra=a#b")]
    [InlineData("pkg:pypi/flask")]
    public void Version_case_and_qualifiers_of_a_package_do_not_count(string purl) =>
        Id(Some.Vulnerability("CVE-1", [], purl: purl)).ShouldBe(Id(Some.Vulnerability("CVE-1", [])));

    [Theory]
    [InlineData("pkg:npm/@angular/core@1.0", "pkg:npm/@angular/core")]
    [InlineData("pkg:npm/%40angular/core@1.0", "pkg:npm/@angular/core")]
    [InlineData("pkg:npm/@angular/core", "pkg:npm/@angular/core")]
    [InlineData("pkg:pypi/My_Pkg.x@1", "pkg:pypi/my-pkg-x")]
    [InlineData("flask", "flask")]
    public void A_package_is_named_without_its_version(string purl, string key) =>
        IdentityKey.PackageKey(new Package(purl, purl, null, null, null)).ToString().ShouldBe(key);

    [Theory]
    [InlineData("r/app:1.0", "r/app:2.0")]
    [InlineData("r/app:1.0", "r/app@sha256:00")]
    [InlineData("localhost:5000/app", "localhost:5000/app:1@sha256:00")]
    public void Tag_and_digest_of_an_image_do_not_count(string a, string b) => Id(InImage(a)).ShouldBe(Id(InImage(b)));

    [Fact]
    public void Another_image_is_another_finding() => Id(InImage("localhost:5000/a")).ShouldNotBe(Id(InImage("localhost:5000/b")));

    [Theory]
    [InlineData("https://a.example/", "/")]
    [InlineData("https://a.example", "/")]
    [InlineData("http://b:8080/users/17/edit?q=1#f", "/users/{id}/edit")]
    [InlineData("/users/18/edit", "/users/{id}/edit")]
    [InlineData("http://h/o/3f2504e0-4f89-11d3-9a0c-0305e82c3301", "/o/{id}")]
    [InlineData("http://h/static/main.3f2a9c1b.js", "/static/main.{id}.js")]
    [InlineData("http://h/c/deadbeef01", "/c/{id}")]
    [InlineData("http://h/facades/v2/index.html", "/facades/v2/index.html")]
    [InlineData("http://h/report/4711.pdf", "/report/{id}.pdf")]
    [InlineData("http://h/lib/1.2.3/x.js", "/lib/1.2.3/x.js")]
    [InlineData("http://h/a;jsessionid=0F3A/b", "/a/b")]
    public void A_path_is_templated(string url, string path) => WebPath.Template(url).ShouldBe(path);

    [Fact]
    public void Alerts_that_differ_in_an_objects_number_are_one_and_other_methods_and_parameters_are_not()
    {
        Identity.Assign([Alert("http://h/u/1", "GET", "q"), Alert("https://staging/u/2?q=x", "get", "q")]).Count.ShouldBe(1);
        Identity.Assign([Alert("http://h/u/1", "GET", "q"), Alert("http://h/u/1", "POST", "q"), Alert("http://h/u/1", "GET", "r")]).Count.ShouldBe(3);
    }

    [Fact]
    public void The_digest_at_the_end_of_an_image_arn_does_not_count() =>
        Id(Cloud("arn:aws:ecr:eu-west-1:1:repository/app/sha256:aa")).ShouldBe(Id(Cloud("arn:aws:ecr:eu-west-1:1:repository/app/sha256:bb")));

    [Fact]
    public void Two_scanners_on_the_same_line_and_cwe_are_one_finding()
    {
        var (bandit, semgrep) = (Some.Code("a.py", 3, "call(x)", severity: Severity.Low), Some.Code("a.py", 3, "  call(x)", "shell-injection", "semgrep"));
        var joined = Identity.Assign([semgrep, bandit]).ShouldHaveSingleItem();
        joined.Id.ShouldBe(Id(bandit));
        joined.Aliases.ShouldBe([Id(semgrep)]);
        joined.Severity.ShouldBe(Severity.High);
        joined.Scanners.Select(s => s.Name).ShouldBe(["bandit", "semgrep"]);
    }

    [Fact]
    public void Another_line_or_cwe_is_not_joined()
    {
        var bandit = Some.Code("a.py", 3, "call(x)");
        Identity.Assign([bandit, Some.Code("a.py", 4, "call(x)", "s", "semgrep")]).Count.ShouldBe(2);
        Identity.Assign([bandit, Some.Code("a.py", 3, "call(x)", "s", "semgrep", "CWE-79")]).Count.ShouldBe(2);
        Identity.Assign([bandit, Some.Code("b.py", 3, "call(x)", "s", "semgrep")]).Count.ShouldBe(2);
    }

    [Fact]
    public void One_scanner_that_says_two_things_about_a_line_is_joined_with_none() =>
        Identity.Assign([Some.Code("a.py", 3, "call(x)"), Some.Code("a.py", 3, "call(x)", "B607"), Some.Code("a.py", 3, "call(x)", "s", "semgrep")]).Count.ShouldBe(3);

    private static string Id(Finding f) => Identity.Assign([f]).Single().Id;

    private static Finding Misconfiguration(string rule) =>
        Some.Code("Dockerfile", 1, "", rule, "trivy") with { Category = Category.Config };

    private static Finding InImage(string reference)
    {
        var f = Some.Vulnerability("CVE-1", []);
        return f with { Location = f.Location with { Package = f.Location.Package! with { Manifest = null }, Image = new Image(reference, null) } };
    }

    private static Finding Alert(string url, string method, string parameter) => Some.Code("", 1, "", "40012", "zap") with
    {
        Category = Category.Web,
        Location = new Location { Url = url, Method = method, Parameter = parameter },
    };

    private static Finding Cloud(string resource) => Some.Code("", 1, "", "UnauthorizedAccess", "guardduty") with
    {
        Category = Category.Cloud,
        Location = new Location { Resource = resource },
    };
}
