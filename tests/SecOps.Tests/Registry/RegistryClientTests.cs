using System.Text;
using SecOps.Processes;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Registry;

public sealed class RegistryClientTests
{
    private static readonly RegistryCredential Credential = new("someone", "a long password", "test");

    [NeedsFact("SECOPS_TEST_REGISTRY")]
    public async Task A_manifest_comes_back_as_it_was_put()
    {
        using var registry = TestRegistry.Open();
        var repository = TestRegistry.NewRepository();
        var put = await TestRegistry.PutImageAsync(registry, repository, "1.0");

        var byDigest = await registry.GetManifestAsync(repository, put.Digest, CancellationToken.None);

        byDigest.Content.ShouldBe(put.Content);
        byDigest.Config.ShouldNotBeNull();
        (await registry.FindManifestAsync(repository, "other", CancellationToken.None)).ShouldBeNull();
    }

    [NeedsFact("SECOPS_TEST_REGISTRY")]
    public async Task What_is_attached_is_listed_also_where_the_registry_has_no_referrers_API()
    {
        using var registry = TestRegistry.Open();
        var repository = TestRegistry.NewRepository();
        var image = await TestRegistry.PutImageAsync(registry, repository);
        foreach (var text in (string[])["one", "two"])
        {
            await registry.AttachAsync(repository, image.Descriptor, "application/x-test", Encoding.UTF8.GetBytes(text), new Dictionary<string, string> { ["text"] = text }, CancellationToken.None);
        }

        var listed = await registry.ReferrersAsync(repository, image.Digest, "application/x-test", CancellationToken.None);

        listed.Select(d => d.Annotations["text"]).ShouldBe(["one", "two"]);
        var attached = await registry.GetManifestAsync(repository, listed[1].Digest, CancellationToken.None);
        attached.Subject!.Digest.ShouldBe(image.Digest);
        (await registry.GetBlobAsync(repository, attached.Layers[0].Digest, 100, CancellationToken.None)).ShouldBe(Encoding.UTF8.GetBytes("two"));
        (await registry.ReferrersAsync(repository, image.Digest, "application/x-other", CancellationToken.None)).ShouldBeEmpty();
    }

    [NeedsFact("SECOPS_TEST_REGISTRY_PRIVATE")]
    public async Task A_registry_with_a_password_is_used_with_it_and_refuses_without()
    {
        var host = Parts.Variable("SECOPS_TEST_REGISTRY_PRIVATE");
        var user = Parts.Variable("SECOPS_TEST_REGISTRY_AUTH").Split(':', 2);
        using (var registry = TestRegistry.Open(host, new RegistryCredential(user[0], user[1], "test")))
        {
            (await TestRegistry.PutImageAsync(registry, TestRegistry.NewRepository())).Digest.ShouldStartWith("sha256:");
        }

        using var wrong = TestRegistry.Open(host, Credential);
        var refused = await Should.ThrowAsync<SecOpsException>(() => wrong.FindManifestAsync("app", "1", CancellationToken.None));
        refused.Code.ShouldBe(ExitCode.ToolFailed);
        refused.Message.ShouldContain("refused the credential of someone (test) with 401");
        refused.Message.ShouldNotContain(Credential.Secret);
        using var none = TestRegistry.Open(host);
        (await Should.ThrowAsync<SecOpsException>(() => none.FindManifestAsync("app", "1", CancellationToken.None))).Message.ShouldContain("SECOPS_REGISTRY_USERNAME");
    }

    [Fact]
    public async Task A_bearer_challenge_is_answered_with_a_token_for_the_scope_it_needs()
    {
        string? host = null;
        using var server = new LoopbackServer(request => request.Url!.AbsolutePath switch
        {
            "/token" => new Answer(200, """{"token":"t0ken-for-pull"}"""),
            _ when request.Headers["Authorization"] == "Bearer t0ken-for-pull" => new Answer(200, """{"schemaVersion":2,"config":{"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"}}"""),
            _ => new Answer(401) { Headers = { ["WWW-Authenticate"] = $"Bearer realm=\"http://{host}/token\",service=\"registry, eu\"" } },
        });
        host = server.Host;
        var redactor = new Redactor();
        using var registry = TestRegistry.Open(server.Host, Credential, redactor: redactor);

        await registry.GetManifestAsync("team/app", "1", CancellationToken.None);
        await registry.GetManifestAsync("team/app", "2", CancellationToken.None);

        var token = server.Requests.Single(r => r.Path.StartsWith("/token", StringComparison.Ordinal));
        token.Path.ShouldBe("/token?service=registry%2C%20eu&scope=repository%3Ateam%2Fapp%3Apull");
        token.Authorization.ShouldBe("Basic " + Convert.ToBase64String("someone:a long password"u8));
        redactor.Redact("Bearer t0ken-for-pull, a long password").ShouldBe("Bearer ***, ***");
    }

