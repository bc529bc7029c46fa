using System.Security.Cryptography;
using System.Text;

namespace SecOps.Delivery.Attest;

/// <summary>Signs attestations: a key in memory, or one that never leaves a key service.</summary>
public interface IAttestationSigner
{
    /// <summary>The public half, to verify with.</summary>
    AttestationKey PublicKey { get; }

    /// <summary>ECDSA over P-256 and SHA-256 of the message.</summary>
    /// <returns>The signature, DER-encoded (RFC 3279), as KMS answers and as cosign reads it.</returns>
    /// <exception cref="SecOpsException">The key service failed or refused (exit code 4).</exception>
    Task<byte[]> SignAsync(byte[] message, CancellationToken cancellation);
}

/// <summary>An ECDSA key on P-256: a public one verifies, one with its private half signs too.</summary>
public sealed class AttestationKey : IAttestationSigner
{
    private readonly ECDsa key;

    private AttestationKey(ECDsa key, bool isPrivate)
    {
        (this.key, IsPrivate) = (key, isPrivate);
        Id = Convert.ToBase64String(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));
    }

    public bool IsPrivate { get; }

    /// <summary>Base64 of the SHA-256 of the public key (DER): the hint that a Sigstore bundle carries.</summary>
    public string Id { get; }

    /// <summary>The public half as PEM, which <c>cosign verify-attestation --key</c> reads.</summary>
    public string PublicPem => key.ExportSubjectPublicKeyInfoPem() + "\n";

    AttestationKey IAttestationSigner.PublicKey => this;

    /// <summary>A new key pair.</summary>
    public static AttestationKey Generate() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256), isPrivate: true);

    /// <param name="pem">A private key (PKCS#8, SEC1, or encrypted PKCS#8) or a public one, as PEM or as base64 of PEM.</param>
    /// <param name="passphrase">For an encrypted one.</param>
    /// <param name="name">Names the key in errors, e.g. the file or the variable; never its content.</param>
    /// <exception cref="SecOpsException">Not such a key (exit code 2).</exception>
    public static AttestationKey Import(string pem, string? passphrase, string name)
    {
        var text = pem.Contains("-----BEGIN", StringComparison.Ordinal) ? pem : FromBase64(pem);
        var ecdsa = ECDsa.Create();
        try
        {
            if (text.Contains("ENCRYPTED PRIVATE KEY", StringComparison.Ordinal))
            {
                if (passphrase is null)
                {
                    throw SecOpsException.Usage($"the key {name} is encrypted: set SECOPS_ATTEST_PASSPHRASE.");
                }

                ecdsa.ImportFromEncryptedPem(text, passphrase);
            }
            else
            {
                ecdsa.ImportFromPem(text);
            }

            if (ecdsa.KeySize != 256 || ecdsa.ExportParameters(false).Curve.Oid.Value != ECCurve.NamedCurves.nistP256.Oid.Value)
            {
                throw SecOpsException.Usage($"the key {name} is not on the curve P-256. Make one with \"secops push --generate-key FILE\".");
            }

            return new AttestationKey(ecdsa, text.Contains("PRIVATE KEY", StringComparison.Ordinal));
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            ecdsa.Dispose();
            // The cause's message may quote what it read, so it stays out.
            throw SecOpsException.Usage($"{name} holds no P-256 key in PEM form that can be read{(passphrase is null ? "" : " with the passphrase")}. Make one with \"secops push --generate-key FILE\".");
        }
    }

    public Task<byte[]> SignAsync(byte[] message, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return Task.FromResult(key.SignData(message, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
    }

    public bool Verify(byte[] message, byte[] signature)
    {
        try
        {
            return key.VerifyData(message, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>Writes the private key, for its owner alone to read, and beside it the public one as <c>FILE.pub</c>.</summary>
    /// <param name="passphrase">Encrypts the private key; null leaves it plain.</param>
    /// <exception cref="SecOpsException">The file exists already (exit code 2): a key is never overwritten.</exception>
    public void Write(string file, string? passphrase)
    {
        var pem = passphrase is null
            ? key.ExportPkcs8PrivateKeyPem()
            : key.ExportEncryptedPkcs8PrivateKeyPem(passphrase, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 600_000));
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            using (var stream = new FileStream(file, options))
            {
                stream.Write(Encoding.ASCII.GetBytes(pem + "\n"));
            }

            AtomicFile.WriteText(file + ".pub", PublicPem);
        }
        catch (IOException) when (File.Exists(file))
        {
            throw SecOpsException.Usage($"{file} exists; a key is never overwritten. Name another file.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SecOpsException.Tool($"{file} cannot be written: {e.Message}", e);
        }
    }

    private static string FromBase64(string text)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(text.Trim()));
        }
        catch (FormatException)
        {
            return "";
        }
    }
}
