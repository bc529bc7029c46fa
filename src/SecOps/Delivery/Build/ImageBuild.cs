using System.Text.RegularExpressions;
using SecOps.Processes;

namespace SecOps.Delivery.Build;

/// <summary>One build of an image.</summary>
/// <param name="Context">Folder, full path.</param>
/// <param name="Tag">The name it gets.</param>
public sealed record BuildPlan(string Context, string Tag)
{
    public string? Dockerfile { get; init; }

    public string? Target { get; init; }

    public IReadOnlyDictionary<string, string> Arguments { get; init; } = new Dictionary<string, string>();

    /// <summary>BuildKit's secret id, and the environment variable that holds it.</summary>
    public IReadOnlyDictionary<string, string> Secrets { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<string> Platforms { get; init; } = [];

    public IReadOnlyList<string> CacheFrom { get; init; } = [];

    public IReadOnlyList<string> CacheTo { get; init; } = [];

    public bool Provenance { get; init; }

    public bool Sbom { get; init; }

    /// <summary>The image that BuildKit runs to list what is inside; null: its own, from Docker Hub.</summary>
    public string? SbomGenerator { get; init; }

    public bool NoCache { get; init; }

    public bool Pull { get; init; }

    /// <summary>What only BuildKit can.</summary>
    public bool NeedsBuildKit => Secrets.Count > 0 || Platforms.Count > 1 || CacheTo.Count > 0 || Provenance || Sbom;
}

/// <summary>Builds with BuildKit through <c>docker buildx build</c>, or with the plain builder where buildx is absent.</summary>
public sealed partial class ImageBuild(ProcessRunner processes)
{
    private const int Kept = 400;

    /// <param name="output">Gets each line of the builder as it comes.</param>
    /// <exception cref="SecOpsException">The build failed: the step and its last lines; or something is missing.</exception>
    /// <exception cref="ToolNotFoundException">docker is not installed.</exception>
    public async Task RunAsync(BuildPlan plan, Action<string> output, CancellationToken cancellation)
    {
        var buildx = (await processes.RunAsync(new ProcessCall("docker", ["buildx", "version"]) { Timeout = TimeSpan.FromSeconds(30) }, cancellation)).ExitCode == 0;
        if (!buildx && plan.NeedsBuildKit)
        {
            throw SecOpsException.Tool("this build needs BuildKit (secrets, several platforms, a cache to write, provenance or SBOM) and docker has no buildx. Install the package docker-buildx (docker-buildx-plugin).");
        }

        var lines = new Queue<string>();
        // A step that prints much must not push its own name out.
        var headings = new List<string>();
        void Take(string line)
        {
            var clean = Terminal.Clean(Style().Replace(line, "")).TrimEnd();
            lines.Enqueue(clean);
            if (lines.Count > Kept && lines.Dequeue() is var old && Heading().IsMatch(old) && headings.Count < Kept)
            {
                headings.Add(old);
            }

            output(clean);
        }

        var gate = new Lock();
        void Locked(string line)
        {
            lock (gate)
            {
                Take(line);
            }
        }

        var call = new ProcessCall("docker", [.. buildx ? BuildKit(plan) : Plain(plan), plan.Context])
        {
            OnErrorLine = Locked,
            OnOutputLine = Locked,
            // Without buildx the docker command would still try BuildKit and fail.
            Environment = buildx ? new Dictionary<string, string?>() : new Dictionary<string, string?> { ["DOCKER_BUILDKIT"] = "0" },
        };
        var result = await processes.RunAsync(call, cancellation);
        if (result.ExitCode != 0)
        {
            throw SecOpsException.Tool(BuildFailure.Explain([.. headings, .. lines]));
        }
    }

    private static List<string> BuildKit(BuildPlan plan)
    {
        List<string> arguments = ["buildx", "build", "--progress", "plain"];
        // Several platforms cannot be loaded into a classic store; the containerd store takes them.
        arguments.Add("--load");
        arguments.Add(plan.Provenance ? "--provenance=mode=max" : "--provenance=false");
        arguments.Add(!plan.Sbom ? "--sbom=false" : plan.SbomGenerator is { } generator ? "--sbom=generator=" + generator : "--sbom=true");
        foreach (var (id, variable) in plan.Secrets)
        {
            arguments.AddRange(["--secret", $"id={id},env={variable}"]);
        }

        if (plan.Platforms.Count > 0)
        {
            arguments.AddRange(["--platform", string.Join(',', plan.Platforms)]);
        }

        arguments.AddRange(plan.CacheFrom.SelectMany(c => new[] { "--cache-from", c }));
        arguments.AddRange(plan.CacheTo.SelectMany(c => new[] { "--cache-to", c }));
        return [.. arguments, .. Common(plan)];
    }

    private static List<string> Plain(BuildPlan plan)
    {
        // It would leave the container of a failed step behind.
        List<string> arguments = ["build", "--force-rm"];
        arguments.AddRange(plan.Platforms.SelectMany(p => new[] { "--platform", p }));
        arguments.AddRange(plan.CacheFrom.SelectMany(c => new[] { "--cache-from", c }));
        return [.. arguments, .. Common(plan)];
    }

    private static IEnumerable<string> Common(BuildPlan plan) =>
    [
        "--tag", plan.Tag,
        .. plan.Dockerfile is { } file ? new[] { "--file", file } : [],
        .. plan.Target is { } target ? new[] { "--target", target } : [],
        .. plan.NoCache ? new[] { "--no-cache" } : [],
        .. plan.Pull ? new[] { "--pull" } : [],
        .. plan.Arguments.SelectMany(a => new[] { "--build-arg", $"{a.Key}={a.Value}" }),
        .. plan.Labels.SelectMany(l => new[] { "--label", $"{l.Key}={l.Value}" }),
    ];

    [GeneratedRegex(@"\e\[[0-9;]*m")]
    private static partial Regex Style();

    [GeneratedRegex(@"^(#[0-9]+ \[|Step [0-9]+/)")]
    private static partial Regex Heading();
}
