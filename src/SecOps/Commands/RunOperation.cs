using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using SecOps.Configuration;
using SecOps.Processes;

namespace SecOps.Commands;

/// <summary>
/// Runs each stage as a secops process of its own, as a workflow would: what one stage hands to another stands in the workspace,
/// so any stage can run on another machine. Stages that need nothing of each other run together.
/// </summary>
internal sealed class RunOperation(Workspace workspace, RunOptions options)
{
    private readonly Lock gate = new();
    private RunRecord record = new("", []);

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
        record = Begin(stages, chosen, await FingerprintAsync(configuration, cancellation));
        if (options.DryRun)
        {
            foreach (var stage in stages)
            {
                var what = Status(stage) == StageStatus.Done ? "done already" : chosen.Contains(stage) ? "secops " + CommandLine.Show(stage.Arguments) : "left out";
                workspace.Terminal.Say($"{stage.Name}: {what}{(stage.Needs is { Count: > 0 } needs ? $" (after {string.Join(", ", needs)})" : "")}");
            }

            return ExitCode.Clean;
        }

        workspace.OpenFolder();
        Save();
        var tasks = new Dictionary<string, Task>();
        foreach (var stage in stages)
        {
            var before = stage.Needs!.Select(need => tasks[need]).ToList();
            tasks[stage.Name] = chosen.Contains(stage) && Status(stage) != StageStatus.Done ? FollowAsync(stage, before, stages, cancellation) : Task.WhenAll(before);
        }

        await Task.WhenAll(tasks.Values);
        Summarize();
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

    /// <summary>Takes up an interrupted run of the same commit and configuration; else begins anew.</summary>
    private RunRecord Begin(IReadOnlyList<RunStage> stages, List<RunStage> chosen, string fingerprint)
    {
        var previous = options.Restart || options.From is not null ? null : RunRecord.Read(RecordFile);
        var resumed = previous is { IsFinished: false } && IsSame(previous, fingerprint) ? previous : null;
        if (resumed?.Stages.Count(s => s.Status == StageStatus.Done) is > 0 and var done)
        {
            workspace.Terminal.Progress(string.Create(CultureInfo.InvariantCulture, $"going on with an interrupted run: {done} of {stages.Count} stages are done (--restart does them anew)"));
        }

        return new RunRecord(fingerprint, [.. stages.Select(stage => resumed?.Stages.FirstOrDefault(s => s.Name == stage.Name && s.Status == StageStatus.Done)
            ?? new StageRecord(stage.Name, chosen.Contains(stage) ? StageStatus.Waiting : StageStatus.LeftOut))]);
    }

    /// <summary>
    /// The same configuration and work tree. A stage that was killed may have changed the tree half-way (a new version, a commit):
    /// then the configuration alone decides, or what is done already would be done twice.
    /// </summary>
    private static bool IsSame(RunRecord previous, string fingerprint) =>
        previous.Fingerprint == fingerprint
        || (previous.Stages.Any(s => s.Status == StageStatus.Running) && previous.Fingerprint.Split(':')[0] == fingerprint.Split(':')[0]);

    private async Task FollowAsync(RunStage stage, List<Task> before, IReadOnlyList<RunStage> stages, CancellationToken cancellation)
    {
        await Task.WhenAll(before);
        var blocked = stage.Needs!.Any(need => Status(stages.First(s => s.Name == need)) is StageStatus.Failed or StageStatus.Stopped);
        if (blocked || cancellation.IsCancellationRequested)
        {
            Set(new StageRecord(stage.Name, StageStatus.Stopped));
            return;
        }

        Set(new StageRecord(stage.Name, StageStatus.Running));
        workspace.Terminal.Progress($"{stage.Name}: secops {CommandLine.Show(stage.Arguments)}");
        var clock = Stopwatch.StartNew();
        var code = await ProcessAsync(stage, cancellation);
        if (code == ExitCode.Clean)
        {
            // What the stage itself changed (a version, a commit) is no reason to begin anew.
            var fingerprint = await FingerprintAsync(workspace.Configuration(workspace.Directory), CancellationToken.None);
            lock (gate)
            {
                record = record with { Fingerprint = fingerprint };
            }
        }

        Set(new StageRecord(stage.Name, code == ExitCode.Clean ? StageStatus.Done : cancellation.IsCancellationRequested ? StageStatus.Stopped : StageStatus.Failed, code, clock.ElapsedMilliseconds));
    }

