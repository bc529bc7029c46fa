using SecOps.Delivery.Attest;
using SecOps.Delivery.Build;
using SecOps.Delivery.Push;
using SecOps.Findings;
using SecOps.Registry;
using ImageReference = SecOps.Registry.ImageReference;

namespace SecOps.Commands;

/// <summary>Judges, looks, pushes, signs, attests, moves tags; in this order, so that a tag never moves to what is not signed yet.</summary>
internal sealed class PushOperation(Workspace workspace, PushOptions options, PushRemotes remotes)
{
    public static int GenerateKey(Workspace workspace, string file)
    {
        var passphrase = workspace.Variable(AttestationKeys.PassphraseVariable) is { Length: > 0 } set ? set : null;
        AttestationKey.Generate().Write(workspace.FullPath(file), passphrase);
        workspace.Terminal.Say($"{file}: the private key{(passphrase is null ? ", not encrypted (set SECOPS_ATTEST_PASSPHRASE for that)" : ", encrypted")}. Keep it secret: {AttestationKeys.KeyVariable}, or push.attest.key.");
        workspace.Terminal.Say($"{file}.pub: the public key, for \"secops push --verify\", \"secops deploy\" and \"cosign verify-attestation\".");
        return ExitCode.Clean;
    }

    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        if (workspace.Options.Offline)
        {
            throw SecOpsException.Usage("push talks to a registry; it cannot be done with --offline.");
        }

        var record = ImageRecord.Read(workspace.Folder);
        var target = Target(record);
        var evidence = GateEvidence.Read(workspace.Folder, remotes.Configuration.Gate, workspace.Clock.GetUtcNow());
        Judge(evidence);
        var signer = evidence is null ? null : await AttestationKeys.SignerAsync(workspace, remotes.Attest, remotes.Aws, cancellation);

        var at = target.Destination;
        var ecr = remotes.Ecr(at);
        var login = remotes.Login(at, ecr);
        using var registry = remotes.Registry(at, login);
        var push = new ImagePush(remotes.Docker, registry, login, ecr);
        var plan = await push.PlanAsync(target, cancellation);
        RequireBuilt(record, plan);
        evidence = JudgeImage(evidence, target, record, plan);
        if (options.DryRun)
        {
            return DryRun(target, plan, evidence, signer);
        }

        workspace.Log.Information("push of {Source} to {Destination}", target.Source, at);
        var progress = new PushProgress(workspace.Terminal);
        PushedImage pushed;
        try
        {
            pushed = await push.RunAsync(target, plan, progress.Report, cancellation);
        }
        finally
        {
            progress.End();
        }

        workspace.Terminal.Say(pushed.Pushed ? $"{at}: pushed" : $"{at}: unchanged, nothing uploaded");
        var result = new PushResult(at, pushed.Manifest.Digest, pushed.Pushed)
        {
            Signatures = await SignAsync(at, pushed, await login.FindAsync(at.Registry, renew: false, cancellation), cancellation),
            Attestation = await AttestAsync(at, registry, pushed.Manifest, evidence, signer, cancellation),
        };
        foreach (var tag in pushed.MovedTags)
        {
            await push.TagAsync(target, pushed.Manifest, tag, cancellation);
            workspace.Terminal.Say($"{at.Name}:{tag}: set");
        }

