using System.Text.RegularExpressions;
using SecOps.Configuration;
using SecOps.Delivery.Build;
using SecOps.Docker;

namespace SecOps.Commands;

/// <summary>From options and configuration to the plans of a build and of its trial.</summary>
internal sealed partial class BuildPlanner(Workspace workspace, BuildOptions options, BuildSection section, string context, string folder)
{
    public BuildPlan Build(string tag, IReadOnlyDictionary<string, string> labels)
    {
        var secrets = Merge(section.Secrets, options.Secrets);
        foreach (var (id, name) in secrets)
        {
            // Both end in one comma-separated value for buildx, where a comma would add a file of this machine.
            if (!Name().IsMatch(id) || !Name().IsMatch(name))
            {
                throw SecOpsException.Usage($"the build secret \"{Terminal.Clean(id)}\": its id, and the variable's name, may hold letters, digits, '_', '.' and '-'.");
            }

            _ = Secret(name, $"the build secret {id}");
        }

        return new BuildPlan(context, tag)
        {
            Dockerfile = Dockerfile(context, options.Dockerfile ?? section.Dockerfile),
            Target = options.Target ?? section.Target,
            Arguments = Merge(section.Arguments, options.Arguments),
            Secrets = secrets,
            Labels = labels,
            Platforms = options.Platforms.Count > 0 ? options.Platforms : section.Platforms,
            CacheFrom = section.CacheFrom,
            CacheTo = section.CacheTo,
            Provenance = options.Provenance || section.Provenance,
            Sbom = options.Sbom || section.Sbom,
            SbomGenerator = section.SbomGenerator,
            NoCache = options.NoCache,
            Pull = options.Pull,
        };
    }

    /// <summary>The build of an image that only holds tests; null when none is to be built.</summary>
    public BuildPlan? TestBuild(string name) => section.Test.Context is not { } at ? null
        : new BuildPlan(Path.GetFullPath(at, folder), name)
        {
            Dockerfile = Dockerfile(Path.GetFullPath(at, folder), section.Test.Dockerfile),
            Arguments = section.Test.Arguments,
            // It lives for one run: a killed run's is known by this.
            Labels = new Dictionary<string, string> { [ImageTrial.Label] = TrialOwner.Current },
        };

    /// <param name="testImage">Null: the configured one, or the image itself.</param>
    public TrialPlan Trial(DockerImage image, string reference, string? testImage)
    {
        var smoke = section.Smoke;
        var port = smoke.Port ?? Exposed(image);
        if (smoke.Path is not null && port is null)
        {
            throw SecOpsException.Usage($"{reference} exposes no port. Name the one to ask for {smoke.Path} in build.smoke.port.");
        }

        return new TrialPlan(image.Id)
        {
            Command = smoke.Command,
            Variables = Merge(smoke.Environment, Secrets(smoke.Secrets)),
            Port = port,
            HealthPath = smoke.ExitCode is null ? smoke.Path : null,
            HealthStatus = smoke.Status,
            ExitCode = smoke.ExitCode,
            Timeout = smoke.Timeout,
            Test = !section.Test.IsWanted ? null : new TestPlan(testImage ?? section.Test.Image ?? image.Id)
            {
                Command = section.Test.Command,
                Variables = Merge(section.Test.Environment, Secrets(section.Test.Secrets)),
                Timeout = section.Test.Timeout,
            },
        };
    }

    private static int? Exposed(DockerImage image) =>
        image.Ports.Where(p => p.EndsWith("/tcp", StringComparison.Ordinal)).Select(p => int.TryParse(p[..^4], out var port) ? port : (int?)null).FirstOrDefault(p => p is not null);

    private static string? Dockerfile(string context, string? named)
    {
        var file = Path.GetFullPath(named ?? "Dockerfile", context);
        return File.Exists(file) ? named is null ? null : file
            : throw SecOpsException.Usage($"{file} does not exist. Name the folder that holds the Dockerfile, or the Dockerfile with --file.");
    }

    private IEnumerable<KeyValuePair<string, string>> Secrets(IReadOnlyDictionary<string, string> names) =>
        names.Select(n => KeyValuePair.Create(n.Key, Secret(n.Value, $"the variable {n.Key}")));

    private string Secret(string name, string what)
    {
        var value = workspace.Variable(name) is { Length: > 0 } set ? set : throw SecOpsException.Usage($"{what} comes from the environment variable {name}, which is not set.");
        workspace.Redactor.Add(value);
        return value;
    }

    private static Dictionary<string, string> Merge(IReadOnlyDictionary<string, string> first, IEnumerable<KeyValuePair<string, string>> over)
    {
        var merged = new Dictionary<string, string>(first, StringComparer.Ordinal);
        foreach (var (name, value) in over)
        {
            merged[name] = value;
        }

        return merged;
    }

    [GeneratedRegex(@"^[A-Za-z0-9_.-]+\z")]
    private static partial Regex Name();
}
