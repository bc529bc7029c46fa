using System.Security.Cryptography;
using System.Text;

namespace SecOps.Delivery.Attest;

/// <summary>
/// A signer's key as people have it: the file from Docker's trust folder. Its name there is the key's id, without which
/// <c>docker trust key load</c> passes an encrypted key over without a word; a secret has lost the name, so it is worked out again.
/// </summary>
internal static class ContentTrustKey
{
    private const string Begin = "-----BEGIN ENCRYPTED PRIVATE KEY-----";

    /// <returns>The same key with the header <c>path</c>, where it needs one.</returns>
    /// <exception cref="SecOpsException">The passphrase does not open it (exit code 2).</exception>
    public static string WithId(string pem, string? passphrase, string signer)
    {
        var lines = pem.ReplaceLineEndings("\n").Split('\n').ToList();
        var begin = lines.IndexOf(Begin);
        if (begin < 0 || lines.Exists(l => l.StartsWith("path:", StringComparison.Ordinal)))
        {
            return pem;
        }

        var body = lines.Where(l => !l.Contains(':', StringComparison.Ordinal) && l.Length > 0).ToList();
        using var key = ECDsa.Create();
        try
        {
            key.ImportFromEncryptedPem(string.Join('\n', body), passphrase ?? "");
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            // Without the cause, which may quote what it read.
            throw SecOpsException.Usage("the passphrase in push.dct.passphrase does not open the key in push.dct.key, or that is no ECDSA key.");
        }

        return $"{Begin}\npath: {Id(key)}\nrole: {signer}\n\n{string.Join('\n', body.Skip(1))}\n";
    }

    /// <summary>The Update Framework's key id: SHA-256 of the public key's canonical JSON.</summary>
    public static string Id(ECDsa key)
    {
        var json = $$$"""{"keytype":"ecdsa","keyval":{"private":null,"public":"{{{Convert.ToBase64String(key.ExportSubjectPublicKeyInfo())}}}"}}""";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json)));
    }
}
