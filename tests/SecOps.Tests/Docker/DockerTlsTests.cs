using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Docker;

/// <summary>An Engine behind TLS that wants a client's certificate, as Docker documents it.</summary>
public sealed class DockerTlsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);

    public void Dispose()
    {
        listener.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Both_sides_show_certificates_of_the_same_authority()
    {
        using var authority = Authority();
        Write(authority, authority);
        using var server = Issue(authority, "127.0.0.1");
        _ = ServeAsync(server, authority);

        using var client = Client();
        (await client.FindImageAsync("none", CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task A_server_of_another_authority_is_refused()
    {
        using var authority = Authority();
        using var other = Authority();
        Write(authority, authority);
        using var server = Issue(other, "127.0.0.1");
        _ = ServeAsync(server, authority);

        using var client = Client();
        (await Should.ThrowAsync<SecOpsException>(() => client.FindImageAsync("none", CancellationToken.None))).Message.ShouldContain("certificate");
    }

    private DockerClient Client()
    {
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        return new DockerClient(DockerEndpoint.Find(name => name switch { "DOCKER_HOST" => $"tcp://127.0.0.1:{port}", "DOCKER_TLS_VERIFY" => "1", "DOCKER_CERT_PATH" => folder.Path, _ => null }));
    }

    private void Write(X509Certificate2 authority, X509Certificate2 issuer)
    {
        listener.Start();
        using var client = Issue(issuer, "client");
        folder.Write("ca.pem", authority.ExportCertificatePem());
        folder.Write("cert.pem", client.ExportCertificatePem());
        folder.Write("key.pem", client.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
    }

    private async Task ServeAsync(X509Certificate2 certificate, X509Certificate2 authority)
    {
        using var pfx = X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
        while (true)
        {
            using var socket = await listener.AcceptTcpClientAsync();
            await using var tls = new SslStream(socket.GetStream(), false, (_, shown, _, _) => shown?.Issuer == authority.Subject);
            try
            {
                await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = pfx, ClientCertificateRequired = true });
                using var reader = new StreamReader(tls, leaveOpen: true);
                while (await reader.ReadLineAsync() is { } request)
                {
                    while (await reader.ReadLineAsync() is { Length: > 0 })
                    {
                        // Headers.
                    }

                    var status = request.Contains("/_ping", StringComparison.Ordinal) ? "200 OK" : "404 Not Found";
                    await tls.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nApi-Version: 1.44\r\nContent-Length: 2\r\n\r\n{{}}"));
                }
            }
            catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
            {
                // The client went away, as one of the tests wants it.
            }
        }
    }

    private static X509Certificate2 Authority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test authority " + Guid.NewGuid(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static X509Certificate2 Issue(X509Certificate2 authority, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        if (IPAddress.TryParse(name, out var address))
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(address);
            request.CertificateExtensions.Add(names.Build());
        }

        using var certificate = request.Create(authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1), RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }
}
