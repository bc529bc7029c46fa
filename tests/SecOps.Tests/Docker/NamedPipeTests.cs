using System.IO.Pipes;
using System.Text;
using Shouldly;
using Xunit;

namespace SecOps.Docker;

/// <summary>Docker Desktop's way in on Windows. Named pipes exist everywhere in .NET, so this is the code that runs there.</summary>
public sealed class NamedPipeTests
{
    private readonly string name = "secops-test-" + Guid.NewGuid().ToString("N");

    [Fact]
    public async Task The_Engine_is_spoken_to_over_a_named_pipe()
    {
        await using var pipe = new NamedPipeServerStream(name, PipeDirection.InOut, 1, PipeTransmissionMode.Byte, PipeOptions.Asynchronous);
        var served = ServeAsync(pipe);
        using (var client = Client())
        {
            client.Endpoint.PublishedHost.ShouldBe("127.0.0.1");
            (await client.FindImageAsync("team/app:1", CancellationToken.None)).ShouldBeNull();
        }

        (await served).ShouldBe(["GET /_ping HTTP/1.1", "GET /v1.44/images/team/app:1/json HTTP/1.1"]);
    }

    [Fact]
    public async Task A_pipe_that_nobody_serves_is_named_with_what_to_do()
    {
        using var client = Client();

        var error = await Should.ThrowAsync<SecOpsException>(() => client.FindImageAsync("x", CancellationToken.None));

        error.Code.ShouldBe(ExitCode.ToolFailed);
        error.Message.ShouldContain(name);
        error.Message.ShouldContain("Start Docker");
    }

    private DockerClient Client() => new(DockerEndpoint.Find(variable => variable == "DOCKER_HOST" ? "npipe:////./pipe/" + name : null));

    private static async Task<List<string>> ServeAsync(NamedPipeServerStream pipe)
    {
        var asked = new List<string>();
        await pipe.WaitForConnectionAsync();
        using var reader = new StreamReader(pipe, leaveOpen: true);
        while (await reader.ReadLineAsync() is { } request)
        {
            asked.Add(request);
            while (await reader.ReadLineAsync() is { Length: > 0 })
            {
                // Headers.
            }

            var status = request.Contains("/_ping", StringComparison.Ordinal) ? "200 OK" : "404 Not Found";
            await pipe.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nApi-Version: 1.44\r\nContent-Length: 2\r\n\r\n{{}}"));
        }

        return asked;
    }
}
