using SecOps.Delivery.Push;
using SecOps.Docker;
using SecOps.Processes;
using SecOps.Registry;
using SecOps.Testing;
using Shouldly;

namespace SecOps.Delivery;

/// <summary>Docker Hub's way in: a token for each scope, from a server beside the registry.</summary>
public sealed class TokenRegistryTests : IDisposable
{
    private readonly Redactor redactor = new();
    private readonly TemporaryFolder folder = new();
    private readonly string repository = TestRegistry.NewRepository();

    public void Dispose() => folder.Dispose();

    [NeedsFact("DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE", "docker-registry")]
    public async Task The_Engine_and_we_push_with_tokens_for_a_password()
    {
        using var server = await TokenRegistry.StartAsync();
        using var docker = new DockerClient(DockerEndpoint.Find(Environment.GetEnvironmentVariable));
        var login = Login(new RegistryCredential(TokenRegistry.User, TokenRegistry.Password, "test"));
        using var registry = new RegistryClient(server.Host, login, redactor, TimeProvider.System);
        var push = new ImagePush(docker, registry, login, null);
        var target = new PushTarget(TinyImage.Name, ImageReference.Parse($"{server.Host}/{repository}:1"), ["latest"]);
        await TinyImage.ImportAsync(docker);

        var first = await push.RunAsync(target, await push.PlanAsync(target, CancellationToken.None), _ => { }, CancellationToken.None);
        await push.TagAsync(target, first.Manifest, "latest", CancellationToken.None);
        var second = await push.PlanAsync(target, CancellationToken.None);

        first.Pushed.ShouldBeTrue();
        (second.Present?.Digest, second.TagsToSet.Count).ShouldBe((first.Manifest.Digest, 0));
        server.Asked.ShouldAllBe(a => a.User == TokenRegistry.User && a.Scope.StartsWith($"repository:{repository}:", StringComparison.Ordinal));
    }

    [NeedsFact("docker-registry")]
    public async Task A_password_that_the_token_server_refuses_is_told_in_its_words()
    {
        using var server = await TokenRegistry.StartAsync();
        using var wrong = TestRegistry.Open(server.Host, new RegistryCredential(TokenRegistry.User, "not-the-password", "test"), redactor: redactor);

        var error = await Should.ThrowAsync<SecOpsException>(() => wrong.FindManifestAsync(repository, "1", CancellationToken.None));

        error.Code.ShouldBe(ExitCode.ToolFailed);
        error.Message.ShouldContain("answered 401 incorrect username or password to the credential of release (test)");
        error.Message.ShouldNotContain("not-the-password");
    }

    [NeedsFact("docker-registry")]
    public async Task Nobody_may_look_and_is_told_how_to_be_somebody_when_he_writes()
    {
        using var server = await TokenRegistry.StartAsync();
        using var nobody = TestRegistry.Open(server.Host, null, redactor: redactor);

        (await nobody.FindManifestAsync(repository, "1", CancellationToken.None)).ShouldBeNull();
        (await Should.ThrowAsync<SecOpsException>(() => TestRegistry.PutImageAsync(nobody, repository))).Message.ShouldContain("SECOPS_REGISTRY_USERNAME");
    }

    [NeedsFact("docker-registry")]
    public async Task A_token_that_has_ended_is_replaced_by_a_new_one()
    {
        using var server = await TokenRegistry.StartAsync();
        using var registry = TestRegistry.Open(server.Host, new RegistryCredential(TokenRegistry.User, TokenRegistry.Password, "test"), redactor: redactor);
        await TestRegistry.PutImageAsync(registry, repository);

        server.Expired = 1;
        using var later = TestRegistry.Open(server.Host, new RegistryCredential(TokenRegistry.User, TokenRegistry.Password, "test"), redactor: redactor);

        (await later.FindManifestAsync(repository, "1", CancellationToken.None)).ShouldNotBeNull();
    }

    [NeedsFact("docker-registry")]
    public async Task The_identity_token_that_docker_login_keeps_goes_by_OAuth2()
    {
        using var server = await TokenRegistry.StartAsync();
        using var registry = TestRegistry.Open(server.Host, new RegistryCredential(RegistryCredential.TokenUser, TokenRegistry.IdentityToken, "test"), redactor: redactor);

        (await TestRegistry.PutImageAsync(registry, repository)).Digest.ShouldStartWith("sha256:");
        redactor.Redact(TokenRegistry.IdentityToken).ShouldBe("***");
    }

    private RegistryLogin Login(RegistryCredential credential) => new(credential, null, name => name == "DOCKER_CONFIG" ? folder.Path : null, new ProcessRunner(redactor), redactor);
}
