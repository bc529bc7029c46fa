using SecOps.Delivery.Attest;
using SecOps.Docker;
using SecOps.Findings;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Delivery;

public sealed class GateEvidenceTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Nothing_scanned_is_no_evidence() => Read(new GatePolicy()).ShouldBeNull();

    [Fact]
    public void What_was_judged_is_named_with_its_digest()
    {
        Write(Verdict.Passed);
        folder.Write("raw/bandit.json", "{}");

        var evidence = Read(new GatePolicy()).ShouldNotBeNull();

        evidence.Verdict.ShouldBe(Verdict.Passed);
        evidence.Inputs.Select(i => i.Key).ShouldBe(["findings.json", "raw/bandit.json"]);
        evidence.Inputs[1].Value.ShouldBe("sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    }

    [Fact]
    public void A_laxer_scan_does_not_pass_the_configured_policy_and_a_stricter_one_is_not_forgotten()
    {
        Write(Verdict.Passed);
        var strict = Read(new GatePolicy { Require = ["trivy"] })!;
        (strict.Verdict, strict.Because.Single()).ShouldBe((Verdict.Incomplete, "trivy is required and was not run"));
        Write(Verdict.Failed);
        Read(new GatePolicy())!.Verdict.ShouldBe(Verdict.Failed);
    }

    [Fact]
    public void Findings_that_cannot_be_read_pass_nothing()
    {
        folder.Write("findings.json", "{\"schemaVersion\": 1, \"run\": {");

        Should.Throw<SecOpsException>(() => Read(new GatePolicy())).Code.ShouldBe(ExitCode.ToolFailed);
    }

    [Fact]
    public void A_verdict_is_about_the_commit_that_was_scanned()
    {
        Evidence(commit: "aaaa").WhyNotAbout(Built("aaaa"), ["app:1"], null).ShouldBeNull();
        Evidence(commit: "bbbb").WhyNotAbout(Built("aaaa"), ["app:1"], releaseRevision: "bbbb").ShouldBeNull();
        Evidence(commit: "bbbb").WhyNotAbout(Built("aaaa"), ["app:1"], null).ShouldBe("the scan is of commit bbbb, the image of commit aaaa");
        Evidence(commit: null).WhyNotAbout(Built("aaaa"), ["app:1"], null).ShouldBeNull();
    }

    [Fact]
    public void A_verdict_about_an_image_is_about_that_one_alone()
    {
        var image = Built(null) with { RepositoryDigests = ["registry.example.com/app@sha256:abc"], Tags = ["registry.example.com/app:1"] };
        string? Why(string scanned, string? digest) => (Evidence(null) with { Images = [new Image(scanned, digest)] }).WhyNotAbout(image, ["app:1"], null);

        Why("app:1", null).ShouldBeNull();
        Why("registry.example.com/app:1", null).ShouldBeNull();
        Why("elsewhere:7", "sha256:abc").ShouldBeNull();
        Why("app:1", "sha256:def").ShouldBe("the scan is of app:1 when it was sha256:def");
        Why("app:2", null).ShouldBe("the scan is of the image app:2");
        // Its commit ties the source's verdict to it, whatever else was scanned along.
        (Evidence("aaaa") with { Images = [new Image("python:3", null)] }).WhyNotAbout(Built("aaaa"), ["app:1"], null).ShouldBeNull();
    }

    [Fact]
    public void A_verdict_about_an_image_ends_when_its_name_is_built_anew()
    {
        var evidence = Evidence(null) with { Images = [new Image("app:1", null)] };

        evidence.WhyNotAbout(Built(null) with { Created = evidence.ScannedAt.AddMinutes(-1) }, ["app:1"], null).ShouldBeNull();
        evidence.WhyNotAbout(Built(null) with { Created = evidence.ScannedAt.AddMinutes(1) }, ["app:1"], null).ShouldNotBeNull().ShouldStartWith("app:1 was built anew after the scan of 20");
    }

    [Fact]
    public void The_images_that_were_scanned_are_known_from_the_coverage()
    {
        Write(
            Verdict.Passed,
            new Coverage { Scanner = "trivy", Target = "app:1", Status = CoverageStatus.Completed, Scope = [], Source = "native" },
            new Coverage { Scanner = "zap", Target = "https://example.com/", Status = CoverageStatus.Completed, Scope = [], Source = "native" },
            new Coverage { Scanner = "trivy", Target = "report.json", Status = CoverageStatus.Completed, Scope = [], Source = "import" },
            new Coverage { Scanner = "trivy", Target = "app:2", Status = CoverageStatus.Failed, Scope = [], Source = "native" });

        Read(new GatePolicy())!.Images.ShouldBe([new Image("app:1", null)]);
    }

    private static GateEvidence Evidence(string? commit) => new(Verdict.Passed, [], DateTimeOffset.UtcNow, commit, []);

    private static DockerImage Built(string? commit) => new(
        "sha256:1", "linux", "amd64", 1, [], [], commit is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["org.opencontainers.image.revision"] = commit }, []);

    private GateEvidence? Read(GatePolicy policy) => GateEvidence.Read(folder.Path, policy, DateTimeOffset.UtcNow);

    private void Write(Verdict verdict, params Coverage[] more)
    {
        var document = new FindingsDocument
        {
            Run = new RunInfo { Id = "1", StartedAt = DateTimeOffset.UtcNow, FinishedAt = DateTimeOffset.UtcNow, SecopsVersion = "1" },
            Coverage = [new Coverage { Scanner = "bandit", Target = ".", Status = CoverageStatus.Completed }, .. more],
            Gate = new GateResult(verdict, verdict == Verdict.Passed ? [] : [new GateReason("high is at failOn: high", "f1-1")]),
        };
        using var file = File.Create(folder["findings.json"]);
        FindingsWriter.Write(file, document);
    }
}
