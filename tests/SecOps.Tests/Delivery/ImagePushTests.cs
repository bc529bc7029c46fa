using SecOps.Aws;
using SecOps.Delivery.Push;
using SecOps.Docker;
using SecOps.Processes;
using SecOps.Registry;
using SecOps.Testing;
using Shouldly;
using Xunit;
using Answer = SecOps.Registry.Answer;

namespace SecOps.Delivery;

/// <summary>Pushes through a real Engine to a real registry.</summary>
public sealed class ImagePushTests : IDisposable
{
    private readonly Redactor redactor = new();
    private readonly TemporaryFolder folder = new();
    private readonly string repository = TestRegistry.NewRepository();
    private readonly DockerClient? docker = Environment.GetEnvironmentVariable("DOCKER_HOST") is { Length: > 0 } ? new(DockerEndpoint.Find(Environment.GetEnvironmentVariable)) : null;

    public void Dispose()
    {
        docker?.Dispose();
        folder.Dispose();
    }

    [NeedsFact("DOCKER_HOST", "SECOPS_TEST_REGISTRY", "SECOPS_TEST_BASE_IMAGE")]
    public async Task The_second_push_uploads_nothing_and_further_tags_name_the_same_manifest()
    {
        using var registry = TestRegistry.Open();
        var target = Target("1.0", "latest");
        var layers = new List<DockerProgress>();
        var first = await PushAsync(registry, target, layers);
        first.Pushed.ShouldBeTrue();
        first.MovedTags.ShouldBe(["latest"]);
        layers.ShouldNotBeEmpty();
        await Push(registry).TagAsync(target, first.Manifest, "latest", CancellationToken.None);

        layers.Clear();
        var second = await PushAsync(registry, target, layers);

        (second.Pushed, second.Manifest.Digest, second.MovedTags.Count).ShouldBe((false, first.Manifest.Digest, 0));
        layers.ShouldBeEmpty();
        (await registry.GetManifestAsync(repository, "latest", CancellationToken.None)).Digest.ShouldBe(first.Manifest.Digest);
    }

    [NeedsFact("DOCKER_HOST", "SECOPS_TEST_REGISTRY", "SECOPS_TEST_BASE_IMAGE")]
    public async Task An_immutable_tag_with_another_digest_is_not_touched()
    {
        using var registry = TestRegistry.Open();
        var other = await TestRegistry.PutImageAsync(registry, repository, "1.0");

        var error = await Should.ThrowAsync<SecOpsException>(() => Push(registry).PlanAsync(Target("1.0") with { ImmutableTags = true }, CancellationToken.None));

        error.Code.ShouldBe(ExitCode.ToolFailed);
        error.Message.ShouldContain(other.Digest);
        error.Message.ShouldContain("--bump");
        (await Push(registry).PlanAsync(Target("1.0"), CancellationToken.None)).Present.ShouldBeNull();
    }

    [NeedsFact("DOCKER_HOST", "SECOPS_TEST_REGISTRY")]
    public async Task An_image_that_nobody_built_is_named()
    {
        using var registry = TestRegistry.Open();

        (await Should.ThrowAsync<SecOpsException>(() => Push(registry).PlanAsync(Target("1") with { Source = "secops-none:1" }, CancellationToken.None))).Message.ShouldContain("has no image secops-none:1");
    }

    [NeedsFact("DOCKER_HOST", "SECOPS_TEST_REGISTRY_PRIVATE", "SECOPS_TEST_BASE_IMAGE")]
    public async Task The_Engine_pushes_with_the_credential_that_it_is_given_in_memory()
    {
        var host = Parts.Variable("SECOPS_TEST_REGISTRY_PRIVATE");
        var user = Parts.Variable("SECOPS_TEST_REGISTRY_AUTH").Split(':', 2);
        var target = Target("1.0") with { Destination = ImageReference.Parse($"{host}/{repository}:1.0") };
        var login = Login(new RegistryCredential(user[0], user[1], "test"));
        using var registry = new RegistryClient(host, login, redactor, TimeProvider.System);
        var push = new ImagePush(docker!, registry, login, null);

        (await push.RunAsync(target, await push.PlanAsync(target, CancellationToken.None), _ => { }, CancellationToken.None)).Pushed.ShouldBeTrue();

        redactor.Redact(user[1]).ShouldBe("***");
        redactor.Redact(await login.EngineHeaderAsync(host, false, CancellationToken.None)).ShouldBe("***");
    }

