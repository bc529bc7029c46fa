using FsCheck;
using FsCheck.Fluent;
using SecOps.Delivery.Attest;
using SecOps.Findings;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Delivery;

public sealed class AttestationTests
{
    private static readonly VerificationSummary Summary = new()
    {
        Repository = "registry.example.com/team/app",
        Subjects = ["sha256:" + new string('a', 64), "sha256:" + new string('b', 64)],
        Passed = true,
        VerifiedAt = new DateTimeOffset(2026, 11, 1, 10, 0, 0, TimeSpan.Zero),
        Policy = PolicyDigest.Of(new GatePolicy()),
        Inputs = [KeyValuePair.Create("findings.json", "sha256:" + new string('c', 64))],
        VerifierVersion = "1.0.0",
    };

    [Fact]
    public void A_statement_is_read_as_it_was_written()
    {
        var read = VerificationSummary.TryParse(Summary.ToJson()).ShouldNotBeNull();

        read.Subjects.ShouldBe(Summary.Subjects);
        read.Inputs.ShouldBe(Summary.Inputs);
        (read with { Subjects = Summary.Subjects, Inputs = Summary.Inputs }).ShouldBe(Summary);
    }

    [Fact]
    public void Only_the_word_PASSED_passes()
    {
        var text = System.Text.Encoding.UTF8.GetString(Summary.ToJson());
        foreach (var word in (string[])["FAILED", "passed", "PASSED ", ""])
        {
            VerificationSummary.TryParse(System.Text.Encoding.UTF8.GetBytes(text.Replace("\"PASSED\"", $"\"{word}\"", StringComparison.Ordinal)))!.Passed.ShouldBeFalse();
        }
    }

    [Fact]
    public async Task No_byte_of_a_statement_can_change_under_its_signature()
    {
        var key = AttestationKey.Generate();
        var bundle = await SigstoreBundle.SignAsync(Summary.ToJson(), key, CancellationToken.None);
        bundle.IsSignedBy(key).ShouldBeTrue();
        bundle.IsSignedBy(AttestationKey.Generate()).ShouldBeFalse();

        Prop.ForAll(ArbMap.Default.ArbFor<(ushort, byte)>(), change =>
        {
            var payload = bundle.Payload.ToArray();
            payload[change.Item1 % payload.Length] ^= (byte)(change.Item2 == 0 ? 1 : change.Item2);
            return !(bundle with { Payload = payload }).IsSignedBy(key);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public async Task A_bundle_is_read_as_it_was_written_and_nonsense_is_none()
    {
        var key = AttestationKey.Generate();
        var bundle = await SigstoreBundle.SignAsync(Summary.ToJson(), key, CancellationToken.None);

        var read = SigstoreBundle.TryParse(bundle.ToJson()).ShouldNotBeNull();

        read.IsSignedBy(key).ShouldBeTrue();
        read.KeyId.ShouldBe(key.Id);
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes => SigstoreBundle.TryParse(bytes) is null && VerificationSummary.TryParse(bytes) is null).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("a passphrase")]
    public void A_key_file_is_for_its_owner_alone_and_is_never_overwritten(string? passphrase)
    {
        using var folder = new TemporaryFolder();
        var file = folder["gate.key"];
        var key = AttestationKey.Generate();
        key.Write(file, passphrase);

        AttestationKey.Import(File.ReadAllText(file), passphrase, file).ShouldSatisfyAllConditions(k => k.IsPrivate.ShouldBeTrue(), k => k.Id.ShouldBe(key.Id));
        AttestationKey.Import(File.ReadAllText(file + ".pub"), null, file).ShouldSatisfyAllConditions(k => k.IsPrivate.ShouldBeFalse(), k => k.Id.ShouldBe(key.Id));
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        Should.Throw<SecOpsException>(() => key.Write(file, passphrase)).Message.ShouldContain("never overwritten");
    }

    [Fact]
    public void What_is_no_key_is_refused_without_quoting_it()
    {
        using var p384 = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP384);
        var encrypted = p384.ExportEncryptedPkcs8PrivateKeyPem("x", new(System.Security.Cryptography.PbeEncryptionAlgorithm.Aes256Cbc, System.Security.Cryptography.HashAlgorithmName.SHA256, 1));
        foreach (var text in new[] { "c2VjcmV0IHRleHQ=", "secret text", "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----", p384.ExportPkcs8PrivateKeyPem(), encrypted })
        {
            var error = Should.Throw<SecOpsException>(() => AttestationKey.Import(text, null, "KEY"));
            error.Code.ShouldBe(ExitCode.Usage);
            error.ToString().ShouldNotContain("secret text");
            error.ToString().ShouldNotContain("c2VjcmV0");
        }
    }

    [Fact]
    public void The_policys_digest_follows_its_meaning_not_its_spelling()
    {
        var policy = new GatePolicy { Require = ["trivy", "bandit"] };
        PolicyDigest.Of(policy).ShouldBe(PolicyDigest.Of(policy with { Require = ["bandit", "trivy", "trivy"], FailOn = Severity.High }));
        var others = new[]
        {
            policy with { FailOn = Severity.Critical }, policy with { NewOnly = true }, policy with { QualityGate = true }, policy with { Require = ["bandit"] },
            policy with { MaxDatabaseAge = TimeSpan.FromDays(7) }, policy with { Categories = new Dictionary<Category, Severity> { [Category.Secret] = Severity.Low } },
        };
        others.Append(policy).Select(PolicyDigest.Of).Distinct().Count().ShouldBe(others.Length + 1);
    }
}