    private async Task<int> ProcessAsync(RunStage stage, CancellationToken cancellation)
    {
        List<string> global = ["--output", workspace.Folder];
        if (workspace.Options.Config is { } config)
        {
            global.AddRange(["--config", workspace.FullPath(config)]);
        }

        foreach (var (given, name) in new[] { (workspace.Options.Offline, "--offline"), (workspace.Options.Verbose, "--verbose"), (workspace.Options.Quiet, "--quiet"), (!workspace.Terminal.Color, "--no-color") })
        {
            if (given)
            {
                global.Add(name);
            }
        }

        var (executable, first) = Self();
        void Line(string line) => workspace.Terminal.Progress($"{stage.Name} | {line}");
        try
        {
            var call = new ProcessCall(executable, [.. first, .. stage.Arguments, .. global]) { WorkingDirectory = workspace.Directory, OnOutputLine = Line, OnErrorLine = Line, Grace = TimeSpan.FromSeconds(30) };
            return (await workspace.Processes.RunAsync(call, cancellation)).ExitCode;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Cancelled;
        }
    }

    /// <summary>How this program was started: by its own executable, or by dotnet with its assembly.</summary>
    private static (string Executable, string[] First) Self()
    {
        var process = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(process) == "dotnet"
            ? (process, [Path.Combine(AppContext.BaseDirectory, Assembly.GetExecutingAssembly().GetName().Name + ".dll")])
            : (process, []);
    }

    private async Task<string> FingerprintAsync(SecOpsConfiguration configuration, CancellationToken cancellation)
    {
        static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        var settings = configuration.File is { } file ? await File.ReadAllTextAsync(file, cancellation) : "";
        var git = workspace.RootOf(workspace.Directory).Git;
        var tree = git is null ? "" : (await git.HeadAsync(cancellation)).Commit + "\0" + await git.ChangesAsync(cancellation);
        return Hash(workspace.Directory + "\0" + settings) + ":" + Hash(tree);
    }

    private StageStatus Status(RunStage stage)
    {
        lock (gate)
        {
            return record.Stages.First(s => s.Name == stage.Name).Status;
        }
    }

    private void Set(StageRecord changed)
    {
        lock (gate)
        {
            record = record with { Stages = [.. record.Stages.Select(s => s.Name == changed.Name ? changed : s)] };
            Save();
        }
    }

    private void Save() => record.Write(RecordFile);

    private void Summarize()
    {
        if (workspace.Options.Json)
        {
            using var json = new MemoryStream();
            record.Write(json);
            workspace.Terminal.Result(Encoding.UTF8.GetString(json.ToArray()));
        }

        var width = record.Stages.Max(s => s.Name.Length);
        workspace.Terminal.Say();
        foreach (var stage in record.Stages)
        {
            var time = stage.DurationMs > 0 ? Durations.Show(TimeSpan.FromMilliseconds(stage.DurationMs)) : "";
            var what = stage.Status switch
            {
                StageStatus.Done => "done",
                StageStatus.Failed => "failed: " + RunRecord.Meaning(stage.ExitCode),
                StageStatus.LeftOut => "left out",
                _ => "not run",
            };
            workspace.Terminal.Say($" {workspace.Terminal.Paint(stage.Status == StageStatus.Done ? "✓" : stage.Status == StageStatus.Failed ? "✗" : "-", stage.Status == StageStatus.Done ? "32" : "31")} {stage.Name.PadRight(width)}  {time,-10}  {what}");
        }
    }
}
