using SecOps.Delivery.Push;
using SecOps.Docker;
using SecOps.Processes;
using SecOps.Registry;
using SecOps.Testing;
using Shouldly;
using Answer = SecOps.Registry.Answer;

namespace SecOps.Delivery;

/// <summary>What goes wrong while a layer goes up, through a real Engine. The one with containerd's store, since the other tries for 50 seconds.</summary>
public sealed class RegistryFaultTests : IDisposable
{
    private static readonly Answer Refused = new(401, """{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}""");

    private readonly Redactor redactor = new();
    private readonly TemporaryFolder folder = new();
    private readonly DockerClient? docker = Environment.GetEnvironmentVariable("SECOPS_TEST_DOCKER_CONTAINERD") is { Length: > 0 } host
        ? new(DockerEndpoint.Find(name => name == "DOCKER_HOST" ? host : null)) : null;

    public void Dispose()
    {
        docker?.Dispose();
        folder.Dispose();
    }

    [NeedsFact("SECOPS_TEST_DOCKER_CONTAINERD", "docker")]
    public async Task A_registry_whose_disk_is_full_breaks_in_the_middle_of_a_layer()
    {
        var error = await FailAsync(_ => new Answer(500, """{"errors":[{"code":"UNKNOWN","message":"no space left on device"}]}"""));

        error.Code.ShouldBe(ExitCode.ToolFailed);
        error.Message.ShouldContain("no space left on device");
        error.Message.ShouldContain("Push again; layers that arrived are not sent twice.");
    }

    [NeedsFact("SECOPS_TEST_DOCKER_CONTAINERD", "docker")]
    public async Task A_registry_that_hangs_up_in_the_middle_of_a_layer()
    {
        var error = await FailAsync(_ => new Answer(0) { HangUp = true });

        error.Code.ShouldBe(ExitCode.ToolFailed);
        error.Message.ShouldContain("the push failed");
        error.Message.ShouldContain("Push again");
    }

    [NeedsFact("SECOPS_TEST_DOCKER_CONTAINERD", "docker")]
    public async Task A_token_that_ends_in_the_middle_of_a_push_costs_one_more_try()
    {
        var refusals = 0;
        var pushed = await PushAsync(blob => blob == 2 && refusals++ == 0 ? Refused : null);

        pushed.Manifest.Digest.ShouldStartWith("sha256:");
        refusals.ShouldBeGreaterThan(0);
    }

    [NeedsFact("SECOPS_TEST_DOCKER_CONTAINERD", "docker")]
    public async Task A_credential_that_is_refused_in_the_middle_again_and_again_is_named()
    {
        var error = await FailAsync(blob => blob > 1 ? Refused : null);

        error.Code.ShouldBe(ExitCode.ToolFailed);
        error.Message.ShouldContain("The credential was that of someone (test): renew it", Case.Sensitive, error.Message);
    }

    private async Task<SecOpsException> FailAsync(Func<int, Answer?> fault) => await Should.ThrowAsync<SecOpsException>(() => PushAsync(fault));

    /// <param name="fault">Gets the number of the blob whose bytes arrive, from 1.</param>
    private async Task<PushedImage> PushAsync(Func<int, Answer?> fault)
    {
        var blobs = new HashSet<string>();
        var (count, manifest) = (0, "");
        using var server = new LoopbackServer((request, body) =>
        {
            var path = request.Url!.AbsolutePath;
            switch (request.HttpMethod)
            {
                case "POST":
                    return new Answer(202) { Headers = { ["Location"] = path + Guid.NewGuid() } };
                case "PATCH":
                    return fault(++count) ?? new Answer(202) { Headers = { ["Location"] = path } };
                case "PUT" when path.Contains("/manifests/", StringComparison.Ordinal):
                    manifest = body;
                    return new Answer(201) { Headers = { ["Docker-Content-Digest"] = OciManifest.DigestOf(System.Text.Encoding.UTF8.GetBytes(body)) } };
                case "PUT":
                    if (body.Length > 0 && fault(++count) is { } refused)
                    {
                        return refused;
                    }

                    blobs.Add(request.QueryString["digest"]!);
                    return new Answer(201) { Headers = { ["Docker-Content-Digest"] = request.QueryString["digest"]! } };
                case var _ when path == "/v2/":
                    return new Answer(200);
                case var _ when manifest.Length > 0 && path.Contains("/manifests/", StringComparison.Ordinal):
                    return new Answer(200, manifest);
                default:
                    return blobs.Contains(path[(path.LastIndexOf('/') + 1)..]) ? new Answer(200) { Headers = { ["Docker-Content-Digest"] = path[(path.LastIndexOf('/') + 1)..] } } : new Answer(404);
            }
        });
        var login = new RegistryLogin(new RegistryCredential("someone", "a long password", "test"), null, name => name == "DOCKER_CONFIG" ? folder.Path : null, new ProcessRunner(redactor), redactor);
        using var registry = new RegistryClient(server.Host, login, redactor, TimeProvider.System);
        var push = new ImagePush(docker!, registry, login, null);
        await TinyImage.ImportAsync(docker!);
        var target = new PushTarget(TinyImage.Name, ImageReference.Parse($"{server.Host}/{TestRegistry.NewRepository()}:1"), []);
        return await push.RunAsync(target, await push.PlanAsync(target, CancellationToken.None), _ => { }, CancellationToken.None);
    }
}