        var image = record is not null && record.ImageId == plan.Image.Id ? record : new ImageRecord { Reference = target.Source, Repository = at.Name, ImageId = plan.Image.Id, Platform = plan.Image.Platform };
        // Said first: a full disk must not hide that the image is there.
        result.Tell(workspace.Terminal);
        (image with { Repository = at.Name, Digest = result.Digest, Tags = [at.Tag!, .. target.FurtherTags] }).Write(workspace.Folder);
        return ExitCode.Clean;
    }

    private PushTarget Target(ImageRecord? record)
    {
        var source = options.Image ?? record?.Reference
            ?? throw SecOpsException.Usage("name the image to push, e.g. \"secops push registry.example.com/team/app:1.2.0\", or build one first.");
        var named = ImageReference.Parse(source);
        if (named.Digest is not null)
        {
            throw SecOpsException.Usage($"{source}: an image is pushed under a tag; leave the digest out.");
        }

        var tag = named.Tag ?? (record?.Reference == source ? record.Version : null) ?? "latest";
        var repository = remotes.Section.Repository is { } configured ? ImageReference.Parse(configured) : named;
        var destination = repository with { Tag = tag, Digest = null };
        var tags = options.Tags.Concat(remotes.Section.Tags).Where(t => t != tag && t != "latest").Distinct(StringComparer.Ordinal)
            .Concat(tag != "latest" && (options.Latest || remotes.Section.Latest || options.Tags.Contains("latest") || remotes.Section.Tags.Contains("latest")) ? ["latest"] : []).ToList();
        foreach (var further in tags)
        {
            ImageReference.Parse($"{destination.Name}:{further}");
        }

        return new PushTarget((named with { Tag = tag }).Familiar, destination, tags)
        {
            CreateRepository = options.CreateRepository || remotes.Section.CreateRepository,
            ImmutableTags = remotes.Section.ImmutableTags,
        };
    }

    private void Judge(GateEvidence? evidence)
    {
        if (evidence is null)
        {
            if (remotes.Section.RequireGate)
            {
                throw SecOpsException.Incomplete($"no scan has judged this image (no {workspace.FindingsFile}), and push.requireGate is set. Run \"secops scan\" first.");
            }

            workspace.Terminal.Progress("push: no scan has judged this image; nothing is attested. Run \"secops scan\" first to attach a verdict.");
        }
        else if (evidence.Verdict != Verdict.Passed)
        {
            var failed = evidence.Verdict == Verdict.Failed;
            var why = evidence.Because.Count == 0 ? "" : $" ({string.Join("; ", evidence.Because)})";
            if (!options.AllowFailedGate)
            {
                throw new SecOpsException(failed ? ExitCode.GateFailed : ExitCode.Incomplete, $"the gate {(failed ? "failed" : "is incomplete")}{why}; the image is not pushed. See \"secops report\", or push with --allow-failed-gate: the attestation then says FAILED.");
            }

            workspace.Terminal.Progress($"push: the gate {(failed ? "failed" : "is incomplete")}{why}; pushed all the same, and attested as FAILED.");
        }
    }

    /// <summary>Unless a person names the image, it is the one that was built and tested here; a tag may have moved since.</summary>
    private void RequireBuilt(ImageRecord? record, PushPlan plan)
    {
        if (options.Image is null && record?.ImageId is { } built && built != plan.Image.Id)
        {
            throw SecOpsException.Incomplete($"{record.Reference} is {plan.Image.Id} in the Docker Engine now, not {built}, which secops build built and tested. Build again, or name the image to push it as it is: \"secops push {record.Reference}\".");
        }
    }

    /// <returns>The evidence; when it is about something else and is pushed all the same, without its PASSED.</returns>
    private GateEvidence? JudgeImage(GateEvidence? evidence, PushTarget target, ImageRecord? record, PushPlan plan)
    {
        var release = record?.ImageId == plan.Image.Id ? record.ReleaseRevision : null;
        if (evidence?.WhyNotAbout(plan.Image, [target.Source, target.Destination.Familiar], release) is not { } why)
        {
            return evidence;
        }

        if (!options.AllowFailedGate)
        {
            throw SecOpsException.Incomplete($"{why}: the verdict is not about this image. Scan again, or remove {workspace.FindingsFile} to push without a verdict.");
        }

        workspace.Terminal.Progress($"push: {why}; pushed all the same, and attested as FAILED.");
        return evidence with { Verdict = Verdict.Incomplete };
    }

    private async Task<IReadOnlyList<string>> SignAsync(ImageReference at, PushedImage pushed, RegistryCredential? credential, CancellationToken cancellation)
    {
        var signed = new List<string>();
        foreach (var how in options.Sign ?? remotes.Section.Sign)
        {
            if (how == "cosign")
            {
                var cosign = remotes.Cosign(credential);
                // Each signing adds one more signature, so an image that has a good one is left alone.
                if (pushed.Pushed || await cosign.VerifyAsync(at, pushed.Manifest.Digest, cancellation) is not null)
                {
                    await cosign.SignAsync(at, pushed.Manifest.Digest, cancellation);
                }
            }
            else
            {
                await remotes.ContentTrust(credential).SignAsync(at, pushed.Manifest.Digest, cancellation);
            }

            signed.Add(how);
            workspace.Terminal.Say($"{at}: signed with {(how == "dct" ? "Docker Content Trust" : how)}");
        }

        return signed;
    }

    private async Task<PushedAttestation?> AttestAsync(
        ImageReference at, RegistryClient registry, OciManifest manifest, GateEvidence? evidence, IAttestationSigner? signer, CancellationToken cancellation)
    {
        if (evidence is null)
        {
            return null;
        }

        if (signer is null)
        {
            workspace.Terminal.Progress("push: no key, so the gate's verdict is not attached. Make one with \"secops push --generate-key FILE\" and name it in push.attest.key.");
            return null;
        }

        var summary = new VerificationSummary
        {
            Repository = at.Name,
            Subjects = [manifest.Digest, .. manifest.Manifests.Where(m => !m.IsAttestationManifest).Select(m => m.Digest)],
            Passed = evidence.Verdict == Verdict.Passed,
            VerifiedAt = evidence.ScannedAt,
            Policy = PolicyDigest.Of(remotes.Configuration.Gate),
            Inputs = evidence.Inputs,
            VerifierVersion = Product.Version,
        };
        var (referrer, attached) = await new AttestationStore(registry, workspace.Clock).AttachAsync(at.Repository, manifest, summary, signer, cancellation);
        workspace.Terminal.Say($"{at}: verdict {(summary.Passed ? "PASSED" : "FAILED")} {(attached ? "attached" : "is attached already")}");
        return new PushedAttestation(summary.Passed, referrer, attached, summary.Policy, signer.PublicKey.Id);
    }

    private int DryRun(PushTarget target, PushPlan plan, GateEvidence? evidence, IAttestationSigner? signer)
    {
        var at = target.Destination;
        workspace.Terminal.Say(plan.Present is null ? $"would push {target.Source} ({plan.Image.Size / 1_000_000} MB, {plan.Image.Platform}) to {at}" : $"{at} is there already ({plan.Present.Digest}); nothing would be uploaded");
        if (plan.RepositoryMissing)
        {
            workspace.Terminal.Say($"would create the ECR repository {at.Repository}");
        }

        foreach (var how in options.Sign ?? remotes.Section.Sign)
        {
            workspace.Terminal.Say($"would sign with {how}");
        }

        workspace.Terminal.Say(evidence is null ? "would attest nothing: there is no verdict" : signer is null ? "would attest nothing: there is no key" : $"would attest {(evidence.Verdict == Verdict.Passed ? "PASSED" : "FAILED")}");
        foreach (var tag in plan.TagsToSet)
        {
            workspace.Terminal.Say($"would set the tag {tag}");
        }

        if (workspace.Options.Json)
        {
            new PushResult(at, plan.Present?.Digest, false) { DryRun = true }.Tell(workspace.Terminal);
        }

        return ExitCode.Clean;
    }
}
