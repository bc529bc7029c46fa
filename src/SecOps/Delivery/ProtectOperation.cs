using System.Text.Json.Nodes;
using SecOps.Aws;
using SecOps.Aws.WafV2;

namespace SecOps.Delivery;

/// <summary>What became of one part of the protection.</summary>
public enum ProtectOutcome { Already, Changed, WouldChange, Refused }

/// <param name="Part">waf, waf-association, guardduty, inspector.</param>
public sealed record ProtectResult(string Part, ProtectOutcome Outcome, string Resource, string Message);

/// <summary>What is to be protected, and how.</summary>
public sealed record ProtectRequest
{
    /// <summary>ARN; null: no web ACL.</summary>
    public string? LoadBalancer { get; init; }

    public required string Name { get; init; }

    /// <summary>Names of AWS's managed rule groups.</summary>
    public required IReadOnlyList<string> RuleGroups { get; init; }

    /// <summary>Count instead of block.</summary>
    public bool Count { get; init; }

    public bool GuardDuty { get; init; } = true;

    public bool Inspector { get; init; } = true;

    public bool DryRun { get; init; }

    /// <summary>A new web ACL takes a while until it can be associated.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(5);

    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>Turns WAF, GuardDuty and Inspector on. Idempotent: what is so already is left alone, and said.</summary>
public sealed class ProtectOperation(AwsClients aws, ProtectRequest request, TimeProvider clock)
{
    /// <summary>A web ACL can't use more (https://docs.aws.amazon.com/waf/latest/developerguide/aws-waf-capacity-units.html).</summary>
    private const long MostCapacity = 5000;

    private readonly List<ProtectResult> results = [];

    public async Task<IReadOnlyList<ProtectResult>> RunAsync(CancellationToken cancellation)
    {
        if (request.LoadBalancer is { } balancer)
        {
            await PartAsync("waf", balancer, async () =>
            {
                if (await EnsureAclAsync(cancellation) is { } acl)
                {
                    await PartAsync("waf-association", balancer, () => AssociateAsync(acl, balancer, cancellation));
                }
            });
        }

        if (request.GuardDuty)
        {
            await PartAsync("guardduty", aws.Region, () => GuardDutyAsync(cancellation));
        }

        if (request.Inspector)
        {
            await PartAsync("inspector", aws.Region, () => InspectorAsync(cancellation));
        }

        return results;
    }

    private async Task PartAsync(string part, string resource, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (AwsException e) when (!e.IsCredentials)
        {
            // The other parts are worth having all the same.
            results.Add(new ProtectResult(part, ProtectOutcome.Refused, resource, e.Message));
        }
    }

    /// <returns>The web ACL's ARN; null when it would be made only now.</returns>
    private async Task<string?> EnsureAclAsync(CancellationToken cancellation)
    {
        for (var attempt = 0; ; attempt++)
        {
            var summary = await FindAsync(cancellation);
            if (summary is null)
            {
                return await CreateAsync(cancellation);
            }

            var current = await aws.WafV2.GetWebACLAsync(new() { Name = summary.Name, Scope = "REGIONAL", Id = summary.Id }, cancellation);
            var acl = current.WebACL ?? throw SecOpsException.Tool($"WAF did not answer with the web ACL {summary.Name}.");
            var (rules, changes) = Merge(acl);
            if (changes.Count == 0)
            {
                Add("waf", ProtectOutcome.Already, summary.ARN!, $"the web ACL {request.Name} has {string.Join(", ", request.RuleGroups)} already.");
                return summary.ARN;
            }

            if (request.DryRun)
            {
                Add("waf", ProtectOutcome.WouldChange, summary.ARN!, $"the web ACL {request.Name} would be changed: {string.Join("; ", changes)}.");
                return summary.ARN;
            }

            try
            {
                await CheckCapacityAsync(rules, cancellation);
                await aws.WafV2.UpdateWebACLAsync(
                    new()
                    {
                        Name = summary.Name,
                        Scope = "REGIONAL",
                        Id = summary.Id,
                        DefaultAction = Copy(acl, "DefaultAction"),
                        Description = TaskDefinitionView.Text(acl["Description"]) is { Length: > 0 } text ? text : null,
                        Rules = rules,
                        VisibilityConfig = Copy(acl, "VisibilityConfig"),
                        // An update replaces everything: what is left out would be lost.
                        CustomResponseBodies = Copy(acl, "CustomResponseBodies"),
                        CaptchaConfig = Copy(acl, "CaptchaConfig"),
                        ChallengeConfig = Copy(acl, "ChallengeConfig"),
                        TokenDomains = [.. TaskDefinitionView.Texts(acl["TokenDomains"])],
                        AssociationConfig = Copy(acl, "AssociationConfig"),
                        LockToken = current.LockToken,
                    },
                    cancellation);
                Add("waf", ProtectOutcome.Changed, summary.ARN!, $"the web ACL {request.Name} was changed: {string.Join("; ", changes)}.");
                return summary.ARN;
            }
            catch (AwsException e) when (e.Is("WAFOptimisticLock") && attempt < 5)
            {
                // Somebody else changed it meanwhile: read again, and add ours to that.
            }
        }
    }

