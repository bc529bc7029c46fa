using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SecOps.Delivery.Deploy;

namespace SecOps.Delivery.Permissions;

/// <summary>
/// What a role's own policies allow: enough of https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
/// to say that a permission is missing. Conditions are taken as met; permission boundaries and service control policies are not seen.
/// </summary>
public sealed class RolePolicy
{
    private readonly List<(bool Allow, List<string> Actions, bool NotAction, List<string> Resources, bool NotResource)> statements = [];

    /// <param name="document">JSON, perhaps percent-encoded as IAM returns it.</param>
    public void Add(string? document)
    {
        foreach (var statement in Statements(document))
        {
            var notAction = statement["NotAction"] is not null;
            var notResource = statement["NotResource"] is not null;
            statements.Add((TaskDefinitionView.Text(statement["Effect"]) == "Allow", Many(statement[notAction ? "NotAction" : "Action"]), notAction, Many(statement[notResource ? "NotResource" : "Resource"]), notResource));
        }
    }

    public bool Allows(string action, string resource) =>
        statements.Exists(s => s.Allow && Applies(s, action, resource)) && !statements.Exists(s => !s.Allow && Applies(s, action, resource));

    /// <summary>Whether a trust policy lets a service assume the role; Action and Service may be a text or a list.</summary>
    public static bool Trusts(string? document, string service) => Statements(document).Exists(s =>
        TaskDefinitionView.Text(s["Effect"]) == "Allow"
        && Many(s["Action"]).Exists(a => Matches(a, "sts:AssumeRole", ignoreCase: true))
        && (TaskDefinitionView.Text(s["Principal"]) == "*" || Many((s["Principal"] as JsonObject)?["Service"]).Contains(service)));

    private static bool Applies((bool Allow, List<string> Actions, bool NotAction, List<string> Resources, bool NotResource) s, string action, string resource) =>
        s.Actions.Exists(a => Matches(a, action, ignoreCase: true)) != s.NotAction && s.Resources.Exists(r => Matches(r, resource, ignoreCase: false)) != s.NotResource;

    private static List<JsonObject> Statements(string? document)
    {
        try
        {
            var text = document?.TrimStart().StartsWith('%') == true ? Uri.UnescapeDataString(document) : document ?? "{}";
            return JsonNode.Parse(text) is not JsonObject policy ? [] : policy["Statement"] is JsonObject lone ? [lone] : [.. TaskDefinitionView.Objects(policy["Statement"])];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static List<string> Many(JsonNode? node) => TaskDefinitionView.Text(node) is { } lone ? [lone] : [.. TaskDefinitionView.Texts(node)];

    private static bool Matches(string pattern, string text, bool ignoreCase) => Regex.IsMatch(
        text,
        "^" + Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal).Replace("\\?", ".", StringComparison.Ordinal) + "$",
        (ignoreCase ? RegexOptions.IgnoreCase : RegexOptions.None) | RegexOptions.NonBacktracking);
}
