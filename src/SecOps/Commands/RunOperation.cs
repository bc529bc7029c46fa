using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SecOps.Configuration;
using SecOps.Scanners;
using SecOps.Toolbox;

namespace SecOps.Commands;

/// <summary>
/// Runs each stage as a secops process of its own, as a workflow would: what one stage hands to another stands in the workspace,
/// so any stage can run on another machine. Stages that need nothing of each other run together.
/// </summary>
internal sealed class RunOperation(Workspace workspace, RunOptions options)
{
    private readonly Lock gate = new();
    private RunRecord record = new("", default, "", []);

    private string RecordFile => Path.Combine(workspace.Folder, "run.json");

    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var configuration = workspace.Configuration(workspace.Directory);
        var stages = configuration.Run.Stages;
        if (stages.Count == 0)
        {
            throw SecOpsException.Usage($"{configuration.File ?? SecOpsConfiguration.FileName} names no stages. Add run.stages, or let \"secops init\" write them.");
        }

        var chosen = Chosen(stages);
        if (options.DryRun)
        {
            record = Begin(stages, chosen, await FingerprintAsync(configuration, cancellation));
            return DryRun(stages);
        }

        workspace.OpenFolder();
        using var alone = FileLock.TryTake(Path.Combine(workspace.Folder, "cache", "run.lock"))
            ?? throw SecOpsException.Tool($"another \"secops run\" is at work in {workspace.Folder}. Wait until it has ended, or give this one a folder of its own with --output.");
        // A killed run may have left a stage that is still ending.
        (await FileLock.TakeAsync(StageProcess.LockFile(workspace.Folder), () => workspace.Terminal.Progress("waiting for a stage of an earlier run to end"), cancellation)).Dispose();
        AtomicFile.RemoveLeftovers(workspace.Folder, "*");
        record = Begin(stages, chosen, await FingerprintAsync(configuration, cancellation));
        if (record.Stages.Count(s => s.Status == StageStatus.Done) is > 0 and var done)
        {
            workspace.Terminal.Progress(string.Create(CultureInfo.InvariantCulture, $"going on with an earlier run: {done} of {stages.Count} stages are done (--restart does them anew)"));
        }

        record.Write(RecordFile);
        var tasks = new Dictionary<string, Task>();
        foreach (var stage in stages)
        {
            var before = stage.Needs!.Select(need => tasks[need]).ToList();
            tasks[stage.Name] = Status(stage.Name) == StageStatus.Waiting ? FollowAsync(stage, before, stages, cancellation) : Task.WhenAll(before);
        }

