using System.Globalization;
using SecOps.Registry;

namespace SecOps.Delivery.Attest;

/// <summary>Attaches the gate's verdict to an image in its registry, and checks it there.</summary>
public sealed class AttestationStore(RegistryClient registry, TimeProvider clock)
{
    private const int MaxBundle = 4 * 1024 * 1024;

    /// <summary>Anyone who may write to the repository may attach things; more than this is not read.</summary>
    private const int MaxCandidates = 100;

    /// <summary>Clocks differ a little.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    /// <summary>Signs the summary and attaches it to its first subject, unless the very same stands there with this key's signature.</summary>
    /// <param name="repository">Path in the registry, without host.</param>
    /// <returns>The digest of the referrer, and whether it is new.</returns>
    public async Task<(string Digest, bool Attached)> AttachAsync(
        string repository, OciManifest subject, VerificationSummary summary, IAttestationSigner signer, CancellationToken cancellation)
    {
        var statement = summary.ToJson();
        await foreach (var (digest, bundle) in BundlesAsync(repository, subject.Digest, cancellation))
        {
            if (bundle is not null && bundle.Payload.AsSpan().SequenceEqual(statement) && bundle.IsSignedBy(signer.PublicKey))
            {
                return (digest, false);
            }
        }

        var signed = await SigstoreBundle.SignAsync(statement, signer, cancellation);
        var annotations = new Dictionary<string, string>
        {
            ["dev.sigstore.bundle.content"] = "dsse-envelope",
            ["dev.sigstore.bundle.predicateType"] = VerificationSummary.PredicateType,
            ["org.opencontainers.image.created"] = clock.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        };
        return (await registry.AttachAsync(repository, subject.Descriptor, SigstoreBundle.MediaType, signed.ToJson(), annotations, cancellation), true);
    }

    /// <summary>
    /// Checks what is attached to the image: present, signed by one of the keys, about this digest, PASSED, under the policy,
    /// not too old. Of several good signatures the newest verdict counts, so that a later FAILED revokes an earlier PASSED.
    /// </summary>
    /// <param name="repository">Path in the registry, without host.</param>
    /// <param name="digest">Of the manifest; tags are resolved before, once.</param>
    /// <exception cref="SecOpsException">The registry failed (exit code 4); a check that fails is a result, no exception.</exception>
    public async Task<AttestationCheck> VerifyAsync(string repository, string digest, AttestationRequirement requirement, CancellationToken cancellation)
    {
        var any = false;
        var signed = false;
        AttestationCheck? best = null;
        await foreach (var (referrer, bundle) in BundlesAsync(repository, digest, cancellation))
        {
            any = true;
            var key = bundle is null ? null : requirement.Keys.FirstOrDefault(bundle.IsSignedBy);
            if (key is null || VerificationSummary.TryParse(bundle!.Payload) is not { } summary)
            {
                continue;
            }

            signed = true;
            if (summary.Subjects.Contains(digest) && (best is null || summary.VerifiedAt > best.Summary!.VerifiedAt))
            {
                best = new AttestationCheck(AttestationStatus.Good, "") { Summary = summary, Referrer = referrer, KeyId = key.Id };
            }
        }

        return best is not null ? Judge(best, requirement)
            : signed ? new AttestationCheck(AttestationStatus.OtherSubject, $"the attestation attached to {digest} is about another image. Push the image again.")
            : any ? new AttestationCheck(AttestationStatus.BadSignature, $"what is attached to {digest} is not signed with the given key, or was changed afterwards. Check the key, or push the image again.")
            : new AttestationCheck(AttestationStatus.Missing, $"no attestation is attached to {digest}. Run \"secops scan\" and \"secops push\" with an attestation key.");
    }

    private AttestationCheck Judge(AttestationCheck check, AttestationRequirement requirement)
    {
        var summary = check.Summary!;
        var age = clock.GetUtcNow() - summary.VerifiedAt;
        if (!summary.Passed)
        {
            return check with { Status = AttestationStatus.Failed, Message = "the gate did not pass for this image: its attestation says FAILED. Mend the findings, scan and push again." };
        }

        if (requirement.Policy is { } policy && policy != summary.Policy)
        {
            return check with { Status = AttestationStatus.OtherPolicy, Message = "the image was judged under another gate configuration than today's. Scan and push again." };
        }

        if (age < -Skew)
        {
            return check with { Status = AttestationStatus.Stale, Message = $"the attestation is dated in the future ({summary.VerifiedAt:yyyy-MM-dd HH:mm} UTC). Check the clocks." };
        }

        return requirement.MaxAge is { } limit && age > limit
            ? check with { Status = AttestationStatus.Stale, Message = $"the scan behind the attestation is {Days(age)} old, more than the {Days(limit)} allowed. Scan and push again." }
            : check with { Message = $"PASSED, scanned {Days(age < TimeSpan.Zero ? TimeSpan.Zero : age)} ago" };
    }

    /// <summary>A referrer without a readable bundle counts as one (null), so that a broken attestation is not called missing.</summary>
    private async IAsyncEnumerable<(string Referrer, SigstoreBundle? Bundle)> BundlesAsync(
        string repository, string digest, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var referrers = await registry.ReferrersAsync(repository, digest, SigstoreBundle.MediaType, cancellation);
        // The annotation only saves reading other tools' bundles; what counts is what is signed.
        foreach (var referrer in referrers
            .Where(r => r.Annotations.GetValueOrDefault("dev.sigstore.bundle.predicateType") is null or VerificationSummary.PredicateType)
            .Reverse().Take(MaxCandidates))
        {
            var manifest = await registry.FindManifestAsync(repository, referrer.Digest, cancellation);
            if (manifest?.Layers is not [{ } layer, ..] || manifest.Subject?.Digest != digest)
            {
                yield return (referrer.Digest, null);
                continue;
            }

            yield return (referrer.Digest, SigstoreBundle.TryParse(await registry.GetBlobAsync(repository, layer.Digest, MaxBundle, cancellation)));
        }
    }

    private static string Days(TimeSpan age) => age.TotalHours < 1 ? string.Create(CultureInfo.InvariantCulture, $"{age.TotalMinutes:0} min")
        : age.TotalDays < 2 ? string.Create(CultureInfo.InvariantCulture, $"{age.TotalHours:0} h")
        : string.Create(CultureInfo.InvariantCulture, $"{age.TotalDays:0} days");
}
