using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using SecOps.Delivery.Attest;
using SecOps.Registry;

namespace SecOps.Commands;

/// <summary><c>secops push --verify REF</c>: what is attached to an image, checked; reads only.</summary>
internal sealed class VerifyOperation(Workspace workspace, PushOptions options, PushRemotes remotes)
{
    private readonly List<(string Id, bool Ok, string Message)> checks = [];

    public async Task<int> RunAsync(string text, CancellationToken cancellation)
    {
        if (workspace.Options.Offline)
        {
            throw SecOpsException.Usage("--verify talks to a registry; it cannot be done with --offline.");
        }

        var image = ImageReference.Parse(text);
        image = image.Tag is null && image.Digest is null ? image with { Tag = "latest" } : image;
        var keys = await AttestationKeys.PublicAsync(workspace, remotes.Section.Attest, options.Key, remotes.Aws, cancellation);
        var ecr = remotes.Ecr(image);
        var login = remotes.Login(image, ecr);
        using var registry = remotes.Registry(image, login);
        var manifest = await registry.FindManifestAsync(image.Repository, image.Digest ?? image.Tag!, cancellation);
        AttestationCheck? attestation = null;
        if (manifest is null)
        {
            checks.Add(("digest", false, $"{image} is not in the registry. Push it first."));
        }
        else
        {
            await VerifyDigestAsync(image, manifest, registry, cancellation);
            await VerifySignaturesAsync(image, manifest.Digest, await login.FindAsync(image.Registry, renew: false, cancellation), cancellation);
            var requirement = new AttestationRequirement { Keys = keys, Policy = PolicyDigest.Of(remotes.Configuration.Gate), MaxAge = options.MaxAge ?? remotes.Section.Attest.MaxAge };
            attestation = await new AttestationStore(registry, workspace.Clock).VerifyAsync(image.Repository, manifest.Digest, requirement, cancellation);
            checks.Add(("attestation", attestation.IsGood, attestation.Message));
        }

        Tell(image, manifest?.Digest, attestation);
        return checks.TrueForAll(c => c.Ok) ? ExitCode.Clean : ExitCode.Incomplete;
    }

    private async Task VerifyDigestAsync(ImageReference image, OciManifest manifest, RegistryClient registry, CancellationToken cancellation)
    {
        if (image is { Tag: { } tag, Digest: { } digest } && await registry.FindManifestAsync(image.Repository, tag, cancellation) is var current && current?.Digest != digest)
        {
            checks.Add(("digest", false, $"the tag {tag} is {current?.Digest ?? "absent"} now, not {digest}."));
            return;
        }

        checks.Add(("digest", true, manifest.Digest));
    }

    private async Task VerifySignaturesAsync(ImageReference image, string digest, RegistryCredential? credential, CancellationToken cancellation)
    {
        foreach (var how in options.Sign ?? remotes.Section.Sign)
        {
            if (how == "cosign")
            {
                var words = await remotes.Cosign(credential).VerifyAsync(image, digest, cancellation);
                checks.Add(("cosign", words is null, words ?? "signed"));
            }
            else if (image.Tag is null)
            {
                checks.Add(("dct", false, "Docker Content Trust signs tags: name one, as in REPOSITORY:TAG@DIGEST."));
            }
            else
            {
                var signed = await remotes.ContentTrust(credential).FindAsync(image with { Digest = null }, cancellation);
                checks.Add(("dct", signed?.Digest == digest, signed is null ? "no signature for this tag."
                    : signed.Value.Digest == digest ? $"signed by {string.Join(", ", signed.Value.Signers.Select(Terminal.Clean))}" : $"another digest is signed: {signed.Value.Digest}."));
            }
        }
    }

    private void Tell(ImageReference image, string? digest, AttestationCheck? attestation)
    {
        var terminal = workspace.Terminal;
        foreach (var (id, ok, message) in checks)
        {
            terminal.Say($"{(ok ? terminal.Paint("ok    ", "32") : terminal.Paint("failed", "31"))} {id}: {message}");
        }

        if (!terminal.Json)
        {
            return;
        }

        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("reference", image.Familiar);
            json.WriteString("digest", digest);
            json.WriteBoolean("verified", checks.TrueForAll(c => c.Ok));
            json.WriteStartArray("checks");
            foreach (var (id, ok, message) in checks)
            {
                json.WriteStartObject();
                json.WriteString("id", id);
                json.WriteString("status", ok ? "ok" : "failed");
                json.WriteString("message", message);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            if (attestation is not null)
            {
                json.WriteStartObject("attestation");
                json.WriteString("status", JsonNamingPolicy.CamelCase.ConvertName(attestation.Status.ToString()));
                if (attestation.Summary is { } summary)
                {
                    json.WriteString("verdict", summary.Passed ? "PASSED" : "FAILED");
                    json.WriteString("scannedAt", summary.VerifiedAt.ToString("O", CultureInfo.InvariantCulture));
                    json.WriteString("policy", summary.Policy);
                    json.WriteString("digest", attestation.Referrer);
                    json.WriteString("key", attestation.KeyId);
                }

                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        terminal.Result(Encoding.UTF8.GetString(bytes.ToArray()) + "\n");
    }
}
