using System.Runtime.InteropServices;
using SecOps.Processes;
using SecOps.Toolbox;

namespace SecOps.Scanners;

/// <summary>
/// Runs a tool from its image when the tool itself is absent and Docker answers. What is scanned appears at its own path and read-only, the
/// report's folder at its own path too, so arguments are the same inside and outside. No capabilities, no network but what the tool needs,
/// no Docker socket but for the scan of an image.
/// </summary>
internal sealed partial class ContainerTool(ProcessRunner processes, ScannerSettings settings)
{
    private const string Kept = "/secops-cache";

    private static readonly string[] Proxies = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"];

    private readonly Lazy<Task<bool?>> rootless = new(() => RootlessAsync(processes));

    /// <returns>Null when the tool has no image, or no Docker Engine of this machine answers.</returns>
    /// <exception cref="SecOpsException">With exit code 3: the image cannot be had.</exception>
    public async Task<ToolLocation?> FindAsync(ToolSpecification tool, CancellationToken cancellation)
    {
        // A remote Engine cannot see the files here.
        var here = settings.Variable("DOCKER_HOST") is not { Length: > 0 } host || host.StartsWith("unix://", StringComparison.Ordinal);
        if (!here || ImageOf(tool) is not { } image || await rootless.Value is null)
        {
            return null;
        }

        if ((await DockerAsync(["image", "inspect", "--format", "{{.Id}}", image], cancellation)).ExitCode == 0)
        {
            return new ToolLocation(image, "container");
        }

        if (settings.Offline)
        {
            throw SecOpsException.Incomplete($"{tool.Executable} is not installed, and its image {image} is not here (--offline).");
        }

        var pull = await DockerAsync(["pull", "--quiet", image], cancellation);
        return pull.ExitCode == 0
            ? new ToolLocation(image, "container")
            : throw SecOpsException.Incomplete($"{tool.Executable} is not installed, and its image {image} cannot be pulled: {pull.LastLine()}");
    }

    /// <summary>The version that the image's tag names; null when it names none.</summary>
    public static string? VersionOf(ToolLocation location) =>
        location.Path.Split('@')[0].Split('/')[^1].Split(':') is [_, var tag] && ToolVersion.Usual.Match(tag) is { Success: true } match ? match.Groups[1].Value : null;

    /// <param name="name">The container's.</param>
    public async Task<ProcessCall> WrapAsync(ToolSpecification tool, ToolLocation location, ScannerCall call, ScanTarget target, string name)
    {
        var reports = Path.GetDirectoryName(call.Report)!;
        // To read images of this machine, as root: the socket belongs to root.
        var socket = target is ImageTarget ? (settings.Variable("DOCKER_HOST") ?? "unix:///var/run/docker.sock")["unix://".Length..] : null;
        var ownUser = tool.Image!.OwnUser || socket is not null;
        var network = Network(tool.Image, target);
        List<string> arguments =
        [
            "run", "--rm", "--pull", "never", "--name", name, "--network", network,
            // Files of others stay readable for root, as they are outside.
            "--cap-drop", "ALL", "--cap-add", "DAC_OVERRIDE", "--security-opt", "no-new-privileges",
            "--entrypoint", call.ContainerExecutable ?? tool.Executable, "--workdir", call.ContainerReportFolder ?? call.WorkingDirectory ?? (target as SourceTarget)?.Root ?? reports,
            .. Mount(reports, call.ContainerReportFolder ?? reports),
        ];
        if (target is SourceTarget source)
        {
            arguments.AddRange(Mount(source.Root, source.Root, ",readonly"));
        }

        if (socket is not null)
        {
            arguments.AddRange(Mount(socket, "/var/run/docker.sock"));
        }

        if (!ownUser)
        {
            // What is written belongs to whoever runs this; a rootless Engine calls that user root.
            arguments.AddRange(["--user", await rootless.Value == true ? "0:0" : $"{EffectiveUser()}:{EffectiveGroup()}", "--env", "HOME=/tmp"]);
        }

        if (tool.Image.CacheVariable is { } variable)
        {
            var kept = Path.Combine(UserCache.Of(settings.Variable), "images", ownUser ? tool.Name + "-own" : tool.Name);
            Directory.CreateDirectory(kept);
            arguments.AddRange([.. Mount(kept, Kept), "--env", $"{variable}={Kept}"]);
        }

        // By name alone: docker takes values from its own environment, so no secret stands in an argument.
        foreach (var passed in call.Environment.Keys.Concat(network == "none" ? [] : Proxies.Where(p => !string.IsNullOrEmpty(settings.Variable(p)))))
        {
            arguments.AddRange(["--env", passed]);
        }

        Open(reports);
        return new ProcessCall("docker", [.. arguments, location.Path, .. call.Arguments])
        {
            Environment = call.Environment,
            OutputFile = call.ReportOnOutput ? call.Report : null,
        };
    }

    /// <summary>Makes a report that the image's user wrote ours: it may have to be changed and moved.</summary>
    public static void TakeOver(string report)
    {
        File.Copy(report, report + ".own");
        File.Move(report + ".own", report, overwrite: true);
    }

    /// <summary>A killed client leaves its container running.</summary>
    public async Task RemoveAsync(string name) => await DockerAsync(["rm", "--force", name], CancellationToken.None, TimeSpan.FromSeconds(15));

    /// <summary>The image that stands in for the tool; null when there is none, or none may be used.</summary>
    public string? ImageOf(ToolSpecification tool) =>
        tool.Image is null || !settings.Containers || OperatingSystem.IsWindows() ? null : settings.Images.GetValueOrDefault(tool.Name) ?? ToolLock.Own.Images.GetValueOrDefault(tool.Name);

    private string Network(ToolImage image, ScanTarget target) => target switch
    {
        UrlTarget => "host",
        _ when image.Network == ToolNetwork.Host => "host",
        SourceTarget when image.Network == ToolNetwork.None || settings.Offline => "none",
        _ => "bridge",
    };

    /// <summary>--mount refuses a folder that the Engine does not see, where --volume would make an empty one. Its value is a line of CSV.</summary>
    private static string[] Mount(string from, string to, string more = "")
    {
        static string Field(string text) => text.AsSpan().IndexOfAny(",\"") < 0 ? text : "\"" + text.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
        return ["--mount", $"type=bind,{Field("source=" + from)},{Field("target=" + to)}{more}"];
    }

    /// <summary>Whoever the image runs as may write the report.</summary>
    private static void Open(string folder)
    {
        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode All = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
            File.SetUnixFileMode(folder, All | (UnixFileMode)((int)All >> 3) | (UnixFileMode)((int)All >> 6));
        }
    }

    private Task<ProcessResult> DockerAsync(IReadOnlyList<string> arguments, CancellationToken cancellation, TimeSpan? timeout = null) =>
        processes.RunAsync(new ProcessCall("docker", arguments) { Timeout = timeout ?? Timeout.InfiniteTimeSpan }, cancellation);

    /// <returns>Null when no Engine answers.</returns>
    private static async Task<bool?> RootlessAsync(ProcessRunner processes)
    {
        try
        {
            var result = await processes.RunAsync(
                new ProcessCall("docker", ["info", "--format", "{{.ServerVersion}} {{.SecurityOptions}}"]) { Timeout = TimeSpan.FromSeconds(5) }, CancellationToken.None);
            return result is { ExitCode: 0, TimedOut: false } ? result.Output.Contains("name=rootless", StringComparison.Ordinal) : null;
        }
        catch (ToolNotFoundException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "getegid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint EffectiveGroup();
}
