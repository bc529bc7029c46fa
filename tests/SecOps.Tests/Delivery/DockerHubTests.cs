using System.Net;
using System.Text;
using SecOps.Delivery.Push;
using SecOps.Docker;
using SecOps.Processes;
using SecOps.Registry;
using SecOps.Testing;
using Shouldly;
using Xunit;
using Answer = SecOps.Registry.Answer;

namespace SecOps.Delivery;

/// <summary>Docker Hub's names and addresses, and its limits; the token flow itself is tried on a real registry.</summary>
public sealed class DockerHubTests : IDisposable
{
    private const string Manifest = """{"schemaVersion":2,"config":{"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"}}""";

    private readonly Redactor redactor = new();
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task It_is_asked_at_its_own_address_with_what_docker_login_keeps_under_its_old_one()
    {
        Login();
        using var hub = new Hub();
        using var registry = Registry(hub);

        (await registry.GetManifestAsync("team/app", "1", CancellationToken.None)).Digest.ShouldStartWith("sha256:");

        hub.Asked.ShouldBe(
        [
            "registry-1.docker.io/v2/team/app/manifests/1 -",
            "auth.docker.io/token?service=registry.docker.io&scope=repository%3Ateam%2Fapp%3Apull Basic " + Convert.ToBase64String("someone:hub-access-token"u8),
            "registry-1.docker.io/v2/team/app/manifests/1 Bearer a-token-of-the-hub",
        ]);
    }

    [Fact]
    public async Task The_Engine_gets_its_old_address_and_the_short_name()
    {
        Login();
        string? header = null;
        using var engine = new LoopbackServer(request =>
        {
            header ??= request.Headers["X-Registry-Auth"];
            var path = request.Url!.AbsolutePath;
            return path == "/_ping" ? new Answer(200) { Headers = { ["Api-Version"] = "1.44" } }
                : path.EndsWith("/json", StringComparison.Ordinal) ? new Answer(200, """{"Id":"sha256:0000","Os":"linux","Architecture":"amd64","Config":{}}""")
                : path.EndsWith("/push", StringComparison.Ordinal) ? new Answer(200, $$"""{"aux":{"Digest":"{{OciManifest.DigestOf(Encoding.UTF8.GetBytes(Manifest))}}"} }""" + "\n")
                : new Answer(201);
        });
        using var docker = new DockerClient(DockerEndpoint.Find(name => name == "DOCKER_HOST" ? "tcp://" + engine.Host : null));
        using var hub = new Hub { Present = false };
        using var registry = Registry(hub);
        var push = new ImagePush(docker, registry, Credentials(), null);
        var target = new PushTarget("team/app:1", ImageReference.Parse("docker.io/team/app:1"), []);

        var plan = await push.PlanAsync(target, CancellationToken.None);
        hub.Present = true;
        (await push.RunAsync(target, plan, _ => { }, CancellationToken.None)).Pushed.ShouldBeTrue();

        engine.Requests.ShouldContain(r => r.Path == "/v1.44/images/team/app/push?tag=1");
        Encoding.UTF8.GetString(Convert.FromBase64String(header!.Replace('-', '+').Replace('_', '/')))
            .ShouldBe("""{"username":"someone","password":"hub-access-token","serveraddress":"https://index.docker.io/v1/"}""");
    }

    [Fact]
    public async Task Its_rate_limit_is_told_at_once_with_how_long_it_lasts()
    {
        using var hub = new Hub { Limited = true };
        using var registry = Registry(hub);

        var error = await Should.ThrowAsync<SecOpsException>(() => registry.FindManifestAsync("team/app", "1", CancellationToken.None));

        error.Code.ShouldBe(ExitCode.ToolFailed);
        error.Message.ShouldContain("429 TOOMANYREQUESTS: You have reached your pull rate limit.");
        error.Message.ShouldContain("try again in 60 min 0 s, or with a credential.");
        hub.Asked.Count.ShouldBe(1);
    }

    private void Login() => folder.Write("config.json", $$"""{"auths":{"https://index.docker.io/v1/":{"auth":"{{Convert.ToBase64String("someone:hub-access-token"u8)}}"} } }""");

    private RegistryLogin Credentials() => new(null, null, name => name == "DOCKER_CONFIG" ? folder.Path : null, new ProcessRunner(redactor), redactor);

    private RegistryClient Registry(Hub hub) => new(ImageReference.DockerHub, Credentials(), redactor, TimeProvider.System, hub);

    private sealed class Hub : HttpMessageHandler
    {
        public List<string> Asked { get; } = [];

        public bool Present { get; set; } = true;

        public bool Limited { get; init; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.RequestUri!.Scheme.ShouldBe("https");
            Asked.Add($"{request.RequestUri.Host}{request.RequestUri.PathAndQuery} {request.Headers.Authorization?.ToString() ?? "-"}");
            var response = new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(Manifest) };
            if (Limited)
            {
                response.StatusCode = HttpStatusCode.TooManyRequests;
                response.Content = new StringContent("""{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate limit."}]}""");
                response.Headers.Add("Retry-After", "3600");
                response.Headers.Add("ratelimit-remaining", "0;w=21600");
            }
            else if (request.RequestUri.Host == "auth.docker.io")
            {
                response.Content = new StringContent("""{"token":"a-token-of-the-hub","expires_in":300}""");
            }
            else if (request.Headers.Authorization is null)
            {
                response.StatusCode = HttpStatusCode.Unauthorized;
                response.Headers.Add("WWW-Authenticate", "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\",scope=\"repository:team/app:pull\"");
            }
            else if (!Present)
            {
                response.StatusCode = HttpStatusCode.NotFound;
            }

            return Task.FromResult(response);
        }
    }
}
