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

    private GateEvidence? Read(GatePolicy policy) => GateEvidence.Read(folder.Path, policy, DateTimeOffset.UtcNow);

    private void Write(Verdict verdict)
    {
        var document = new FindingsDocument
        {
            Run = new RunInfo { Id = "1", StartedAt = DateTimeOffset.UtcNow, FinishedAt = DateTimeOffset.UtcNow, SecopsVersion = "1" },
            Coverage = [new Coverage { Scanner = "bandit", Target = ".", Status = CoverageStatus.Completed }],
            Gate = new GateResult(verdict, verdict == Verdict.Passed ? [] : [new GateReason("high is at failOn: high", "f1-1")]),
        };
        using var file = File.Create(folder["findings.json"]);
        FindingsWriter.Write(file, document);
    }
}
