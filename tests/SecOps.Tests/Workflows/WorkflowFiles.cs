using SecOps.Commands;
using SecOps.Testing;
using YamlDotNet.RepresentationModel;

namespace SecOps.Workflows;

/// <summary>Every workflow and action of this repository, and what <c>secops init --workflow</c> writes.</summary>
internal static class WorkflowFiles
{
    public static IReadOnlyList<(string Name, string Text)> All { get; } =
    [
        .. new[] { ".github/workflows", ".github/actions" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Parts.Repository, folder), "*.yml", SearchOption.AllDirectories))
            .Select(file => (Path.GetRelativePath(Parts.Repository, file).Replace('\\', '/'), File.ReadAllText(file))),
        ("generated.yml", WorkflowTemplate.Write(Project(10), ConfigurationTemplate.Write(Project(10)))),
        ("generated-sharded.yml", WorkflowTemplate.Write(Project(ProjectFacts.ManyFiles), "")),
        ("generated-in-folder.yml", WorkflowTemplate.Write(Project(10) with { Prefix = "services/api/" }, "")),
        .. new[] { "flask-app", "weather-app" }.SelectMany(sample => new[] { 10, ProjectFacts.ManyFiles }.Select(files =>
            ($"generated-{sample}-{files}.yml", WorkflowTemplate.Write(Project(files), File.ReadAllText(Path.Combine(Parts.Repository, "samples", sample, "secops.yml")))))),
    ];

    public static YamlMappingNode Parse(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return (YamlMappingNode)stream.Documents[0].RootNode;
    }

    /// <summary>All mappings below a node, it included.</summary>
    public static IEnumerable<YamlMappingNode> Mappings(YamlNode node) => node switch
    {
        YamlMappingNode map => map.Children.Values.SelectMany(Mappings).Prepend(map),
        YamlSequenceNode list => list.SelectMany(Mappings),
        _ => [],
    };

    public static string? Text(YamlMappingNode map, string key) => map.Children.TryGetValue(new YamlScalarNode(key), out var value) ? (value as YamlScalarNode)?.Value : null;

    private static ProjectFacts Project(int files) => new("shop", "", files) { Python = true, Dependencies = ["requirements.txt (Python)"], Dockerfiles = ["Dockerfile"], Terraform = "terraform", Tests = true };
}