    [Fact]
    public async Task A_credential_does_not_follow_a_redirect_to_another_host()
    {
        const string Blob = "content";
        using var store = new LoopbackServer(_ => new Answer(200, Blob));
        using var server = new LoopbackServer(request => request.Headers["Authorization"] is null && request.Url!.AbsolutePath != "/v2/"
            ? new Answer(401) { Headers = { ["WWW-Authenticate"] = "Basic realm=\"x\"" } }
            : new Answer(307) { Headers = { ["Location"] = $"http://{store.Host}/blob?signature=1" } });
        using var registry = TestRegistry.Open(server.Host, Credential);

        var content = await registry.GetBlobAsync("app", OciManifest.DigestOf(Encoding.UTF8.GetBytes(Blob)), 100, CancellationToken.None);

        Encoding.UTF8.GetString(content).ShouldBe(Blob);
        store.Requests.ShouldAllBe(r => r.Authorization == null);
        server.Requests.ShouldContain(r => r.Authorization != null);
    }

    [Theory]
    [InlineData("http://registry.example.com/blob")]
    [InlineData("ftp://127.0.0.1/blob")]
    public async Task A_redirect_without_TLS_is_not_followed(string location)
    {
        using var server = new LoopbackServer(_ => new Answer(302) { Headers = { ["Location"] = location } });
        using var registry = TestRegistry.Open(server.Host);

        (await Should.ThrowAsync<SecOpsException>(() => registry.GetBlobAsync("app", "sha256:" + new string('0', 64), 100, CancellationToken.None)))
            .Message.ShouldContain("without TLS");
    }

    [Fact]
    public async Task A_token_server_without_TLS_gets_no_credential()
    {
        using var server = new LoopbackServer(_ => new Answer(401) { Headers = { ["WWW-Authenticate"] = "Bearer realm=\"http://registry.example.com/token\"" } });
        using var registry = TestRegistry.Open(server.Host, Credential);

        (await Should.ThrowAsync<SecOpsException>(() => registry.FindManifestAsync("app", "1", CancellationToken.None))).Message.ShouldContain("no credential is sent there");
    }

    [Theory]
    [InlineData(403, """{"errors":[{"code":"DENIED","message":"not yours"}]}""", "403 DENIED: not yours")]
    [InlineData(500, "<html>proxy</html>", "500 (")]
    [InlineData(429, """{"errors":[{"code":"TOOMANYREQUESTS","message":"slow down"}]}""", "429 TOOMANYREQUESTS: slow down")]
    public async Task An_error_is_told_in_the_registrys_words_with_what_to_do(int status, string body, string expected)
    {
        using var server = new LoopbackServer(_ => new Answer(status, body) { Headers = { ["Retry-After"] = "0" } });
        using var registry = TestRegistry.Open(server.Host);

        var error = await Should.ThrowAsync<SecOpsException>(() => registry.FindManifestAsync("app", "1", CancellationToken.None));

        error.Code.ShouldBe(ExitCode.ToolFailed);
        error.Message.ShouldContain(expected);
        error.Message.ShouldContain("reading the manifest of app:1");
    }

    [Fact]
    public async Task Trouble_that_passes_is_waited_out()
    {
        var calls = 0;
        using var server = new LoopbackServer(request => request.Url!.AbsolutePath == "/v2/" ? new Answer(200)
            : ++calls < 3 ? new Answer(503) { Headers = { ["Retry-After"] = "0" } }
            : new Answer(404));
        using var registry = TestRegistry.Open(server.Host);

        (await registry.FindManifestAsync("app", "1", CancellationToken.None)).ShouldBeNull();

        calls.ShouldBe(3);
    }

    [Fact]
    public async Task Content_that_is_not_what_its_digest_says_is_refused()
    {
        using var server = new LoopbackServer(_ => new Answer(200, """{"schemaVersion":2}"""));
        using var registry = TestRegistry.Open(server.Host);
        var digest = "sha256:" + new string('1', 64);

        (await Should.ThrowAsync<SecOpsException>(() => registry.FindManifestAsync("app", digest, CancellationToken.None))).Message.ShouldContain("other content than was asked for");
        (await Should.ThrowAsync<SecOpsException>(() => registry.GetBlobAsync("app", digest, 100, CancellationToken.None))).Message.ShouldContain("another digest");
    }

    [Fact]
    public async Task An_answer_without_end_is_cut_off()
    {
        using var server = new LoopbackServer(_ => new Answer(200, new string('x', 5_000_000)));
        using var registry = TestRegistry.Open(server.Host);

        (await Should.ThrowAsync<SecOpsException>(() => registry.FindManifestAsync("app", "1", CancellationToken.None))).Message.ShouldContain("larger than 4096 KB");
    }

    [Fact]
    public async Task A_registry_that_is_away_is_named_with_the_reason()
    {
        using var registry = TestRegistry.Open("127.0.0.1:1");

        (await Should.ThrowAsync<SecOpsException>(() => registry.FindManifestAsync("app", "1", CancellationToken.None))).Message.ShouldContain("127.0.0.1:1 does not answer");
    }
}
