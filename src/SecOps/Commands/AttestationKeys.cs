using SecOps.Aws;
using SecOps.Configuration;
using SecOps.Delivery.Attest;

namespace SecOps.Commands;

/// <summary>The keys that <c>push.attest</c> names, to sign with and to verify with.</summary>
internal static class AttestationKeys
{
    public const string KeyVariable = "SECOPS_ATTEST_KEY";
    public const string PassphraseVariable = "SECOPS_ATTEST_PASSPHRASE";

    /// <returns>Null when no key is named.</returns>
    /// <exception cref="SecOpsException">A named key is absent or no private P-256 key (exit code 2), or KMS refuses (4).</exception>
    /// <param name="aws">For the region that the key names; null: as the AWS tools find it.</param>
    public static async Task<IAttestationSigner?> SignerAsync(Workspace workspace, AttestSection section, Func<string?, AwsClients> aws, CancellationToken cancellation)
    {
        if (section.Kms is { } kms)
        {
            return await KmsSigner.OpenAsync(aws(KmsSigner.RegionOf(kms)), kms, cancellation);
        }

        if (Import(workspace, section.Key ?? "env:" + KeyVariable, section, required: section.Key is not null) is not { } key)
        {
            return null;
        }

        return key.IsPrivate ? key : throw SecOpsException.Usage($"push.attest.key ({section.Key ?? KeyVariable}) is a public key; signing needs the private one.");
    }

    /// <summary>The public keys to verify with.</summary>
    /// <exception cref="SecOpsException">None is named (exit code 2).</exception>
    public static async Task<IReadOnlyList<AttestationKey>> PublicAsync(Workspace workspace, AttestSection section, string? file, Func<string?, AwsClients> aws, CancellationToken cancellation)
    {
        if ((file ?? section.PublicKey) is { } named)
        {
            return [Import(workspace, named, section, required: true)!];
        }

        return await SignerAsync(workspace, section, aws, cancellation) is { } signer
            ? [signer.PublicKey]
            : throw SecOpsException.Usage("no key to verify attestations with is known. Name one with --key FILE, or push.attest.publicKey in secops.yml.");
    }

    private static AttestationKey? Import(Workspace workspace, string source, AttestSection section, bool required)
    {
        string? text;
        if (source.StartsWith("env:", StringComparison.Ordinal))
        {
            text = workspace.Variable(source[4..]);
            if (string.IsNullOrEmpty(text))
            {
                return required ? throw SecOpsException.Usage($"the environment variable {source[4..]} is to hold the attestation key and is not set.") : null;
            }
        }
        else
        {
            text = ReadFile(workspace.FullPath(source));
        }

        workspace.Redactor.Add(text);
        var passphrase = workspace.Variable(section.PassphraseVariable ?? PassphraseVariable) is { Length: > 0 } set ? set : null;
        if (passphrase is not null)
        {
            workspace.Redactor.Add(passphrase);
        }

        return AttestationKey.Import(text, passphrase, source);
    }

    private static string ReadFile(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SecOpsException.Usage($"the attestation key {file} cannot be read: {e.Message}. Make one with \"secops push --generate-key FILE\".");
        }
    }
}
