using SecOps.Processes;
using SecOps.Toolbox;

namespace SecOps.Scanners;

/// <summary>Runs a tool from its image when the tool itself is absent and Docker answers.</summary>
internal sealed class ContainerTool(ProcessRunner processes)
{
    private readonly Lazy<Task<bool>> answers = new(() => AnswersAsync(processes));

    /// <returns>Null when the tool has no image, or Docker does not answer.</returns>
    public async Task<ToolLocation?> FindAsync(ToolSpecification tool) =>
        tool.ContainerImage is { } image && !OperatingSystem.IsWindows() && await answers.Value ? new ToolLocation(image, "container") : null;

    /// <summary>
    /// The scanned folder appears at its own path, read-only, and so does the report's folder, so arguments are the same inside and
    /// outside. The host's network, so that a target on the host's localhost is one inside too.
    /// </summary>
    public static ProcessCall Wrap(ToolSpecification tool, ToolLocation location, ScannerCall call, string workingDirectory, string name)
    {
        var reports = Path.GetDirectoryName(call.Report)!;
        List<string> arguments =
        [
            "run", "--rm", "--name", name, "--network", "host", "--entrypoint", call.ContainerExecutable ?? tool.Executable,
            .. call.ContainerReportFolder is null ? ["--volume", $"{workingDirectory}:{workingDirectory}:ro"] : Array.Empty<string>(), "--volume", $"{reports}:{call.ContainerReportFolder ?? reports}:rw", "--workdir", call.ContainerReportFolder ?? workingDirectory,
        ];
        foreach (var variable in call.Environment.Keys)
        {
            // By name alone: docker takes the value from its own environment, so it stands in no argument.
            arguments.AddRange(["--env", variable]);
        }

        return new ProcessCall("docker", [.. arguments, location.Path, .. call.Arguments])
        {
            Environment = call.Environment,
            OutputFile = call.ReportOnOutput ? call.Report : null,
        };
    }

    /// <summary>Whoever the image runs as may write the report.</summary>
    public static void Open(string folder)
    {
        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode All = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
            File.SetUnixFileMode(folder, All | (UnixFileMode)((int)All >> 3) | (UnixFileMode)((int)All >> 6));
        }
    }

    /// <summary>A killed client leaves its container running.</summary>
    public async Task RemoveAsync(string name)
    {
        try
        {
            await processes.RunAsync(new ProcessCall("docker", ["rm", "--force", name]) { Timeout = TimeSpan.FromSeconds(15) }, CancellationToken.None);
        }
        catch (ToolNotFoundException)
        {
            // Then nothing ran.
        }
    }

    private static async Task<bool> AnswersAsync(ProcessRunner processes)
    {
        try
        {
            var result = await processes.RunAsync(
                new ProcessCall("docker", ["version", "--format", "{{.Server.Version}}"]) { Timeout = TimeSpan.FromSeconds(5) }, CancellationToken.None);
            return result is { ExitCode: 0, TimedOut: false };
        }
        catch (ToolNotFoundException)
        {
            return false;
        }
    }
}
