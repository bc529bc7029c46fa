using System.Diagnostics;
using System.Globalization;
using System.Text;
using SecOps.Registry;
using SecOps.Testing;
using Shouldly;

namespace SecOps.EndToEnd.Delivery;

/// <summary>Ctrl+C at each point of a build and a push: what runs then ends, nothing is left, and meanwhile no secret could be read.</summary>
[Xunit.Collection("Docker Engine")]
public sealed class InterruptTests : IDisposable
{
    private const string Password = "registry-passw0rd-0f-the-test";

    private readonly Project project = new(Environment.GetEnvironmentVariable("SECOPS_TEST_REGISTRY") ?? "localhost");
    private readonly TemporaryFolder folder = new();
    private readonly string mark = Guid.NewGuid().ToString("N");

    public void Dispose()
    {
        project.Dispose();
        folder.Dispose();
    }

    [NeedsFact(Tool.Variable, "DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE")]
    public async Task While_a_step_is_built()
    {
        // A length of its own names the process, which the Engine has started and nobody else.
        var seconds = Random.Shared.Next(10_000, 99_999).ToString(CultureInfo.InvariantCulture);
        project.Write("Dockerfile", $"FROM {Parts.Variable("SECOPS_TEST_BASE_IMAGE")}\nRUN --mount=type=secret,id=key sleep {seconds}\n");

        await StopAsync(() => Running($"sleep\0{seconds}"), "build", "--secret", "key=env:TEST_SECRET", "--no-cache");

        await EventuallyAsync(() => !Running($"sleep\0{seconds}"));
    }

    [NeedsFact(Tool.Variable, "DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE")]
    public async Task While_the_container_is_waited_for()
    {
        project.Configure("", smoke: "url: /nothing");

        await StopAsync(() => LeftoversAsync().Result.Length > 0, "build");
    }

    [NeedsFact(Tool.Variable, "DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE")]
    public async Task While_a_layer_goes_up()
    {
        var arriving = false;
        using var server = new LoopbackServer(request => request.HttpMethod switch
        {
            "POST" => new Answer(202) { Headers = { ["Location"] = "/v2/upload" } },
            "PATCH" => new Answer(0) { Never = arriving = true },
            _ => new Answer(request.Url!.AbsolutePath == "/v2/" ? 200 : 404),
        });
        await BuildAsync();
        await Project.DockerAsync([], "tag", project.Image + ":1.0.0", $"{server.Host}/app:1");

        await StopAsync(() => arriving, "push", $"{server.Host}/app:1");
    }

    [NeedsFact(Tool.Variable, "DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE", "SECOPS_TEST_REGISTRY")]
    public async Task While_cosign_signs()
    {
        Hanging("cosign");
        await BuildAsync();

        await StopAsync(() => File.Exists(folder["cosign.runs"]), "push", "--sign", "cosign");
    }

    [NeedsFact(Tool.Variable, "DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE", "SECOPS_TEST_REGISTRY")]
    public async Task While_Docker_Content_Trust_signs()
    {
        await BuildAsync();
        Hanging("docker");
        project.Configure("push: {dct: {server: \"https://127.0.0.1:1\", signer: alice, key: env:SIGNER, passphrase: env:SIGNER_PASSPHRASE}}");

        await StopAsync(() => File.Exists(folder["docker.runs"]), "push", "--sign", "dct");
    }

    [NeedsFact(Tool.Variable, "DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE", "SECOPS_TEST_REGISTRY", "bandit")]
    public async Task While_the_verdict_is_attached()
    {
        await BuildAsync();
        (await project.SecOpsAsync("scan", ".", "--only", "bandit")).ExitCode.ShouldBe(0);
        (await project.SecOpsAsync("push", "--generate-key", "gate.key")).ExitCode.ShouldBe(0);
        var id = (await Project.DockerAsync([], "inspect", "--format", "{{.Id}}", project.Image + ":1.0.0")).Output.Trim();
        var attaching = false;
        using var server = new LoopbackServer(request => request.Url!.AbsolutePath.Contains("/referrers/", StringComparison.Ordinal)
            ? new Answer(0) { Never = attaching = true }
            : new Answer(200, $$"""{"schemaVersion":2,"config":{"digest":"{{id}}"} }"""));
        await Project.DockerAsync([], "tag", project.Image + ":1.0.0", $"{server.Host}/app:1");

        await StopAsync(() => attaching, "push", $"{server.Host}/app:1", "--key", "gate.key");
    }

