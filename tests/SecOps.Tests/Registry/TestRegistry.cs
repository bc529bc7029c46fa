using System.Security.Cryptography;
using System.Text;
using SecOps.Processes;
using SecOps.Testing;

namespace SecOps.Registry;

/// <summary>The real registries of tests/parts, and the smallest image that they take.</summary>
internal static class TestRegistry
{
    public static RegistryClient Open(string host, RegistryCredential? credential = null, TimeProvider? clock = null, Redactor? redactor = null) =>
        new(host, new Fixed(credential), redactor ?? new Redactor(), clock ?? TimeProvider.System);

    /// <summary>The registry without a password.</summary>
    public static RegistryClient Open() => Open(Parts.Variable("SECOPS_TEST_REGISTRY"));

    public static string NewRepository() => "tests/r" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));

    /// <summary>Puts an image of one empty layer there.</summary>
    public static async Task<OciManifest> PutImageAsync(RegistryClient registry, string repository, string tag = "1")
    {
        var config = Encoding.UTF8.GetBytes($$"""{"architecture":"amd64","os":"linux","config":{"Labels":{"unique":"{{repository}}"} } ,"rootfs":{"type":"layers","diff_ids":[]} }""");
        var digest = await registry.PutBlobAsync(repository, config, CancellationToken.None);
        var manifest = Encoding.UTF8.GetBytes(
            $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{digest}}","size":{{config.Length}} },"layers":[]}""");
        await registry.PutManifestAsync(repository, tag, MediaTypes.OciManifest, manifest, CancellationToken.None);
        return await registry.GetManifestAsync(repository, tag, CancellationToken.None);
    }

    internal sealed class Fixed(RegistryCredential? credential) : IRegistryCredentials
    {
        public Task<RegistryCredential?> FindAsync(string registry, bool renew, CancellationToken cancellation) => Task.FromResult(credential);
    }
}
