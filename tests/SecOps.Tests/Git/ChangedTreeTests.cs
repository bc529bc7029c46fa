using SecOps.Processes;
using SecOps.Scanners;
using SecOps.Testing;
using Shouldly;

namespace SecOps.Git;

public sealed class ChangedTreeTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly ProcessRunner processes = new(new Redactor());
    private readonly GitChanges changes;

    public ChangedTreeTests() => changes = new GitChanges(processes, folder.Path);

    [NeedsFact("git")]
    public async Task Staged_content_is_laid_out_not_the_work_trees_and_the_index_stays()
    {
        await CommitAsync(("a.py", "one\n"), ("kept.py", "kept\n"));
        folder.Write("a.py", "two\n");
        folder.Write("new ü.py", "new\n");
        await GitAsync("add", ".");
        folder.Write("a.py", "three\n");
        var before = await GitAsync("status", "--short");

        var files = await changes.StagedAsync(CancellationToken.None);
        using var tree = await ChangedTree.StagedAsync(changes, files, CancellationToken.None);

        tree.Files.ShouldBe(["a.py", "new ü.py"]);
        File.ReadAllText(Path.Combine(tree.Current, "a.py")).ShouldBe("two\n");
        File.ReadAllText(Path.Combine(tree.Base, "a.py")).ShouldBe("one\n");
        File.Exists(Path.Combine(tree.Current, "kept.py")).ShouldBeFalse();
        tree.Earlier.ShouldBe(["a.py"]);
        (await GitAsync("status", "--short")).ShouldBe(before);
    }

    [NeedsFact("git")]
    public async Task A_renamed_files_earlier_version_has_its_new_name()
    {
        await CommitAsync(("old/name.py", "some text that is long enough to be found again\nand more of it\n"));
        await GitAsync("mv", "old/name.py", "moved.py");
        using var tree = await ChangedTree.StagedAsync(changes, await changes.StagedAsync(CancellationToken.None), CancellationToken.None);
        tree.Files.ShouldBe(["moved.py"]);
        File.Exists(Path.Combine(tree.Base, "moved.py")).ShouldBeTrue();
    }

    [NeedsFact("git")]
    public async Task Since_a_commit_means_since_the_branches_parted_with_files_git_does_not_know()
    {
        await CommitAsync(("a.py", "one\n"), ("b.py", "one\n"));
        await GitAsync("branch", "main-line");
        await CommitAsync(("a.py", "two\n"));
        folder.Write("untracked.py", "x\n");
        var commit = await changes.MergeBaseAsync("main-line", CancellationToken.None);
        (await changes.SinceAsync(commit, CancellationToken.None)).Select(f => f.Path).Order().ShouldBe(["a.py", "untracked.py"]);
    }

    [NeedsFact("git")]
    public async Task An_unknown_reference_is_a_usage_error()
    {
        await CommitAsync(("a.py", "one\n"));
        (await Should.ThrowAsync<SecOpsException>(() => changes.MergeBaseAsync("--no-such", CancellationToken.None))).Code.ShouldBe(ExitCode.Usage);
    }

    [NeedsFact("git")]
    public async Task Before_the_first_commit_everything_staged_is_new()
    {
        await GitAsync("init", "-q");
        folder.Write("a.py", "one\n");
        await GitAsync("add", ".");
        using var tree = await ChangedTree.StagedAsync(changes, await changes.StagedAsync(CancellationToken.None), CancellationToken.None);
        tree.Files.ShouldBe(["a.py"]);
        tree.Earlier.ShouldBeEmpty();
    }

    public void Dispose() => folder.Dispose();

    private async Task CommitAsync(params (string Name, string Text)[] files)
    {
        if (!Directory.Exists(folder[".git"]))
        {
            await GitAsync("init", "-q");
        }

        foreach (var (name, text) in files)
        {
            folder.Write(name, text);
        }

        await GitAsync("add", ".");
        await GitAsync("-c", "user.name=n", "-c", "user.email=e@example.com", "commit", "-q", "-m", "m");
    }

    private async Task<string> GitAsync(params string[] arguments)
    {
        var result = await processes.RunAsync(new ProcessCall("git", arguments) { WorkingDirectory = folder.Path }, CancellationToken.None);
        result.ExitCode.ShouldBe(0, result.Error);
        return result.Output;
    }
}
