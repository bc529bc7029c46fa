using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using SecOps.Processes;
using SecOps.Registry;

namespace SecOps.Testing;

/// <summary>Small container images, made of a few files and pushed to a real registry.</summary>
public static class TestImage
{
    public static RegistryClient Client(string registry) => new(registry, new Nobody(), new Redactor(), TimeProvider.System);

    /// <summary>A gzipped layer; a null text makes a folder.</summary>
    public static MemoryStream Layer(params (string Name, string? Text)[] entries)
    {
        var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(gzip))
        {
            foreach (var (name, text) in entries)
            {
                tar.WriteEntry(text is null ? new PaxTarEntry(TarEntryType.Directory, name) : new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) });
            }
        }

        stream.Position = 0;
        return stream;
    }

    public static async Task PushAsync(ImageReference image, string workingDirectory, params MemoryStream[] layers)
    {
        using var client = Client(image.Registry);
        var config = Encoding.UTF8.GetBytes($"{{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{{\"WorkingDir\":\"{workingDirectory}\"}},\"rootfs\":{{\"type\":\"layers\",\"diff_ids\":[]}}}}");
        var digest = await client.PutBlobAsync(image.Repository, config, CancellationToken.None);
        var entries = new List<string>();
        foreach (var layer in layers)
        {
            entries.Add($"{{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\",\"digest\":\"{await client.PutBlobAsync(image.Repository, layer.ToArray(), CancellationToken.None)}\",\"size\":{layer.Length}}}");
        }

        var manifest = $"{{\"schemaVersion\":2,\"mediaType\":\"{MediaTypes.OciManifest}\",\"config\":{{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\"{digest}\",\"size\":{config.Length}}},\"layers\":[{string.Join(',', entries)}]}}";
        await client.PutManifestAsync(image.Repository, image.Tag!, MediaTypes.OciManifest, Encoding.UTF8.GetBytes(manifest), CancellationToken.None);
    }

    private sealed class Nobody : IRegistryCredentials
    {
        public Task<RegistryCredential?> FindAsync(string registry, bool renew, CancellationToken cancellation) => Task.FromResult<RegistryCredential?>(null);
    }
}
