using System.Security.Cryptography;
using System.Text;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Docker;

public sealed class DockerEndpointTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("unix:///run/user/1000/docker.sock", "unix", "127.0.0.1")]
    [InlineData("tcp://build.example.com:2375", "tcp", "build.example.com")]
    [InlineData("build.example.com:2375", "tcp", "build.example.com")]
    [InlineData("npipe:////./pipe/docker_engine", "npipe", "127.0.0.1")]
    public void DOCKER_HOST_names_the_Engine(string host, string scheme, string published)
    {
        var endpoint = Find(new() { ["DOCKER_HOST"] = host, ["DOCKER_CONTEXT"] = "ignored" });
        (endpoint.Address.Scheme, endpoint.PublishedHost, endpoint.CertificateFolder).ShouldBe((scheme, published, null));
    }

    [Fact]
    public void TLS_is_spoken_when_the_environment_says_so()
    {
        Find(new() { ["DOCKER_HOST"] = "tcp://h:2376", ["DOCKER_TLS_VERIFY"] = "1", ["DOCKER_CERT_PATH"] = "/certs" }).CertificateFolder.ShouldBe("/certs");
        Find(new() { ["DOCKER_HOST"] = "tcp://h:2376", ["DOCKER_CERT_PATH"] = "/certs" }).CertificateFolder.ShouldBeNull();
    }

    [Fact]
    public void A_context_names_the_Engine_and_its_certificates()
    {
        var id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("remote")));
        folder.Write($"contexts/meta/{id}/meta.json", """{"Name":"remote","Metadata":{},"Endpoints":{"docker":{"Host":"tcp://h:2376","SkipTLSVerify":false}}}""");
        folder.Write($"contexts/tls/{id}/docker/ca.pem", "");
        folder.Write("config.json", """{"currentContext":"remote"}""");

        foreach (var endpoint in new[] { Find([]), Find(new() { ["DOCKER_CONTEXT"] = "remote" }) })
        {
            endpoint.Address.ToString().ShouldBe("tcp://h:2376/");
            endpoint.CertificateFolder.ShouldBe(folder[Path.Combine("contexts", "tls", id, "docker")]);
            endpoint.Source.ShouldBe("context \"remote\"");
        }

        Find(new() { ["DOCKER_CONTEXT"] = "default" }).Source.ShouldBe("the default");
    }

    [Fact]
    public void What_cannot_be_used_is_refused_with_what_to_do()
    {
        Should.Throw<SecOpsException>(() => Find(new() { ["DOCKER_HOST"] = "ssh://user@host" })).Message.ShouldContain("forward the socket");
        Should.Throw<SecOpsException>(() => Find(new() { ["DOCKER_CONTEXT"] = "gone" })).Message.ShouldContain("docker context ls");
    }

    [Theory]
    [InlineData("docker.io", "https://index.docker.io/v1/", "hub")]
    [InlineData("registry.example.com", "registry.example.com", "private")]
    public async Task A_password_that_docker_login_left_is_found(string registry, string key, string user)
    {
        folder.Write("config.json", $$"""{"auths":{"{{key}}":{"auth":"{{Convert.ToBase64String(Encoding.UTF8.GetBytes(user + ":p:w"))}}"},"other":{} } }""");

        (await DockerConfigFile.Read(Variable([])).FindAsync(registry, new Processes.ProcessRunner(new Processes.Redactor()), CancellationToken.None)).ShouldBe((user, "p:w", "docker login"));
        (await DockerConfigFile.Read(Variable([])).FindAsync("elsewhere.example.com", new Processes.ProcessRunner(new Processes.Redactor()), CancellationToken.None)).ShouldBeNull();
    }

    private DockerEndpoint Find(Dictionary<string, string> variables) => DockerEndpoint.Find(Variable(variables));

    private Func<string, string?> Variable(Dictionary<string, string> variables) => name => name == "DOCKER_CONFIG" ? folder.Path : variables.GetValueOrDefault(name);
}
