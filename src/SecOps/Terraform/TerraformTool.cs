using SecOps.Processes;

namespace SecOps.Terraform;

/// <summary>Runs the terraform that is installed, in one folder. Never asks; never applies anything but a plan that was made before.</summary>
/// <param name="executable">Full path.</param>
/// <param name="environment">Added to the inherited environment, e.g. the endpoints of an emulator.</param>
public sealed class TerraformTool(ProcessRunner processes, string executable, string folder, Action<string> say, IReadOnlyDictionary<string, string?>? environment = null)
{
    private static readonly TimeSpan Limit = TimeSpan.FromHours(2);

    /// <param name="backend">Settings for the configuration's <c>backend "s3"</c> block; empty: as it stands there.</param>
    public async Task InitAsync(IReadOnlyList<KeyValuePair<string, string>> backend, CancellationToken cancellation) =>
        await RunAsync("init", ["init", "-input=false", "-no-color", "-reconfigure", .. backend.Select(b => $"-backend-config={b.Key}={b.Value}")], cancellation);

    /// <summary>Makes a plan.</summary>
    /// <param name="file">Full path of the plan to write. It may hold secrets in clear: keep it out of artifacts.</param>
    /// <param name="takeLock">Off for a look that must write nothing.</param>
    public async Task<TerraformPlan> PlanAsync(string file, IReadOnlyList<KeyValuePair<string, string>> variables, bool destroy, bool takeLock, CancellationToken cancellation)
    {
        List<string> arguments = ["plan", "-input=false", "-no-color", "-detailed-exitcode", "-out=" + file, .. variables.Select(v => $"-var={v.Key}={v.Value}")];
        if (destroy)
        {
            arguments.Add("-destroy");
        }

        if (!takeLock)
        {
            arguments.Add("-lock=false");
        }

        // 0: nothing to do, 2: something to do; https://developer.hashicorp.com/terraform/cli/commands/plan
        await RunAsync("plan", arguments, cancellation, 0, 2);
        var json = file + ".json";
        try
        {
            await RunAsync("show", ["show", "-json", "-no-color", file], cancellation, outputFile: json);
            using var stream = File.OpenRead(json);
            return TerraformPlan.Parse(stream);
        }
        finally
        {
            File.Delete(json);
        }
    }

    /// <summary>Applies exactly that plan; terraform refuses it when the state has changed since.</summary>
    public Task ApplyAsync(string file, CancellationToken cancellation) =>
        RunAsync("apply", ["apply", "-input=false", "-no-color", file], cancellation, show: true);

    /// <summary>The outputs as JSON, to a file.</summary>
    public Task OutputsAsync(string file, CancellationToken cancellation) => RunAsync("output", ["output", "-json", "-no-color"], cancellation, outputFile: file);

    private Task RunAsync(string step, IReadOnlyList<string> arguments, CancellationToken cancellation, string? outputFile = null, bool show = false) =>
        RunAsync(step, arguments, [0], outputFile, show, cancellation);

    private Task RunAsync(string step, IReadOnlyList<string> arguments, CancellationToken cancellation, params int[] good) => RunAsync(step, arguments, good, null, false, cancellation);

    private async Task RunAsync(string step, IReadOnlyList<string> arguments, int[] good, string? outputFile, bool show, CancellationToken cancellation)
    {
        var result = await processes.RunAsync(
            new ProcessCall(executable, arguments)
            {
                WorkingDirectory = folder,
                OutputFile = outputFile,
                Timeout = Limit,
                // Terraform writes its state and gives the lock back when it is asked to end.
                Grace = TimeSpan.FromMinutes(2),
                OnOutputLine = show ? say : null,
                Environment = new Dictionary<string, string?>(environment ?? new Dictionary<string, string?>()) { ["TF_IN_AUTOMATION"] = "1", ["CHECKPOINT_DISABLE"] = "1", ["TF_CLI_ARGS"] = null },
            },
            cancellation);
        if (good.Contains(result.ExitCode) && !result.TimedOut)
        {
            return;
        }

        var words = string.Join('\n', (result.Error + "\n" + result.Output).Split('\n').Select(l => l.Trim('│', '╷', '╵', ' ', '\r')).Where(l => l.Length > 0).Take(25));
        if (words.Contains("acquiring the state lock", StringComparison.Ordinal))
        {
            throw SecOpsException.Tool($"another terraform holds the lock of the state in {folder}:\n{words}\nWait until it has ended; if it was killed, run \"terraform force-unlock ID\" with the ID above.");
        }

        throw SecOpsException.Tool(result.TimedOut
            ? $"terraform {step} in {folder} did not end within {Durations.Show(Limit)} and was stopped."
            : $"terraform {step} in {folder} failed:\n{words}");
    }
}