    private async Task BuildAsync()
    {
        var built = await project.SecOpsAsync("build", "--no-test", "--quiet");
        built.ExitCode.ShouldBe(0, built.Error);
    }

    /// <summary>A tool that shows that it runs, and then does nothing.</summary>
    private void Hanging(string name) => File.SetUnixFileMode(
        folder.Write("bin/" + name, $"#!/bin/sh\ntouch '{folder[name + ".runs"]}'\nsleep 600\n"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    private async Task StopAsync(Func<bool> reached, params string[] arguments)
    {
        Directory.CreateDirectory(folder["tmp"]);
        var start = new ProcessStartInfo(Tool.Path, arguments)
        {
            WorkingDirectory = project.Path, RedirectStandardError = true, RedirectStandardOutput = true,
            Environment =
            {
                ["TEST_SECRET"] = Project.Secret, ["PATH"] = folder["bin"] + Path.PathSeparator + Parts.SearchPath, ["TMPDIR"] = folder["tmp"],
                // The runtime's own pipes would lie in the folder that is read here.
                ["DOTNET_EnableDiagnostics"] = "0", ["SECOPS_TEST_MARK"] = mark,
                ["SECOPS_REGISTRY_USERNAME"] = "someone", ["SECOPS_REGISTRY_PASSWORD"] = Password,
                ["SIGNER"] = Convert.ToBase64String("-----BEGIN PRIVATE KEY-----\nbm90IGEga2V5\n-----END PRIVATE KEY-----\n"u8), ["SIGNER_PASSPHRASE"] = "passphrase-0f-the-test",
            },
        };
        using var running = Process.Start(start)!;
        var output = new StringBuilder();
        void Take(object sender, DataReceivedEventArgs line)
        {
            lock (output)
            {
                output.AppendLine(line.Data);
            }
        }

        running.OutputDataReceived += Take;
        running.ErrorDataReceived += Take;
        running.BeginOutputReadLine();
        running.BeginErrorReadLine();
        await EventuallyAsync(() => reached() || running.HasExited);
        running.HasExited.ShouldBeFalse(output.ToString());

        string[] secrets = [Project.Secret, Password, "passphrase-0f-the-test", "bm90IGEga2V5"];
        CommandLines().ShouldNotContain(line => secrets.Any(s => line.Contains(s, StringComparison.Ordinal)));
        Files(folder["tmp"]).Concat(Files(project[".secops"])).ShouldNotContain(text => secrets.Any(s => text.Contains(s, StringComparison.Ordinal)));

        using (var kill = Process.Start("kill", ["-INT", running.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using (limit.Token.Register(() => running.Kill(entireProcessTree: true)))
        {
            await running.WaitForExitAsync();
        }

        running.ExitCode.ShouldBe(130, output.ToString());
        output.ToString().ShouldContain("cancelled");
        output.ToString().ShouldNotContain(Password);
        (await LeftoversAsync()).ShouldBeEmpty();
        Directory.GetFileSystemEntries(folder["tmp"], "secops*").ShouldBeEmpty();
        Marked().ShouldBeEmpty();
    }

    private static async Task EventuallyAsync(Func<bool> condition)
    {
        for (var i = 0; i < 600 && !condition(); i++)
        {
            await Task.Delay(50);
        }

        condition().ShouldBeTrue();
    }

    private static async Task<string> LeftoversAsync() => await Project.LeftoversAsync()
        + (await Project.DockerAsync([], "images", "--quiet", "--filter", "label=dev.secops.owner")).Output;

    private static bool Running(string words) => CommandLines().Any(line => line.Contains(words, StringComparison.Ordinal));

    private static List<string> CommandLines() => [.. Processes("cmdline")];

    /// <summary>Processes that inherited this run's environment.</summary>
    private List<string> Marked() => [.. Processes("environ").Where(e => e.Contains(mark, StringComparison.Ordinal))];

    private static IEnumerable<string> Processes(string file) => Directory.EnumerateDirectories("/proc")
        .Where(p => char.IsAsciiDigit(Path.GetFileName(p)[0])).Select(p => Read(Path.Combine(p, file)));

    private static IEnumerable<string> Files(string at) => Directory.Exists(at) ? Directory.EnumerateFiles(at, "*", SearchOption.AllDirectories).Select(Read) : [];

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