    [NeedsFact("DOCKER_HOST", "SECOPS_TEST_REGISTRY_PRIVATE", "SECOPS_TEST_BASE_IMAGE")]
    public async Task A_refusal_inside_the_Engines_answer_says_whose_credential_it_was()
    {
        // Reading is allowed by the plan made elsewhere; the Engine alone is refused.
        var host = Parts.Variable("SECOPS_TEST_REGISTRY_PRIVATE");
        var target = Target("1.0") with { Destination = ImageReference.Parse($"{host}/{repository}:1.0") };
        var login = Login(new RegistryCredential("someone", "a wrong password", "test"));
        using var registry = TestRegistry.Open(host);
        var image = await docker!.FindImageAsync(target.Source, CancellationToken.None);
        var push = new ImagePush(docker, registry, login, null);

        var error = await Should.ThrowAsync<SecOpsException>(() => push.RunAsync(target, new PushPlan(image!, null, false, []), _ => { }, CancellationToken.None));

        error.Message.ShouldContain("someone (test)");
        error.ToString().ShouldNotContain("a wrong password");
    }

    [NeedsFact("DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE")]
    public async Task What_a_registry_refuses_in_the_middle_is_told_with_what_to_do()
    {
        foreach (var (status, body, expected) in new[]
        {
            (403, "DENIED", "set SECOPS_REGISTRY_USERNAME"), (429, "TOOMANYREQUESTS", "push again later"), (401, "UNAUTHORIZED", "set SECOPS_REGISTRY_USERNAME"),
        })
        {
            using var server = new LoopbackServer(request => request.Url!.AbsolutePath == "/v2/" ? new Answer(200)
                : request.HttpMethod == "POST" ? new Answer(status, $$"""{"errors":[{"code":"{{body}}","message":"no more"}]}""")
                : new Answer(404));
            using var registry = TestRegistry.Open(server.Host);

            var error = await Should.ThrowAsync<SecOpsException>(() => PushAsync(registry, Target("1") with { Destination = ImageReference.Parse($"{server.Host}/{repository}:1") }, []));

            error.Code.ShouldBe(ExitCode.ToolFailed);
            error.Message.ShouldContain(expected, customMessage: status.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    [NeedsFact("DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE", "SECOPS_TEST_AWS")]
    public async Task A_token_that_expires_in_the_middle_is_renewed_once()
    {
        using var server = new LoopbackServer(request => request.Url!.AbsolutePath == "/v2/" ? new Answer(200)
            : request.HttpMethod == "POST" ? new Answer(403, """{"errors":[{"code":"DENIED","message":"Your authorization token has expired. Reauthenticate and try again."}]}""")
            : new Answer(404));
        using var aws = new AwsClients(new AwsSettings
        {
            Region = "eu-west-1", Credentials = new Amazon.Runtime.BasicAWSCredentials("test", "test"), Variable = name => name == "AWS_ENDPOINT_URL" ? Parts.Variable("SECOPS_TEST_AWS") : null,
        });
        var ecr = new EcrRegistry(aws, null);
        await ecr.CreateAsync(repository, CancellationToken.None);
        var login = new RegistryLogin(null, ecr, _ => null, new ProcessRunner(redactor), redactor);
        using var registry = new RegistryClient(server.Host, login, redactor, TimeProvider.System);
        var target = Target("1") with { Destination = ImageReference.Parse($"{server.Host}/{repository}:1") };

        var error = await Should.ThrowAsync<SecOpsException>(() => RunAsync(new ImagePush(docker!, registry, login, ecr), target, []));

        error.Message.ShouldContain("The credential was that of AWS (AWS): renew it");
        server.Requests.Count(r => r.Method == "POST").ShouldBe(2);
    }

    [Theory]
    [InlineData("123456789012.dkr.ecr.eu-west-1.amazonaws.com", "123456789012", "eu-west-1")]
    [InlineData("123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "123456789012", "us-gov-west-1")]
    [InlineData("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "123456789012", "cn-north-1")]
    public void An_ECR_host_names_its_account_and_region(string host, string account, string region) => EcrRegistry.Locate(host).ShouldBe((account, region));

    [Theory]
    [InlineData("123456789012.dkr.ecr.eu-west-1.amazonaws.com.example.com")]
    [InlineData("public.ecr.aws")]
    [InlineData("registry.example.com")]
    public void Others_are_no_ECR(string host) => EcrRegistry.Locate(host).ShouldBeNull();

    private static async Task<PushedImage> RunAsync(ImagePush push, PushTarget target, List<DockerProgress> layers) =>
        await push.RunAsync(target, await push.PlanAsync(target, CancellationToken.None), layers.Add, CancellationToken.None);

    private Task<PushedImage> PushAsync(RegistryClient registry, PushTarget target, List<DockerProgress> layers) => RunAsync(Push(registry), target, layers);

    private ImagePush Push(RegistryClient registry) => new(docker!, registry, Login(null), null);

    private RegistryLogin Login(RegistryCredential? credential) => new(credential, null, name => name == "DOCKER_CONFIG" ? folder.Path : null, new ProcessRunner(redactor), redactor);

    private PushTarget Target(string tag, params string[] further) => new(
        Parts.Variable("SECOPS_TEST_BASE_IMAGE"), ImageReference.Parse($"{Environment.GetEnvironmentVariable("SECOPS_TEST_REGISTRY")}/{repository}:{tag}"), further);
}
