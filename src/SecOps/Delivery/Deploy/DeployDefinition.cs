using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SecOps.Delivery.Push;

namespace SecOps.Delivery.Deploy;

/// <summary>Makes the task definition to register from the running one or a file, and tells how they differ.</summary>
public static partial class DeployDefinition
{
    // What DescribeTaskDefinition answers and RegisterTaskDefinition does not take.
    private static readonly string[] ReadOnly =
        ["taskDefinitionArn", "revision", "status", "requiresAttributes", "compatibilities", "registeredAt", "registeredBy", "deregisteredAt", "deleteRequestedAt", "tags"];

    /// <summary>A copy with the image in one container; every field that we do not know stays.</summary>
    /// <exception cref="SecOpsException">No container, or more than one, could be meant (exit code 2).</exception>
    public static (JsonObject Definition, string Container) WithImage(JsonObject source, EcrImage image, string? container)
    {
        var copy = Registrable(source);
        var containers = TaskDefinitionView.Objects(copy["containerDefinitions"]).ToList();
        var names = containers.Select(c => TaskDefinitionView.Text(c["name"]) ?? "").ToList();
        var fitting = container is not null ? containers.Where(c => TaskDefinitionView.Text(c["name"]) == container).ToList()
            : containers.Count == 1 ? containers
            : containers.Where(c => TaskDefinitionView.Text(c["image"]) is { } current && EcrImage.Parse(current).Name == image.Name).ToList();
        if (fitting.Count != 1)
        {
            throw SecOpsException.Usage(container is not null
                ? $"the task definition has no container \"{Terminal.Clean(container)}\"; it has {string.Join(", ", names)}."
                : $"{(fitting.Count == 0 ? "no container" : "more than one container")} of the task definition runs {image.Name}. Name one with --container: {string.Join(", ", names)}.");
        }

        fitting[0]["image"] = image.Pinned;
        return (copy, TaskDefinitionView.Text(fitting[0]["name"]) ?? "");
    }

    /// <summary>A copy without what only AWS writes.</summary>
    public static JsonObject Registrable(JsonObject source)
    {
        var copy = source.DeepClone().AsObject();
        foreach (var name in ReadOnly)
        {
            copy.Remove(name);
        }

        return copy;
    }

    /// <summary>The differences as lines such as <c>web.image: old → new</c>. Values of what looks like a secret are not shown.</summary>
    public static IReadOnlyList<string> Diff(JsonObject before, JsonObject after)
    {
        var (old, wanted) = (Flatten(Registrable(before)), Flatten(Registrable(after)));
        return
        [
            .. old.Keys.Union(wanted.Keys).Order(StringComparer.Ordinal)
                .Where(key => old.GetValueOrDefault(key) != wanted.GetValueOrDefault(key))
                .Select(key => (old.TryGetValue(key, out var from), wanted.TryGetValue(key, out var to)) switch
                {
                    (true, true) => $"~ {key}: {Shown(key, from)} → {Shown(key, to)}",
                    (true, false) => $"- {key}: {Shown(key, from)}",
                    _ => $"+ {key}: {Shown(key, to)}",
                }),
        ];
    }

    private static string Shown(string key, string? value) => SecretName().IsMatch(key) && !key.Contains("valueFrom", StringComparison.Ordinal) ? "(not shown)" : Terminal.Clean(value);

    private static SortedDictionary<string, string> Flatten(JsonObject definition)
    {
        var lines = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Walk("", definition, lines);
        var portStays = TaskDefinitionView.Text(definition["networkMode"]) is "awsvpc" or "host";
        foreach (var key in lines.Keys.Where(key => IsDefault(key, lines, portStays)).ToList())
        {
            lines.Remove(key);
        }

        return lines;
    }

    /// <summary>What ECS writes into a container definition that leaves it out; a definition from a file would differ for ever.</summary>
    private static bool IsDefault(string key, SortedDictionary<string, string> lines, bool portStays) =>
        key.IndexOf('.', StringComparison.Ordinal) > 0 && key[(key.LastIndexOf('.') + 1)..] switch
        {
            "cpu" => lines[key] == "0",
            "essential" => lines[key] == "true",
            "protocol" => lines[key] == "tcp",
            "hostPort" => portStays ? lines.GetValueOrDefault(key[..^"hostPort".Length] + "containerPort") == lines[key] : lines[key] == "0",
            _ => false,
        };

    private static void Walk(string path, JsonNode? node, SortedDictionary<string, string> lines)
    {
        switch (node)
        {
            case JsonObject members:
                foreach (var (name, value) in members)
                {
                    // Containers by name, without the outer word: it is what every line would begin with.
                    Walk(path.Length == 0 ? name == "containerDefinitions" ? "" : name : path + "." + name, value, lines);
                }

                break;
            case JsonArray items:
                for (var i = 0; i < items.Count; i++)
                {
                    var named = items[i] is JsonObject item ? TaskDefinitionView.Text(item["name"]) : null;
                    var index = named ?? i.ToString(CultureInfo.InvariantCulture);
                    Walk(path.Length == 0 ? index : named is null ? $"{path}[{index}]" : $"{path}.{index}", items[i], lines);
                }

                break;
            case null:
                break;
            default:
                lines[path] = node.ToString();
                break;
        }
    }

    [GeneratedRegex(@"(SECRET|PASSWORD|PASSWD|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIAL)[^.]*\.value$", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();
}
