using System.Text.Json.Nodes;
using SecOps.Aws;
using SecOps.Aws.WafV2;
using SecOps.Delivery.Deploy;

namespace SecOps.Delivery.Protect;

/// <summary>The web ACL with AWS's managed rule groups, on the load balancer.</summary>
internal sealed class ProtectWebAcl(AwsClients aws, ProtectRequest request, TimeProvider clock, Action<string, ProtectOutcome, string, string> add)
{
    /// <summary>A web ACL can't use more (https://docs.aws.amazon.com/waf/latest/developerguide/aws-waf-capacity-units.html).</summary>
    private const long MostCapacity = 5000;

    private const int MostAttempts = 5;

    /// <returns>The web ACL's ARN; null when it would be made only now.</returns>
    public async Task<string?> EnsureAsync(CancellationToken cancellation)
    {
        for (var attempt = 0; ; attempt++)
        {
            var summary = await FindAsync(cancellation);
            if (summary is null)
            {
                try
                {
                    return await CreateAsync(cancellation);
                }
                catch (AwsException e) when (e.Is("WAFDuplicateItem") && attempt < MostAttempts)
                {
                    // Made by somebody else just now, or by us, and the answer was lost.
                    continue;
                }
            }

            var current = await aws.WafV2.GetWebACLAsync(new() { Name = summary.Name, Scope = "REGIONAL", Id = summary.Id }, cancellation);
            var acl = current.WebACL ?? throw SecOpsException.Tool($"WAF did not answer with the web ACL {summary.Name}.");
            var (rules, changes) = WebAclRules.Merge(acl, request.RuleGroups, request.Count);
            if (changes.Count == 0)
            {
                add("waf", ProtectOutcome.Already, summary.ARN!, $"the web ACL {request.Name} has {string.Join(", ", request.RuleGroups)} already.");
                return summary.ARN;
            }

            if (request.DryRun)
            {
                add("waf", ProtectOutcome.WouldChange, summary.ARN!, $"the web ACL {request.Name} would be changed: {string.Join("; ", changes)}.");
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
                        DataProtectionConfig = Copy(acl, "DataProtectionConfig"),
                        OnSourceDDoSProtectionConfig = Copy(acl, "OnSourceDDoSProtectionConfig"),
                        ApplicationConfig = Copy(acl, "ApplicationConfig"),
                        LockToken = current.LockToken,
                    },
                    cancellation);
                add("waf", ProtectOutcome.Changed, summary.ARN!, $"the web ACL {request.Name} was changed: {string.Join("; ", changes)}.");
                return summary.ARN;
            }
            catch (AwsException e) when (e.Is("WAFOptimisticLock") && attempt < MostAttempts)
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
            add("waf", ProtectOutcome.WouldChange, request.Name, $"the web ACL {request.Name} would be made with {groups}, and associated with {request.LoadBalancer}.");
            return null;
        }

        List<JsonObject> rules = [.. request.RuleGroups.Select((group, i) => WebAclRules.Rule(group, i, request.Count))];
        await CheckCapacityAsync(rules, cancellation);
        var made = await aws.WafV2.CreateWebACLAsync(
            new() { Name = request.Name, Scope = "REGIONAL", DefaultAction = new JsonObject { ["Allow"] = new JsonObject() }, Rules = rules, VisibilityConfig = WebAclRules.Visibility(request.Name) }, cancellation);
        add("waf", ProtectOutcome.Changed, made.Summary?.ARN ?? request.Name, $"the web ACL {request.Name} was made with {groups}, which {(request.Count ? "count" : "block")}.");
        return made.Summary?.ARN;
    }

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

    public async Task AssociateAsync(string acl, string balancer, CancellationToken cancellation)
    {
        var current = TaskDefinitionView.Text((await aws.WafV2.GetWebACLForResourceAsync(new() { ResourceArn = balancer }, cancellation)).WebACL?["ARN"]);
        if (current == acl)
        {
            add("waf-association", ProtectOutcome.Already, balancer, $"the load balancer is protected by {request.Name} already.");
            return;
        }

        if (current is not null)
        {
            add("waf-association", ProtectOutcome.Refused, balancer, $"the load balancer is protected by another web ACL, {current}, which is left in place. Name that one as deploy.protect.name, or take it off first.");
            return;
        }

        if (request.DryRun)
        {
            add("waf-association", ProtectOutcome.WouldChange, balancer, $"the load balancer would be associated with {request.Name}.");
            return;
        }

        for (var until = clock.GetUtcNow() + request.Patience; ;)
        {
            try
            {
                await aws.WafV2.AssociateWebACLAsync(new() { WebACLArn = acl, ResourceArn = balancer }, cancellation);
                add("waf-association", ProtectOutcome.Changed, balancer, $"the load balancer is protected by {request.Name} now.");
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
}
