using System.Diagnostics;
using System.Text;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Processes;

// Alone: what is allocated is counted for the whole process, so other tests beside it would be counted too.
[CollectionDefinition("Alone", DisableParallelization = true)]
public sealed class Alone;

[Collection("Alone")]
public sealed class ProcessRunnerTests : IDisposable
{
    private const string Secret = "s3cr3t-value-of-a-key";

    private readonly TemporaryFolder folder = new();

    [Fact]
    public async Task Output_error_and_exit_code_are_kept()
    {
        var result = await Run("print:out", "error:err", "exit:7");
        (result.ExitCode, result.Output.Trim(), result.Error.Trim(), result.TimedOut).ShouldBe((7, "out", "err", false));
        result.LastLine().ShouldBe("err");
    }

    [Fact]
    public async Task Arguments_arrive_as_they_are() =>
        (await Run("print:a b\"c'd $HOME `x` ; é\\")).Output.TrimEnd().ShouldBe("a b\"c'd $HOME `x` ; é\\");

    [Fact]
    public async Task Input_arrives_and_ends() =>
        (await new ProcessRunner(new Redactor()).RunAsync(Call("stdin") with { Input = "hello" }, CancellationToken.None)).Output.Trim().ShouldBe("hello");

    [Fact]
    public async Task A_tool_that_ignores_its_input_does_no_harm() =>
        (await new ProcessRunner(new Redactor()).RunAsync(Call("exit:0") with { Input = new string('x', 1 << 20) }, CancellationToken.None)).ExitCode.ShouldBe(0);

    [Fact]
    public async Task A_missing_tool_is_told_apart_from_a_failing_one() =>
        await Should.ThrowAsync<ToolNotFoundException>(() => new ProcessRunner(new Redactor()).RunAsync(new ProcessCall(folder["none"], []), CancellationToken.None));

    [Fact]
    public async Task A_missing_working_folder_is_named() =>
        (await Should.ThrowAsync<SecOpsException>(() => new ProcessRunner(new Redactor()).RunAsync(Call("exit:0") with { WorkingDirectory = folder["none"] }, CancellationToken.None)))
            .Message.ShouldContain(folder["none"]);

    [Fact]
    public async Task A_flood_of_a_gigabyte_keeps_its_end_in_little_memory()
    {
        var before = GC.GetTotalAllocatedBytes();
        var result = await Run("flood:1024", "flood-error:64", "print:last words");
        result.ExitCode.ShouldBe(0);
        result.Output.ShouldEndWith("last words\n");
        result.Output.Length.ShouldBeLessThan(70_000);
        (GC.GetTotalAllocatedBytes() - before).ShouldBeLessThan(64L << 20);
    }

    [Fact]
    public async Task A_hanging_tool_is_ended_when_its_time_is_up()
    {
        var result = await Run(TimeSpan.FromMilliseconds(500), "print:before", "sleep:600");
        result.TimedOut.ShouldBeTrue();
        result.Output.Trim().ShouldBe("before");
        LeftOver().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_tool_that_ignores_sigterm_is_killed()
    {
        var result = await Run(TimeSpan.FromSeconds(1), "ignore-sigterm", "sleep:600");
        result.TimedOut.ShouldBeTrue();
        LeftOver().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("grandchild:600")]
    [InlineData("orphan:600")]
    public async Task A_child_that_holds_the_pipe_holds_nobody_up_and_is_ended(string deed)
    {
        var clock = Stopwatch.StartNew();
        var result = await Run(deed, "print:done");
        result.ExitCode.ShouldBe(0);
        result.Output.Trim().ShouldBe("done");
        // The drain is bounded by two seconds; the child would hold the pipe for ten minutes.
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromMinutes(1));
        LeftOver().ShouldBeEmpty();
    }

    [Fact]
    public async Task Cancelling_ends_the_tool_with_its_children()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(700));
        await Should.ThrowAsync<OperationCanceledException>(() => new ProcessRunner(new Redactor()).RunAsync(Call("grandchild:600", "orphan:600", "sleep:600"), stop.Token));
        LeftOver().ShouldBeEmpty();
    }

    [Fact]
    public async Task Output_can_go_to_a_file_whole()
    {
        var file = folder["out"];
        await new ProcessRunner(new Redactor()).RunAsync(Call("flood:3") with { OutputFile = file }, CancellationToken.None);
        new FileInfo(file).Length.ShouldBe(3 << 20);
    }

    [Fact]
    public async Task A_secret_comes_back_in_no_form()
    {
        var redactor = new Redactor();
        redactor.Add(Secret);
        var lines = new List<string>();
        var base64 = Convert.ToBase64String(Encoding.UTF8.GetBytes(Secret));
        var call = Call("env:KEY", $"error:before {Secret} after", $"print:{base64}", $"print:{Uri.EscapeDataString(Secret)}") with
        {
            Environment = new Dictionary<string, string?> { ["KEY"] = Secret },
            OnErrorLine = lines.Add,
            OnOutputLine = lines.Add,
        };
        var result = await new ProcessRunner(redactor).RunAsync(call, CancellationToken.None);
        var everything = result.Output + result.Error + string.Join('\n', lines);
        everything.ShouldContain("before *** after");
        everything.ShouldNotContain(Secret);
        everything.ShouldNotContain(base64);
        lines.Count.ShouldBe(4);
    }

    [Fact]
    public async Task The_environment_can_be_clean()
    {
        var call = Call("env:HOME", "env:GIVEN") with { CleanEnvironment = true, Environment = new Dictionary<string, string?> { ["GIVEN"] = "yes", ["DOTNET_ROOT"] = Path.GetDirectoryName(Environment.ProcessPath) } };
        (await new ProcessRunner(new Redactor()).RunAsync(call, CancellationToken.None)).Output.Split('\n').ShouldBe(["(not set)", "yes", ""]);
    }

    public void Dispose() => folder.Dispose();

    private static ProcessCall Call(params string[] deeds) => new(FakeTool.Path, deeds);

    private static Task<ProcessResult> Run(params string[] deeds) => new ProcessRunner(new Redactor()).RunAsync(Call(deeds), CancellationToken.None);

    private static Task<ProcessResult> Run(TimeSpan timeout, params string[] deeds) =>
        new ProcessRunner(new Redactor()).RunAsync(Call(deeds) with { Timeout = timeout, Grace = TimeSpan.FromMilliseconds(500) }, CancellationToken.None);

    /// <summary>Tools of this class that still run: they sleep for ten minutes, so any that is there was forgotten.</summary>
    private static List<string> LeftOver()
    {
        if (!OperatingSystem.IsLinux())
        {
            return [.. Process.GetProcessesByName("fake-tool").Select(p => p.ProcessName)];
        }

        // A killed process stays in the table until its parent has noticed.
        for (var attempt = 0; ; attempt++)
        {
            var found = Directory.EnumerateDirectories("/proc").Select(CommandLine).Where(c => c.StartsWith(FakeTool.Path, StringComparison.Ordinal) && c.Contains(":600", StringComparison.Ordinal)).ToList();
            if (found.Count == 0 || attempt == 20)
            {
                return found;
            }

            Thread.Sleep(100);
        }
    }

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(process + "/cmdline").Replace('\0', ' ');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
