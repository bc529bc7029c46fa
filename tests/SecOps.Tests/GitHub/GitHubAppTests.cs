using System.Security.Cryptography;
using System.Text;
using SecOps.Processes;
using SecOps.StandIns.GitHub;
using Shouldly;
using Xunit;

namespace SecOps.GitHub;

public sealed class GitHubAppTests : IDisposable
{
    private readonly RSA key = RSA.Create(2048);
    private readonly GitHubStandIn server = new("o/r", Environment.GetEnvironmentVariable("SECOPS_TEST_GITHUB"));

    public void Dispose()
    {
        server.Dispose();
        key.Dispose();
    }

    [Fact]
    public async Task The_key_is_traded_for_a_token_of_one_repository_that_is_masked_from_then_on()
    {
        server.App = ("12345", key);
        var redactor = new Redactor();
        var pem = key.ExportRSAPrivateKeyPem();
        foreach (var written in new[] { pem, key.ExportPkcs8PrivateKeyPem(), pem.Replace("\n", "\\n", StringComparison.Ordinal), Convert.ToBase64String(Encoding.UTF8.GetBytes(pem)) })
        {
            (await new GitHubApp("12345", written).TokenAsync(new Uri(server.Url), "o/r", redactor, TimeProvider.System, CancellationToken.None)).ShouldBe(GitHubStandIn.AppToken);
        }

        server.Received.ShouldContain("\"repositories\":[\"r\"]");
        server.Received.ShouldContain("\"permissions\":{\"contents\":\"write\",\"pull_requests\":\"write\"}");
        server.Violations.ShouldBeEmpty();
        using (new GitHubClient(new Uri(server.Url), GitHubStandIn.AppToken, redactor, TimeProvider.System))
        {
            redactor.Redact("x " + GitHubStandIn.AppToken).ShouldBe("x ***");
        }

        redactor.Redact(pem.Split('\n')[3]).ShouldBe("***");
        new GitHubApp("12345", pem).ToString().ShouldBe("GitHub App 12345");
    }

    [Fact]
    public async Task Another_key_is_refused_in_GitHubs_words()
    {
        using var other = RSA.Create(2048);
        server.App = ("12345", other);
        (await Should.ThrowAsync<GitHubException>(() => new GitHubApp("12345", key.ExportRSAPrivateKeyPem()).TokenAsync(new Uri(server.Url), "o/r", new Redactor(), TimeProvider.System, CancellationToken.None)))
            .Message.ShouldContain("installed there");
    }

    [Theory]
    [InlineData("not a key")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----")]
    [InlineData("")]
    public void A_key_that_cannot_be_read_is_told_without_being_shown(string text)
    {
        var error = Should.Throw<SecOpsException>(() => new GitHubApp("1", text).Sign(DateTimeOffset.UtcNow));
        error.Code.ShouldBe(ExitCode.Usage);
        error.Message.ShouldNotContain("abc");
    }
}
