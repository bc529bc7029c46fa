using System.Text;
using SecOps.Registry;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Docker;

public sealed class DockerClientTests
{
    [Fact]
    public async Task An_error_inside_a_successful_answer_is_an_error()
    {
        using var engine = Engine("{\"status\":\"Pushing\",\"progressDetail\":{\"current\":5,\"total\":9},\"id\":\"abc\"}\n{\"errorDetail\":{\"message\":\"denied\"},\"error\":\"denied: no\\u001b[31m\"}\n");
        var seen = new List<DockerProgress>();

        var error = await Should.ThrowAsync<SecOpsException>(() => Client(engine).PushAsync("r/app", "1", "e30=", seen.Add, CancellationToken.None));

        error.Code.ShouldBe(ExitCode.ToolFailed);
        error.Message.ShouldContain("pushing r/app:1");
        error.Message.ShouldContain("denied: no");
        error.Message.ShouldNotContain("\e");
        seen.ShouldHaveSingleItem().ShouldBe(new DockerProgress("abc", "Pushing", 5, 9));
    }

    [Theory]
    [InlineData("{\"status\":\"Pushing\"}\n{\"sta")]
    [InlineData("<html>proxy</html>\n")]
    public async Task An_answer_that_breaks_off_is_an_error(string stream)
    {
        using var engine = Engine(stream);

        (await Should.ThrowAsync<SecOpsException>(() => Client(engine).PushAsync("r/app", "1", "e30=", _ => { }, CancellationToken.None))).Message.ShouldContain("broke off");
    }

    [Fact]
    public async Task The_digest_comes_from_the_end_of_the_answer()
    {
        using var engine = Engine("{\"status\":\"x\"}\n{\"progressDetail\":{},\"aux\":{\"Tag\":\"1\",\"Digest\":\"sha256:ab\",\"Size\":1}}\n");

        (await Client(engine).PushAsync("r/app", "1", "e30=", _ => { }, CancellationToken.None)).ShouldBe("sha256:ab");

        engine.Requests.ShouldContain(r => r.Path == "/v1.41/images/r/app/push?tag=1");
    }

    [Fact]
    public async Task An_Engine_that_is_away_is_named_with_what_to_do()
    {
        using var folder = new TemporaryFolder();
        foreach (var (host, expected) in new[] { ($"unix://{folder["none.sock"]}", "no such socket"), ("tcp://127.0.0.1:1", "not running") })
        {
            using var client = new DockerClient(DockerEndpoint.Find(name => name == "DOCKER_HOST" ? host : null));
            var error = await Should.ThrowAsync<SecOpsException>(() => client.FindImageAsync("x", CancellationToken.None));
            error.Code.ShouldBe(ExitCode.ToolFailed);
            error.Message.ShouldContain(expected);
            error.Message.ShouldContain("DOCKER_HOST");
        }
    }

    [Fact]
    public void The_header_for_a_registry_is_what_the_Engine_reads()
    {
        string Decode(string header) => Encoding.UTF8.GetString(Convert.FromBase64String(header.Replace('-', '+').Replace('_', '/')));
        Decode(DockerClient.RegistryAuth("u", "p>?", false, "h")).ShouldBe("""{"username":"u","password":"p\u003E?","serveraddress":"h"}""");
        Decode(DockerClient.RegistryAuth("<token>", "t", true, "h")).ShouldBe("""{"identitytoken":"t","serveraddress":"h"}""");
        Decode(DockerClient.RegistryAuth(null, null, false, "h")).ShouldBe("{}");
    }

    [NeedsFact("DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE")]
    public async Task A_container_runs_ends_and_leaves_both_outputs()
    {
        using var client = new DockerClient(DockerEndpoint.Find(Environment.GetEnvironmentVariable));
        var id = await client.CreateContainerAsync(
            new ContainerPlan(Parts.Variable("SECOPS_TEST_BASE_IMAGE"))
            {
                Name = "secops-test-" + Guid.NewGuid().ToString("N"), Command = ["sh", "-c", "echo to out $NAME; echo to err >&2; exit 7"], Variables = new Dictionary<string, string> { ["NAME"] = "a=b c" },
            },
            CancellationToken.None);
        try
        {
            await client.StartContainerAsync(id, CancellationToken.None);
            (await client.WaitContainerAsync(id, CancellationToken.None)).ShouldBe(7);
            (await client.ContainerLogsAsync(id, 10, CancellationToken.None)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Order().ShouldBe(["to err", "to out a=b c"]);
            (await client.InspectContainerAsync(id, CancellationToken.None)).ShouldSatisfyAllConditions(s => s.IsRunning.ShouldBeFalse(), s => s.ExitCode.ShouldBe(7));
        }
        finally
        {
            await client.RemoveContainerAsync(id, CancellationToken.None);
            await client.RemoveContainerAsync(id, CancellationToken.None);
        }
    }

    [NeedsFact("DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE")]
    public async Task An_image_is_known_or_is_not()
    {
        using var client = new DockerClient(DockerEndpoint.Find(Environment.GetEnvironmentVariable));
        (await client.FindImageAsync(Parts.Variable("SECOPS_TEST_BASE_IMAGE"), CancellationToken.None)).ShouldNotBeNull().Platform.ShouldStartWith("linux/");
        (await client.FindImageAsync("secops-test-none:1", CancellationToken.None)).ShouldBeNull();
    }

    private static LoopbackServer Engine(string push) => new(request => request.Url!.AbsolutePath == "/_ping"
        ? new Answer(200, "OK") { Headers = { ["Api-Version"] = "1.41" } }
        : new Answer(200, push));

    private static DockerClient Client(LoopbackServer engine) => new(DockerEndpoint.Find(name => name == "DOCKER_HOST" ? "tcp://" + engine.Host : null));
}
