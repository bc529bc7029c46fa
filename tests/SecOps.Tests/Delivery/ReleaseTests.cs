using System.Security.Cryptography;
using SecOps.Delivery.Attest;
using SecOps.Delivery.Build;
using SecOps.Processes;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Delivery;

/// <summary>Versions, labels, and the way back into the repository.</summary>
public sealed class ReleaseTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("1.2.3", "major", "2.0.0")]
    [InlineData("1.2.3", "minor", "1.3.0")]
    [InlineData("1.2.3", "patch", "1.2.4")]
    [InlineData("1.3.0-rc.1", "patch", "1.3.0")]
    [InlineData("1.3.0-rc.1", "minor", "1.4.0")]
    [InlineData("0.9.9+build", "patch", "0.9.10")]
    public void A_version_is_raised(string before, string part, string after) => ProjectVersion.Parse(before)!.Bump(part).ToString().ShouldBe(after);

    [Theory]
    [InlineData("1.2")]
    [InlineData("v1.2.3")]
    [InlineData("01.2.3")]
    [InlineData("1.2.3\n4")]
    [InlineData("")]
    public void What_is_no_version_is_refused_with_one_to_write(string text) =>
        Should.Throw<SecOpsException>(() => ProjectVersion.Read(folder.Write("VERSION", text))).ShouldSatisfyAllConditions(e => e.Code.ShouldBe(ExitCode.Usage), e => e.Message.ShouldContain("1.4.0"));

    [Theory]
    [InlineData("https://user:token@github.com/team/app.git", "https://github.com/team/app")]
    [InlineData("git@github.com:team/app.git", "https://github.com/team/app")]
    [InlineData("ssh://git@example.com:2222/team/app", "https://example.com/team/app")]
    [InlineData("https://example.com:8443/team/app", "https://example.com:8443/team/app")]
    [InlineData("/srv/git/app.git", null)]
    [InlineData("", null)]
    public void A_remotes_address_becomes_one_for_others_without_its_password(string remote, string? expected) => SourceFacts.Public(remote).ShouldBe(expected);

    [NeedsFact("git")]
    public async Task The_version_goes_back_as_commit_and_tag_together()
    {
        var processes = new ProcessRunner(new Redactor());
        var work = folder["work"];
        await GitAsync(folder.Path, "init", "-q", "--bare", "-b", "main", "remote.git");
        await GitAsync(folder.Path, "clone", "-q", "remote.git", "work");
        await GitAsync(work, "config", "user.email", "a@example.com");
        await GitAsync(work, "config", "user.name", "A");
        await GitAsync(work, "checkout", "-q", "-b", "main");
        File.WriteAllText(Path.Combine(work, "VERSION"), "1.0.0\n");
        await GitAsync(work, "add", ".");
        await GitAsync(work, "commit", "-q", "-m", "one");
        var release = new ReleaseCommit(processes, work);
        await release.RequireCleanAsync(CancellationToken.None);
        File.WriteAllText(Path.Combine(work, "VERSION"), "1.0.1\n");
        (await Should.ThrowAsync<SecOpsException>(() => release.RequireCleanAsync(CancellationToken.None))).Message.ShouldContain("VERSION");

        var commit = await release.CommitAsync(Path.Combine(work, "VERSION"), "1.0.1", CancellationToken.None);
        await release.TagAsync("1.0.1", CancellationToken.None);
        await release.PushAsync("v1.0.1", CancellationToken.None);

        (await GitAsync(folder["remote.git"], "rev-parse", "main", "v1.0.1^{commit}")).ShouldBe([commit, commit]);

        // Somebody else was faster: neither branch nor tag goes, and the reason is told without git's advice.
        await GitAsync(folder.Path, "clone", "-q", "remote.git", "other");
        await GitAsync(folder["other"], "-c", "user.email=b@example.com", "-c", "user.name=B", "commit", "-q", "--allow-empty", "-m", "theirs");
        await GitAsync(folder["other"], "push", "-q");
        File.WriteAllText(Path.Combine(work, "VERSION"), "1.0.2\n");
        await release.CommitAsync(Path.Combine(work, "VERSION"), "1.0.2", CancellationToken.None);
        await release.TagAsync("1.0.2", CancellationToken.None);
        (await Should.ThrowAsync<SecOpsException>(() => release.PushAsync("v1.0.2", CancellationToken.None))).ShouldSatisfyAllConditions(
            e => e.Code.ShouldBe(ExitCode.ToolFailed), e => e.Message.ShouldContain("! [rejected]"), e => e.Message.ShouldContain("the commit and the tag stay in this repository"));
        (await GitAsync(folder["remote.git"], "tag")).ShouldBe(["v1.0.1"]);

        // A hook that refuses leaves the index as it was.
        File.SetUnixFileMode(folder.Write("work/.git/hooks/pre-commit", "#!/bin/sh\necho no >&2; exit 1\n"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        File.WriteAllText(Path.Combine(work, "VERSION"), "1.0.3\n");
        await Should.ThrowAsync<SecOpsException>(() => release.CommitAsync(Path.Combine(work, "VERSION"), "1.0.3", CancellationToken.None));
        (await GitAsync(work, "diff", "--cached", "--name-only")).ShouldBeEmpty();
    }

    [Fact]
    public void A_signers_key_gets_its_id_back()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pem = key.ExportEncryptedPkcs8PrivateKeyPem("passphrase", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 10));
        var kept = pem.Replace("KEY-----\n", "KEY-----\nrole: alice\n\n", StringComparison.Ordinal);

        var mended = ContentTrustKey.WithId(kept, "passphrase", "alice");

        mended.ShouldContain($"path: {ContentTrustKey.Id(key)}\nrole: alice\n\n");
        ContentTrustKey.WithId(mended, null, "alice").ShouldBe(mended);
        Should.Throw<SecOpsException>(() => ContentTrustKey.WithId(kept, "another", "alice")).Code.ShouldBe(ExitCode.Usage);
    }

    [Fact]
    public void A_failed_build_shows_its_step_and_not_the_rest()
    {
        var lines = Enumerable.Range(0, 500).Select(i => $"#5 0.{i} line {i}").Prepend("#5 [2/3] RUN make all").Append("#5 0.900 cc: no such file")
            .Append("#5 ERROR: process \"/bin/sh -c make all\" did not complete successfully: exit code: 2").Append("------").Append("ERROR: failed to solve: exit code: 2").ToList();

        var text = BuildFailure.Explain(lines);

        text.Split('\n').Length.ShouldBeLessThan(16);
        text.ShouldStartWith("the build failed at [2/3] RUN make all\n");
        text.ShouldContain("  cc: no such file\n");
        text.ShouldEndWith("ERROR: failed to solve: exit code: 2");
        text.ShouldNotContain("line 400");
    }

    [Fact]
    public void A_failed_plain_build_shows_its_step_too() =>
        BuildFailure.Explain(["Step 1/2 : FROM base", " ---> abc", "Step 2/2 : RUN ls /none", " ---> Running in def", "ls: /none: No such file", "The command '/bin/sh -c ls /none' returned a non-zero code: 2"])
            .ShouldBe("the build failed at Step 2/2 : RUN ls /none\n  ls: /none: No such file\nThe command '/bin/sh -c ls /none' returned a non-zero code: 2");

    private static async Task<string[]> GitAsync(string at, params string[] arguments)
    {
        var result = await new ProcessRunner(new Redactor()).RunAsync(new ProcessCall(Parts.Executable("git"), arguments) { WorkingDirectory = at }, CancellationToken.None);
        result.ExitCode.ShouldBe(0, result.Error);
        return result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
