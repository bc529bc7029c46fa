using SecOps.Delivery.Attest;
using SecOps.Findings;
using SecOps.Processes;
using SecOps.Registry;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Delivery;

/// <summary>Attestations in a real registry, checked by us and by cosign.</summary>
public sealed class AttestationStoreTests : IAsyncLifetime, IDisposable
{
    private static readonly DateTimeOffset Scanned = DateTimeOffset.UtcNow.AddHours(-1);
    private static readonly AttestationKey Key = AttestationKey.Generate();
    private readonly RegistryClient? registry = Environment.GetEnvironmentVariable("SECOPS_TEST_REGISTRY") is { Length: > 0 } ? TestRegistry.Open() : null;
    private readonly string repository = TestRegistry.NewRepository();
    private OciManifest image = null!;

    private AttestationStore Store => new(registry!, TimeProvider.System);

    public async Task InitializeAsync() => image = registry is null ? null! : await TestRegistry.PutImageAsync(registry, repository);

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => registry?.Dispose();

    [NeedsFact("SECOPS_TEST_REGISTRY")]
    public async Task What_push_attaches_deploy_accepts_and_the_same_is_not_attached_twice()
    {
        var (first, attached) = await AttachAsync(Summary());
        attached.ShouldBeTrue();

        (await AttachAsync(Summary())).ShouldBe((first, false));

        var check = await VerifyAsync();
        check.Status.ShouldBe(AttestationStatus.Good, check.Message);
        check.Referrer.ShouldBe(first);
        check.Summary!.Policy.ShouldBe(PolicyDigest.Of(new GatePolicy()));
    }

    [NeedsFact("SECOPS_TEST_REGISTRY")]
    public async Task Nothing_attached_is_missing() => (await VerifyAsync()).Status.ShouldBe(AttestationStatus.Missing);

    [NeedsFact("SECOPS_TEST_REGISTRY")]
    public async Task Another_key_is_a_bad_signature()
    {
        await AttachAsync(Summary(), AttestationKey.Generate());

        (await VerifyAsync()).Status.ShouldBe(AttestationStatus.BadSignature);
    }

    [NeedsFact("SECOPS_TEST_REGISTRY")]
    public async Task An_attestation_of_another_image_does_not_count()
    {
        await AttachAsync(Summary() with { Subjects = ["sha256:" + new string('0', 64)] });

        (await VerifyAsync()).Status.ShouldBe(AttestationStatus.OtherSubject);
    }

    [NeedsFact("SECOPS_TEST_REGISTRY")]
    public async Task A_later_FAILED_revokes_an_earlier_PASSED()
    {
        await AttachAsync(Summary() with { Passed = false, VerifiedAt = Scanned.AddMinutes(5) });
        await AttachAsync(Summary());

        (await VerifyAsync()).Status.ShouldBe(AttestationStatus.Failed);
    }

    [NeedsFact("SECOPS_TEST_REGISTRY")]
    public async Task Another_policy_an_old_scan_and_a_scan_of_tomorrow_are_refused()
    {
        await AttachAsync(Summary());

        (await VerifyAsync(r => r with { Policy = PolicyDigest.Of(new GatePolicy { NewOnly = true }) })).Status.ShouldBe(AttestationStatus.OtherPolicy);
        (await VerifyAsync(r => r with { MaxAge = TimeSpan.FromMinutes(50) })).Status.ShouldBe(AttestationStatus.Stale);
        await AttachAsync(Summary() with { VerifiedAt = DateTimeOffset.UtcNow.AddDays(1) });
        (await VerifyAsync()).Status.ShouldBe(AttestationStatus.Stale);
    }

    [NeedsFact("cosign", "SECOPS_TEST_REGISTRY")]
    public Task Cosign_2_accepts_the_attestation_and_refuses_it_after_one_byte_was_changed() =>
        CosignAgreesAsync("cosign", "--new-bundle-format", "--insecure-ignore-tlog");

    [NeedsFact("cosign3", "SECOPS_TEST_REGISTRY")]
    public Task Cosign_3_accepts_the_attestation_and_refuses_it_after_one_byte_was_changed() =>
        CosignAgreesAsync("cosign3", "--insecure-ignore-tlog");

    private async Task CosignAgreesAsync(string cosign, params string[] options)
    {
        using var folder = new TemporaryFolder();
        var key = folder.Write("key.pub", Key.PublicPem);
        var root = folder.Write("root.json", """{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1","tlogs":[],"certificateAuthorities":[],"ctlogs":[],"timestampAuthorities":[]}""");
        Task<ProcessResult> Cosign() => new ProcessRunner(new Redactor()).RunAsync(
            new ProcessCall(Parts.Executable(cosign),
            [
                "verify-attestation", "--key", key, "--trusted-root", root, "--allow-insecure-registry", "--type", VerificationSummary.PredicateType, .. options,
                $"{registry!.Registry}/{repository}@{image.Digest}",
            ])
            {
                Timeout = TimeSpan.FromMinutes(1),
                Environment = new Dictionary<string, string?> { ["HOME"] = folder.Path },
            },
            CancellationToken.None);
        // Changed where it hurts: the verdict, in an otherwise perfect bundle.
        var bundle = await SigstoreBundle.SignAsync((Summary() with { Passed = false }).ToJson(), Key, CancellationToken.None);
        var text = System.Text.Encoding.UTF8.GetString(bundle.Payload).Replace("\"FAILED\"", "\"PASSED\"", StringComparison.Ordinal);
        await AttachRawAsync(bundle with { Payload = System.Text.Encoding.UTF8.GetBytes(text) });

        var refused = await Cosign();
        refused.ExitCode.ShouldNotBe(0);
        (await VerifyAsync()).Status.ShouldBe(AttestationStatus.BadSignature);

        await AttachAsync(Summary());
        var accepted = await Cosign();
        accepted.ExitCode.ShouldBe(0, accepted.Error);
    }

    private Task<string> AttachRawAsync(SigstoreBundle bundle) => registry!.AttachAsync(
        repository, image.Descriptor, SigstoreBundle.MediaType, bundle.ToJson(),
        new Dictionary<string, string> { ["dev.sigstore.bundle.content"] = "dsse-envelope", ["dev.sigstore.bundle.predicateType"] = VerificationSummary.PredicateType },
        CancellationToken.None);

    private VerificationSummary Summary() => new()
    {
        Repository = $"{registry!.Registry}/{repository}",
        Subjects = [image.Digest],
        Passed = true,
        VerifiedAt = Scanned,
        Policy = PolicyDigest.Of(new GatePolicy()),
    };

    private Task<(string Digest, bool Attached)> AttachAsync(VerificationSummary summary, AttestationKey? key = null) =>
        Store.AttachAsync(repository, image, summary, key ?? Key, CancellationToken.None);

    private Task<AttestationCheck> VerifyAsync(Func<AttestationRequirement, AttestationRequirement>? change = null) =>
        Store.VerifyAsync(repository, image.Digest, (change ?? (r => r))(new AttestationRequirement { Keys = [Key], Policy = PolicyDigest.Of(new GatePolicy()), MaxAge = TimeSpan.FromDays(1) }), CancellationToken.None);
}
