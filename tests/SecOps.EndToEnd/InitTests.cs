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
    public async Task It_tells_what_it_sees_in_projects_of_other_kinds_and_what_it_writes_can_be_run()
    {
        (await InitAsync()).ShouldContain("seen here: an empty folder");
        (await Tool.RunAsync(folder.Path, "run", "--dry-run")).ExitCode.ShouldBe(0);
        folder.Write("package.json", "{}");
        folder.Write("package-lock.json", "{}");
        (await InitAsync("--force")).ShouldContain("seen here: package-lock.json (Node)");
        File.ReadAllText(folder["secops.yml"]).ShouldContain("# trivy fits too (package-lock.json)");
        folder.Write("infra/main.tf", "");
        folder.Write("web/Dockerfile", "FROM scratch\n");
        folder.Write("services/api/Dockerfile.prod", "FROM scratch\n");
        folder.Write("services/api/requirements.txt", "");
        folder.Write("services/api/app.py", "");
        (await InitAsync("--force")).ShouldContain("seen here: package-lock.json (Node), services/api/requirements.txt (Python), web/Dockerfile and 1 more, Terraform in infra");
        var text = File.ReadAllText(folder["secops.yml"]);
        text.ShouldContain("command: build web --tag ");
        text.ShouldContain("secops init services/api");
        (await Tool.RunAsync(folder.Path, "run", "--dry-run")).ExitCode.ShouldBe(0);

        // One service of several: its own file, and a workflow that works in its folder.
        await GitAsync("init", "-q");
        (await Tool.RunAsync(folder.Path, "init", "services/api", "--workflow")).ExitCode.ShouldBe(0);
        File.ReadAllText(folder["services/api/secops.yml"]).ShouldContain("build . --tag api:dev --file Dockerfile.prod");
        var workflow = File.ReadAllText(folder[".github/workflows/secops-services-api.yml"]);
        workflow.ShouldContain("working-directory: services/api");
        workflow.ShouldContain("path: services/api/.secops");
    }

    [NeedsFact(Tool.Variable, "git")]
    public async Task A_hook_that_is_there_is_kept_and_runs_first()
    {
        await GitAsync("init", "-q");
        folder.Write("secops.yml", "");
        folder.Write(".git/hooks/pre-commit", $"#!/bin/sh\necho ran >>{folder["ran"]}\nexit $(cat {folder["code"]})\n");
        File.SetUnixFileMode(folder[".git/hooks/pre-commit"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        (await InitAsync("--hook")).ShouldContain("kept .git/hooks/pre-commit as pre-commit.before-secops; it runs first");
        (await InitAsync("--hook")).ShouldContain("runs \"secops scan --staged\" already");

        folder.Write("bin/secops", $"#!/bin/sh\necho \"secops $*\" >>{folder["ran"]}\n");
        File.SetUnixFileMode(folder["bin/secops"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        foreach (var (code, ran) in new[] { ("1", "ran\n"), ("0", "ran\nran\nsecops scan --staged\n") })
        {
            folder.Write("code", code);
            var commit = await ProcessAsync("git", new() { ["PATH"] = folder["bin"] + ":" + Parts.SearchPath }, "-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "--allow-empty", "-m", "x");
            (commit.ExitCode == 0).ShouldBe(code == "0", commit.Error);
            File.ReadAllText(folder["ran"]).ShouldBe(ran);
        }
    }

    [NeedsFact(Tool.Variable, "git")]
    public async Task A_hook_goes_where_this_repository_has_its_hooks_and_nowhere_else()
    {
        await GitAsync("init", "-q");
        folder.Write("secops.yml", "");
        await GitAsync("config", "core.hooksPath", ".githooks");
        (await InitAsync("--hook")).ShouldContain("wrote .githooks/pre-commit");

        await GitAsync("config", "core.hooksPath", ".husky/_");
        folder.Write(".husky/pre-commit", "npm test");
        (await InitAsync("--hook")).ShouldContain("wrote .husky/pre-commit");
        File.ReadAllText(folder[".husky/pre-commit"]).ShouldBe("npm test\nsecops scan --staged\n");
        (await InitAsync("--hook")).ShouldContain("already");

        using var shared = new TemporaryFolder();
        await GitAsync("config", "core.hooksPath", shared.Path);
        var outside = await Tool.RunAsync(folder.Path, "init", "--hook");
        outside.ExitCode.ShouldBe(2);
        outside.Error.ShouldContain("a hook there runs in every repository");
        Directory.GetFileSystemEntries(shared.Path).ShouldBeEmpty();

        folder.Write(".pre-commit-config.yaml", "repos: []\n");
        (await InitAsync("--hook")).ShouldContain("entry: secops scan --staged");
        File.ReadAllText(folder[".pre-commit-config.yaml"]).ShouldBe("repos: []\n");
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

    private async Task<string> InitAsync(params string[] arguments)
    {
        var result = await Tool.RunAsync(folder.Path, ["init", .. arguments]);
        result.ExitCode.ShouldBe(0, result.Error);
        return result.Output;
    }

    private async Task GitAsync(params string[] arguments) => (await ProcessAsync("git", [], arguments)).ExitCode.ShouldBe(0);

    private Task<ProcessResult> ProcessAsync(string executable, Dictionary<string, string?> environment, params string[] arguments) =>
        new ProcessRunner(new Redactor()).RunAsync(new ProcessCall(Parts.Executable(executable), arguments) { WorkingDirectory = folder.Path, Environment = environment }, CancellationToken.None);
}