    private async Task<string?> CreateAsync(CancellationToken cancellation)
    {
        var groups = string.Join(", ", request.RuleGroups);
        if (request.DryRun)
        {
            Add("waf", ProtectOutcome.WouldChange, request.Name, $"the web ACL {request.Name} would be made with {groups}, and associated with {request.LoadBalancer}.");
            return null;
        }

        List<JsonObject> rules = [.. request.RuleGroups.Select((group, i) => Rule(group, i))];
        await CheckCapacityAsync(rules, cancellation);
        var made = await aws.WafV2.CreateWebACLAsync(
            new() { Name = request.Name, Scope = "REGIONAL", DefaultAction = new JsonObject { ["Allow"] = new JsonObject() }, Rules = rules, VisibilityConfig = Visibility(request.Name) }, cancellation);
        Add("waf", ProtectOutcome.Changed, made.Summary?.ARN ?? request.Name, $"the web ACL {request.Name} was made with {groups}, which {(request.Count ? "count" : "block")}.");
        return made.Summary?.ARN;
    }

    /// <summary>The ACL's rules with ours; what else stands there stays, with its priority.</summary>
    private (List<JsonObject> Rules, List<string> Changes) Merge(JsonObject acl)
    {
        List<JsonObject> rules = [.. TaskDefinitionView.Objects(acl["Rules"]).Select(r => r.DeepClone().AsObject())];
        var changes = new List<string>();
        var priority = rules.Select(r => TaskDefinitionView.Number(r["Priority"]) ?? 0).DefaultIfEmpty(-1).Max() + 1;
        foreach (var group in request.RuleGroups)
        {
            var wanted = request.Count ? "Count" : "None";
            var existing = rules.Find(r => TaskDefinitionView.Text(((r["Statement"] as JsonObject)?["ManagedRuleGroupStatement"] as JsonObject)?["Name"]) == group);
            if (existing is null)
            {
                rules.Add(Rule(group, priority++));
                changes.Add($"{group} added");
            }
            else if ((existing["OverrideAction"] as JsonObject)?.ContainsKey(wanted) != true)
            {
                existing["OverrideAction"] = new JsonObject { [wanted] = new JsonObject() };
                changes.Add($"{group} set to {(request.Count ? "count" : "block")}");
            }
        }

        return (rules, changes);
    }

    private JsonObject Rule(string group, int priority) => new()
    {
        ["Name"] = group,
        ["Priority"] = priority,
        ["Statement"] = new JsonObject { ["ManagedRuleGroupStatement"] = new JsonObject { ["VendorName"] = "AWS", ["Name"] = group } },
        ["OverrideAction"] = new JsonObject { [request.Count ? "Count" : "None"] = new JsonObject() },
        ["VisibilityConfig"] = Visibility(group),
    };

    private static JsonObject Visibility(string metric) => new() { ["SampledRequestsEnabled"] = true, ["CloudWatchMetricsEnabled"] = true, ["MetricName"] = metric };

    private static JsonObject? Copy(JsonObject acl, string member) => acl[member] is JsonObject { Count: > 0 } found ? found.DeepClone().AsObject() : null;

    private async Task CheckCapacityAsync(List<JsonObject> rules, CancellationToken cancellation)
    {
        long? capacity;
        try
        {
            capacity = (await aws.WafV2.CheckCapacityAsync(new() { Scope = "REGIONAL", Rules = rules }, cancellation)).Capacity;
        }
        catch (AwsException e) when (!e.IsCredentials && !e.Is("WAFInvalidParameter", "WAFNonexistentItem", "WAFLimitsExceeded"))
        {
            // WAF checks it again when the ACL is written; this is for the clearer message.
            return;
        }

        if (capacity > MostCapacity)
        {
            throw SecOpsException.Usage($"the rule groups need {capacity} capacity units, a web ACL may use {MostCapacity}. Leave some out of deploy.protect.ruleGroups.");
        }
    }

