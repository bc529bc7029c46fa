using System.Text;
using SecOps.Findings;
using SecOps.Processes;
using Shouldly;
using Xunit;

namespace SecOps.Scanners;

public class SecretScrubberTests
{
    /// <summary>What is told of a fix is made of the package, so a secret in it would come out there too.</summary>
    [Fact]
    public void A_secret_in_a_package_comes_into_no_document()
    {
        const string Secret = "s3cr3t-of-this-process";
        var redactor = new Redactor();
        redactor.Add(Secret);
        var finding = new Finding
        {
            Id = "f1-0",
            Category = Category.Dependency,
            Severity = Severity.High,
            Title = "t",
            Rule = new Rule("CVE-2024-1"),
            Location = new Location { Package = new Package($"pkg:generic/x?download_url=https%3A%2F%2F{Secret}@h", $"x-{Secret}", Secret, $"2-{Secret}", "m") },
            Scanners = [new Detection("trivy", "CVE-2024-1", "HIGH")],
        };
        var scrubbed = SecretScrubber.Scrub(finding, redactor);
        using var stream = new MemoryStream();
        FindingsWriter.Write(stream, new FindingsDocument { Run = new RunInfo { Id = "r", StartedAt = default, FinishedAt = default, SecopsVersion = "1" }, Coverage = [], Findings = [scrubbed] });
        Encoding.UTF8.GetString(stream.ToArray()).ShouldNotContain(Secret);
        scrubbed.Fix!.Description.ShouldBe("Update x-*** to 2-***.");
    }
}
