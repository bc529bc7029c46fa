using System.Security.Cryptography;
using System.Text.Json;
using SecOps.Processes;
using SecOps.Testing;
using Shouldly;

namespace SecOps.EndToEnd.Delivery;

/// <summary>A small web project in a git repository, with an image name of its own in a test registry.</summary>
internal sealed class Project : IDisposable
{
    public const string Secret = "s3cret-value-0f-the-t3st";

    private static readonly ProcessRunner Runner = new(new Redactor());
    private readonly TemporaryFolder folder = new();

    public Project(string registry)
    {
        Image = $"{registry}/e2e/p{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(5))}";
        folder.Write("app.py", """
            import http.server
            class Handler(http.server.BaseHTTPRequestHandler):
                def do_GET(self):
                    self.send_response(200 if self.path == "/health" else 404)
                    self.end_headers()
                def log_message(self, *args):
                    print("asked for", self.path, flush=True)
            print("starting", flush=True)
            http.server.ThreadingHTTPServer(("", 8080), Handler).serve_forever()
            """);
        folder.Write("Dockerfile", $"""
            FROM {Environment.GetEnvironmentVariable("SECOPS_TEST_BASE_IMAGE") ?? "scratch"}
            COPY app.py /app.py
            EXPOSE 8080
            CMD ["python3", "/app.py"]
            """);
        folder.Write("VERSION", "1.0.0\n");
        folder.Write(".gitignore", ".secops/\nno-*/\n*.key\n*.pub\n");
        Configure("");
    }

    public string Path => folder.Path;

    /// <summary>Registry and repository.</summary>
    public string Image { get; }

    public string this[string name] => folder[name];

    /// <summary>Writes <c>secops.yml</c>: a build with smoke run and test, and what the test adds.</summary>
    public void Configure(string more, string smoke = "url: /health", string test = "import os,urllib.request as u; assert os.environ['TOKEN']; u.urlopen(os.environ['SECOPS_APP_URL'] + '/health')") =>
        folder.Write("secops.yml", $$"""
            gate: {failOn: high}
            build:
              image: {{Image}}
              smoke: { {{smoke}}, timeout: 20s}
              test:
                command: [python3, -c, "{{test}}"]
                secrets: {TOKEN: env:TEST_SECRET}
              version: {commit: true, tag: true}
            {{more}}
            """);

    public void Write(string name, string text) => folder.Write(name, text);

    public async Task CommitAsync()
    {
        if (!Directory.Exists(folder[".git"]))
        {
            await RunAsync("git", "init", "-q", "-b", "main");
            await RunAsync("git", "config", "user.email", "a@example.com");
            await RunAsync("git", "config", "user.name", "A");
        }

        await RunAsync("git", "add", ".");
        await RunAsync("git", "commit", "-q", "-m", "work");
    }

    public Task<ProcessResult> SecOpsAsync(params string[] arguments) => SecOpsAsync([], arguments);

    public Task<ProcessResult> SecOpsAsync(Dictionary<string, string?> environment, params string[] arguments)
    {
        environment.TryAdd("TEST_SECRET", Secret);
        return Tool.RunWithAsync(Path, environment, arguments);
    }

    /// <summary>The JSON that a command printed on standard output, after it ended well.</summary>
    public static JsonElement Json(ProcessResult result)
    {
        result.ExitCode.ShouldBe(0, result.Error);
        using var json = JsonDocument.Parse(result.Output);
        return json.RootElement.Clone();
    }

    /// <summary>What secops may have left in the Engine.</summary>
    public static async Task<string> LeftoversAsync() =>
        (await DockerAsync([], "ps", "--all", "--quiet", "--filter", "label=dev.secops.owner")).Output
        + (await DockerAsync([], "network", "ls", "--quiet", "--filter", "label=dev.secops.owner")).Output;

    public static Task<ProcessResult> DockerAsync(Dictionary<string, string?> environment, params string[] arguments) =>
        Runner.RunAsync(new ProcessCall(Parts.Executable("docker"), arguments) { Environment = environment, Timeout = TimeSpan.FromMinutes(1) }, CancellationToken.None);

    public void Dispose() => folder.Dispose();

    private async Task RunAsync(string executable, params string[] arguments)
    {
        var result = await Runner.RunAsync(new ProcessCall(Parts.Executable(executable), arguments) { WorkingDirectory = Path }, CancellationToken.None);
        result.ExitCode.ShouldBe(0, result.Error);
    }
}