    private async Task AssociateAsync(string acl, string balancer, CancellationToken cancellation)
    {
        var current = TaskDefinitionView.Text((await aws.WafV2.GetWebACLForResourceAsync(new() { ResourceArn = balancer }, cancellation)).WebACL?["ARN"]);
        if (current == acl)
        {
            Add("waf-association", ProtectOutcome.Already, balancer, $"the load balancer is protected by {request.Name} already.");
            return;
        }

        if (current is not null)
        {
            Add("waf-association", ProtectOutcome.Refused, balancer, $"the load balancer is protected by another web ACL, {current}, which is left in place. Name that one as deploy.protect.name, or take it off first.");
            return;
        }

        if (request.DryRun)
        {
            Add("waf-association", ProtectOutcome.WouldChange, balancer, $"the load balancer would be associated with {request.Name}.");
            return;
        }

        for (var until = clock.GetUtcNow() + request.Patience; ;)
        {
            try
            {
                await aws.WafV2.AssociateWebACLAsync(new() { WebACLArn = acl, ResourceArn = balancer }, cancellation);
                Add("waf-association", ProtectOutcome.Changed, balancer, $"the load balancer is protected by {request.Name} now.");
                return;
            }
            catch (AwsException e) when (e.Is("WAFUnavailableEntity") && clock.GetUtcNow() < until)
            {
                // WAF is still spreading the new web ACL.
                await Task.Delay(request.Poll, clock, cancellation);
            }
        }
    }

    private async Task<WebACLSummary?> FindAsync(CancellationToken cancellation)
    {
        string? next = null;
        for (var page = 0; page < 100; page++)
        {
            var list = await aws.WafV2.ListWebACLsAsync(new() { Scope = "REGIONAL", NextMarker = next, Limit = 100 }, cancellation);
            if (list.WebACLs.Find(a => a.Name == request.Name) is { } found)
            {
                return found;
            }

            if (string.IsNullOrEmpty(list.NextMarker) || list.NextMarker == next)
            {
                break;
            }

            next = list.NextMarker;
        }

        return null;
    }

    private async Task GuardDutyAsync(CancellationToken cancellation)
    {
        var id = (await aws.GuardDuty.ListDetectorsAsync(new(), cancellation)).DetectorIds.FirstOrDefault();
        if (id is not null && (await aws.GuardDuty.GetDetectorAsync(new() { DetectorId = id }, cancellation)).Status == "ENABLED")
        {
            Add("guardduty", ProtectOutcome.Already, id, "GuardDuty is on already.");
        }
        else if (request.DryRun)
        {
            Add("guardduty", ProtectOutcome.WouldChange, id ?? aws.Region, $"GuardDuty would be turned on in {aws.Region}.");
        }
        else
        {
            if (id is null)
            {
                id = (await aws.GuardDuty.CreateDetectorAsync(new() { Enable = true, ClientToken = Guid.NewGuid().ToString() }, cancellation)).DetectorId;
            }
            else
            {
                await aws.GuardDuty.UpdateDetectorAsync(new() { DetectorId = id, Enable = true }, cancellation);
            }

            Add("guardduty", ProtectOutcome.Changed, id ?? aws.Region, $"GuardDuty was turned on in {aws.Region}.");
        }
    }

    private async Task InspectorAsync(CancellationToken cancellation)
    {
        var account = await aws.AccountAsync(cancellation);
        var state = (await aws.Inspector2.BatchGetAccountStatusAsync(new() { AccountIds = [account] }, cancellation)).Accounts.FirstOrDefault();
        if (state?.ResourceState?.Ecr?.Status is "ENABLED" or "ENABLING")
        {
            Add("inspector", ProtectOutcome.Already, account, "Inspector scans the images in ECR already.");
        }
        else if (request.DryRun)
        {
            Add("inspector", ProtectOutcome.WouldChange, account, $"Inspector's scan of ECR would be turned on in {aws.Region}.");
        }
        else
        {
            var answer = await aws.Inspector2.EnableAsync(new() { AccountIds = [account], ResourceTypes = ["ECR"], ClientToken = Guid.NewGuid().ToString() }, cancellation);
            results.Add(answer.FailedAccounts.FirstOrDefault() is { } failed
                ? new ProtectResult("inspector", ProtectOutcome.Refused, account, $"inspector2:Enable was refused: {failed.ErrorCode}: {failed.ErrorMessage}")
                : new ProtectResult("inspector", ProtectOutcome.Changed, account, $"Inspector's scan of ECR was turned on in {aws.Region}."));
        }
    }

    private void Add(string part, ProtectOutcome outcome, string resource, string message) => results.Add(new ProtectResult(part, outcome, resource, message));
}
