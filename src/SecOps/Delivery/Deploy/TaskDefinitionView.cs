using System.Globalization;
using System.Text.Json.Nodes;

namespace SecOps.Delivery.Deploy;

/// <summary>What we read of a task definition. The definition itself stays whole, so that nothing of it is lost.</summary>
public sealed class TaskDefinitionView(JsonObject json)
{
    public JsonObject Json { get; } = json;

    public string Arn => Text(Json["taskDefinitionArn"]) ?? Family;

    public string Family => Text(Json["family"]) ?? "";

    /// <summary>family:revision, as people name it.</summary>
    public string Name => Number(Json["revision"]) is { } revision ? string.Create(CultureInfo.InvariantCulture, $"{Family}:{revision}") : Family;

    public string? ExecutionRoleArn => Text(Json["executionRoleArn"]);

    public string? TaskRoleArn => Text(Json["taskRoleArn"]);

    public string NetworkMode => Text(Json["networkMode"]) ?? "bridge";

    /// <summary>X86_64 or ARM64. Null: it is not said, and the instances decide; Fargate takes X86_64 then.</summary>
    public string? Architecture => Text((Json["runtimePlatform"] as JsonObject)?["cpuArchitecture"]) ?? (IsFargate ? "X86_64" : null);

    /// <summary>LINUX or WINDOWS_SERVER_…</summary>
    public string OperatingSystem => Text((Json["runtimePlatform"] as JsonObject)?["operatingSystemFamily"]) ?? "LINUX";

    public bool IsFargate => Texts(Json["requiresCompatibilities"]).Contains("FARGATE");

    public IReadOnlyList<ContainerView> Containers => [.. Objects(Json["containerDefinitions"]).Select(c => new ContainerView(c))];

    internal static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    internal static int? Number(JsonNode? node) => node is JsonValue value && value.TryGetValue<int>(out var number) ? number : null;

    internal static bool? Flag(JsonNode? node) => node is JsonValue value && value.TryGetValue<bool>(out var flag) ? flag : null;

    internal static IEnumerable<JsonObject> Objects(JsonNode? node) => (node as JsonArray)?.OfType<JsonObject>() ?? [];

    internal static IEnumerable<string> Texts(JsonNode? node) => (node as JsonArray)?.Select(Text).OfType<string>() ?? [];
}

/// <summary>What we read of a container definition.</summary>
public sealed class ContainerView(JsonObject json)
{
    public JsonObject Json { get; } = json;

    public string Name => TaskDefinitionView.Text(Json["name"]) ?? "";

    public string Image => TaskDefinitionView.Text(Json["image"]) ?? "";

    public bool Essential => TaskDefinitionView.Flag(Json["essential"]) ?? true;

    public IReadOnlyList<int> Ports => [.. TaskDefinitionView.Objects(Json["portMappings"]).Select(p => TaskDefinitionView.Number(p["containerPort"])).OfType<int>()];

    public IReadOnlyList<KeyValuePair<string, string>> Environment =>
        [.. TaskDefinitionView.Objects(Json["environment"]).Select(e => new KeyValuePair<string, string>(TaskDefinitionView.Text(e["name"]) ?? "", TaskDefinitionView.Text(e["value"]) ?? ""))];

    public IReadOnlyList<string> Command => [.. TaskDefinitionView.Texts(Json["entryPoint"]), .. TaskDefinitionView.Texts(Json["command"])];

    /// <summary>Name and the ARN or parameter name that the agent reads.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Secrets =>
        [.. TaskDefinitionView.Objects(Json["secrets"]).Select(s => new KeyValuePair<string, string>(TaskDefinitionView.Text(s["name"]) ?? "", TaskDefinitionView.Text(s["valueFrom"]) ?? ""))];

    public string? LogDriver => TaskDefinitionView.Text((Json["logConfiguration"] as JsonObject)?["logDriver"]);

    public string? LogOption(string name) => TaskDefinitionView.Text(((Json["logConfiguration"] as JsonObject)?["options"] as JsonObject)?[name]);

    public IReadOnlyList<string> HealthCommand => [.. TaskDefinitionView.Texts((Json["healthCheck"] as JsonObject)?["command"])];
}
