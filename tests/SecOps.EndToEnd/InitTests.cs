using SecOps.Processes;
using SecOps.Testing;
using Shouldly;

namespace SecOps.EndToEnd;

/// <summary><c>secops init</c>: writes what fits, overwrites nothing.</summary>
public sealed class InitTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [NeedsFact(Tool.Variable, "bandit", "git")]
    public async Task What_it_writes_works_and_a_second_call_overwrites_nothing()
    {
        await GitAsync("init", "-q");
        folder.Write("app.py", "print('hello')\n");
        var first = await Tool.RunAsync(folder.Path, "init", "--hook", "--workflow");
        first.ExitCode.ShouldBe(0, first.Error);
        File.ReadAllText(folder["secops.yml"]).ShouldContain("require: [bandit]");
        File.ReadAllText(folder[".github/workflows/secops.yml"]).ShouldContain("secops scan .");
        (await Tool.RunAsync(folder.Path, "scan", ".")).ExitCode.ShouldBe(0);
        (await Tool.RunAsync(folder.Path, "run", "--dry-run")).ExitCode.ShouldBe(0);

        folder.Write("secops.yml", "# mine\n");
        var second = await Tool.RunAsync(folder.Path, "init");
        second.ExitCode.ShouldBe(2);
        second.Error.ShouldContain("--force");
        File.ReadAllText(folder["secops.yml"]).ShouldBe("# mine\n");
    }

    [NeedsFact(Tool.Variable)]
    public async Task A_dry_run_prints_and_writes_nothing()
    {
        folder.Write("Dockerfile", "FROM scratch\n");
        var result = await Tool.RunAsync(folder.Path, "init", "--dry-run", "--workflow");
        result.ExitCode.ShouldBe(0, result.Error);
        result.Output.ShouldContain("failOn: high");
        result.Output.ShouldContain("permissions:");
        Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName).ShouldBe(["Dockerfile"]);
    }

    [NeedsFact(Tool.Variable)]
    public async Task A_hook_needs_a_repository() =>
        (await Tool.RunAsync(folder.Path, "init", "--hook")).Error.ShouldContain("is not in a git repository");

    [NeedsFact(Tool.Variable)]
    public async Task The_schema_is_printed() => (await Tool.RunAsync(folder.Path, "init", "--schema")).Output.ShouldContain("\"title\": \"secops.yml\"");

    [NeedsFact(Tool.Variable)]
    public async Task Alone_it_says_in_five_lines_what_it_sees_and_what_comes_next()
    {
        folder.Write("app.py", "print('hello')\n");
        var result = await Tool.RunWithAsync(folder.Path, new() { ["PATH"] = "/nowhere" });
        result.ExitCode.ShouldBe(0, result.Error);
        var lines = result.Output.TrimEnd().Split('\n');
        lines.Length.ShouldBe(5);
        lines[^1].ShouldStartWith("next: secops tools install bandit");
    }

    public void Dispose() => folder.Dispose();

    private async Task GitAsync(params string[] arguments) =>
        (await new ProcessRunner(new Redactor()).RunAsync(new ProcessCall(Parts.Executable("git"), arguments) { WorkingDirectory = folder.Path }, CancellationToken.None)).ExitCode.ShouldBe(0);
}
