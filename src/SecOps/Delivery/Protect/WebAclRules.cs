using System.Text.Json.Nodes;
using SecOps.Delivery.Deploy;

namespace SecOps.Delivery.Protect;

/// <summary>The rules of a web ACL, as WAF's API has them.</summary>
internal static class WebAclRules
{
    /// <summary>The ACL's rules with ours; what else stands there stays, with its priority.</summary>
    public static (List<JsonObject> Rules, List<string> Changes) Merge(JsonObject acl, IReadOnlyList<string> groups, bool count)
    {
        List<JsonObject> rules = [.. TaskDefinitionView.Objects(acl["Rules"]).Select(r => r.DeepClone().AsObject())];
        var changes = new List<string>();
        var priority = rules.Select(r => TaskDefinitionView.Number(r["Priority"]) ?? 0).DefaultIfEmpty(-1).Max() + 1;
        foreach (var group in groups)
        {
            var wanted = count ? "Count" : "None";
            var existing = rules.Find(r => (r["Statement"] as JsonObject)?["ManagedRuleGroupStatement"] is JsonObject managed && TaskDefinitionView.Text(managed["Name"]) == group && TaskDefinitionView.Text(managed["VendorName"]) == "AWS");
            if (existing is null)
            {
                rules.Add(Rule(group, priority++, count));
                changes.Add($"{group} added");
            }
            else if ((existing["OverrideAction"] as JsonObject)?.ContainsKey(wanted) != true)
            {
                existing["OverrideAction"] = new JsonObject { [wanted] = new JsonObject() };
                changes.Add($"{group} set to {(count ? "count" : "block")}");
            }
        }

        return (rules, changes);
    }

    public static JsonObject Rule(string group, int priority, bool count) => new()
    {
        ["Name"] = group,
        ["Priority"] = priority,
        ["Statement"] = new JsonObject { ["ManagedRuleGroupStatement"] = new JsonObject { ["VendorName"] = "AWS", ["Name"] = group } },
        ["OverrideAction"] = new JsonObject { [count ? "Count" : "None"] = new JsonObject() },
        ["VisibilityConfig"] = Visibility(group),
    };

    public static JsonObject Visibility(string metric) => new() { ["SampledRequestsEnabled"] = true, ["CloudWatchMetricsEnabled"] = true, ["MetricName"] = metric };
}