        await Task.WhenAll(tasks.Values);
        Summarize(stages);
        return cancellation.IsCancellationRequested ? ExitCode.Cancelled : record.Stages.FirstOrDefault(s => s.Status == StageStatus.Failed)?.ExitCode ?? ExitCode.Clean;
    }

    private List<RunStage> Chosen(IReadOnlyList<RunStage> stages)
    {
        int Index(string option, string name)
        {
            CommandValues.Known(option, name, stages.Select(s => s.Name));
            return stages.ToList().FindIndex(s => s.Name == name);
        }

        var first = options.From is { } from ? Index("--from", from) : 0;
        var last = options.Until is { } until ? Index("--until", until) : stages.Count - 1;
        return first <= last
            ? [.. stages.Skip(first).Take(last - first + 1)]
            : throw SecOpsException.Usage($"--from {options.From} stands after --until {options.Until}; there is nothing to run.");
    }

    /// <summary>
    /// Takes up an earlier run of the same configuration and work tree that has not done all that is asked for now; else begins anew.
    /// A stage counts as done only together with all that it needs.
    /// </summary>
    private RunRecord Begin(IReadOnlyList<RunStage> stages, List<RunStage> chosen, string fingerprint)
    {
        var previous = options.Restart || options.From is not null ? null : RunRecord.Read(RecordFile);
        var done = new Dictionary<string, StageRecord>();
        if (previous?.Fingerprint == fingerprint)
        {
            foreach (var stage in stages.Where(s => s.Needs!.All(done.ContainsKey)))
            {
                if (previous.Stages.FirstOrDefault(s => s.Name == stage.Name && s.Status == StageStatus.Done) is { } earlier)
                {
                    done[stage.Name] = earlier;
                }
            }
        }

        if (done.Count == 0 || chosen.TrueForAll(s => done.ContainsKey(s.Name)))
        {
            done.Clear();
            previous = null;
        }

        return new RunRecord(previous?.Id ?? Guid.NewGuid().ToString("N"), previous?.StartedAt ?? workspace.Clock.GetUtcNow(), fingerprint, [.. stages.Select(stage =>
            done.GetValueOrDefault(stage.Name) ?? new StageRecord(stage.Name, chosen.Contains(stage) ? StageStatus.Waiting : StageStatus.LeftOut))]);
    }

    private int DryRun(IReadOnlyList<RunStage> stages)
    {
        foreach (var stage in stages)
        {
            var what = Status(stage.Name) switch
            {
                StageStatus.Done => "done already",
                StageStatus.LeftOut => "left out",
                _ => "secops " + CommandLine.Show(stage.Arguments),
            };
            var after = stage.Needs is { Count: > 0 } needs ? $" (after {string.Join(", ", needs)}{(stage.Always ? ", also when it failed" : "")})" : "";
            workspace.Terminal.Say($"{stage.Name}: {what}{after}");
        }

        return ExitCode.Clean;
    }

    private async Task FollowAsync(RunStage stage, List<Task> before, IReadOnlyList<RunStage> stages, CancellationToken cancellation)
    {
        await Task.WhenAll(before);
        if (cancellation.IsCancellationRequested || IsBlocked(stage, stages))
        {
            Set(new StageRecord(stage.Name, StageStatus.Stopped));
            return;
        }

        Set(new StageRecord(stage.Name, StageStatus.Running));
        workspace.Terminal.Progress($"{stage.Name}: secops {CommandLine.Show(stage.Arguments)}");
        var clock = Stopwatch.StartNew();
        var times = StageProduct.Times(stage, workspace.Folder);
        var code = await StageProcess.RunAsync(workspace, record.Id, stage, cancellation);
        if (code == ExitCode.Clean && stage.Arguments[0] is "build" or "remediate")
        {
            // What the stage itself changed (fixes, a version) is no reason to begin anew.
            var fingerprint = await FingerprintAsync(workspace.Configuration(workspace.Directory), CancellationToken.None);
            lock (gate)
            {
                record = record with { Fingerprint = fingerprint };
            }
        }

        var status = code == ExitCode.Clean ? StageStatus.Done : cancellation.IsCancellationRequested ? StageStatus.Stopped : StageStatus.Failed;
        Set(new StageRecord(stage.Name, status, code, clock.ElapsedMilliseconds) { Produced = StageProduct.Files(stage, workspace.Folder, times) });
    }

    /// <summary>Something before it has failed, however far back; what always runs lacks only what it would tell about.</summary>
    private bool IsBlocked(RunStage stage, IReadOnlyList<RunStage> stages)
    {
        if (stage.Always)
        {
            // Findings of an earlier run must not go out as this one's.
            return stage.Arguments[0] == "report" && HasFailed("scan") && File.GetLastWriteTimeUtc(workspace.FindingsFile) < record.StartedAt.UtcDateTime;
        }

        return stage.Needs!.Any(need => Status(need) is StageStatus.Failed or StageStatus.Stopped || IsAfterFailure(stages.First(s => s.Name == need)));

        bool IsAfterFailure(RunStage before) =>
            Status(before.Name) is StageStatus.Failed or StageStatus.Stopped || before.Needs!.Any(need => IsAfterFailure(stages.First(s => s.Name == need)));

        bool HasFailed(string command) => stages.Any(s => s.Arguments[0] == command && Status(s.Name) == StageStatus.Failed);
    }

    private async Task<string> FingerprintAsync(SecOpsConfiguration configuration, CancellationToken cancellation)
    {
        static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        var settings = configuration.File is { } file ? await File.ReadAllTextAsync(file, cancellation) : "";
        var (git, root) = workspace.RootOf(workspace.Directory);
        string tree;
        if (git is null)
        {
            var files = await SourceFiles.ListAsync(null, root, workspace.Directory, cancellation);
            tree = string.Join('\n', files.Select(f => (Name: f, Info: new FileInfo(Path.Combine(root, f)))).Where(f => f.Info.Exists)
                .Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Name}:{f.Info.Length}:{f.Info.LastWriteTimeUtc.Ticks}")));
        }
        else
        {
            var version = Path.GetFullPath(configuration.Build.Version.File ?? "VERSION", configuration.File is { } named ? Path.GetDirectoryName(Path.GetFullPath(named))! : workspace.Directory);
            tree = await git.StateAsync(Path.GetRelativePath(root, version).Replace('\\', '/'), cancellation);
        }

        return Hash(workspace.Directory + "\0" + settings + "\0" + tree);
    }

    private StageStatus Status(string stage)
    {
        lock (gate)
        {
            return record[stage].Status;
        }
    }

    private void Set(StageRecord changed)
    {
        lock (gate)
        {
            record = record with { Stages = [.. record.Stages.Select(s => s.Name == changed.Name ? changed : s)] };
            record.Write(RecordFile);
        }
    }

    private void Summarize(IReadOnlyList<RunStage> stages)
    {
        if (workspace.Options.Json)
        {
            using var json = new MemoryStream();
            record.Write(json);
            workspace.Terminal.Result(Encoding.UTF8.GetString(json.ToArray()));
        }

        var terminal = workspace.Terminal;
        var width = stages.Max(s => s.Name.Length);
        var lines = record.Stages.Select(s => (Stage: s, What: s.Status switch
        {
            StageStatus.Done => "done",
            StageStatus.Failed => "failed: " + RunRecord.Meaning(s.ExitCode),
            StageStatus.LeftOut => "left out",
            _ => "not run",
        })).ToList();
        var column = lines.Max(l => l.What.Length);
        terminal.Say();
        foreach (var (stage, what) in lines)
        {
            var time = stage.DurationMs > 0 ? Durations.Show(TimeSpan.FromMilliseconds(stage.DurationMs)) : "";
            var (mark, style) = stage.Status switch { StageStatus.Done => ("✓", "32"), StageStatus.Failed => ("✗", "31"), _ => ("-", "33") };
            var produced = StageProduct.Describe(stages.First(s => s.Name == stage.Name), workspace.Folder, stage.Produced);
            terminal.Say($" {terminal.Paint(mark, style)} {stage.Name.PadRight(width)}  {time,-10}  {what.PadRight(column)}  {Terminal.Clean(produced)}".TrimEnd());
        }
    }
}
