using System.Text.Json;
using System.Text.Json.Nodes;
using SecOps.Aws;
using SecOps.Configuration;
using SecOps.Delivery.Protect;

namespace SecOps.Commands;

/// <summary><c>secops deploy protect</c>: WAF, GuardDuty, Inspector.</summary>
/// <param name="count">Null: as deploy.protect.count says.</param>
internal sealed class DeployProtectOperation(Workspace workspace, string? loadBalancer, string? cluster, string? service, string? region, bool? count, bool dryRun)
{
    /// <returns>0: all is on; 4: something was refused.</returns>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var deploy = workspace.Configuration(workspace.Directory).Deploy;
        var section = deploy.Protect;
        using var aws = new AwsClients(new AwsSettings { Region = AwsSettings.ResolveRegion(region ?? deploy.Region, workspace.Variable), Variable = workspace.Variable });
        try
        {
            var request = new ProtectRequest
            {
                LoadBalancer = await BalancerAsync(aws, deploy, cancellation),
                Name = section.Name,
                RuleGroups = section.RuleGroups,
                Count = count ?? section.Count,
                GuardDuty = section.GuardDuty,
                Inspector = section.Inspector,
                DryRun = dryRun,
            };
            var results = await new ProtectOperation(aws, request, workspace.Clock).RunAsync(cancellation);
            Tell(results);
            return results.Any(r => r.Outcome == ProtectOutcome.Refused) ? ExitCode.ToolFailed : ExitCode.Clean;
        }
        catch (AwsException e)
        {
            throw SecOpsException.Tool(e.Message, e);
        }
    }

    private async Task<string?> BalancerAsync(AwsClients aws, DeploySection deploy, CancellationToken cancellation)
    {
        var elb = aws.ElasticLoadBalancingV2;
        if ((loadBalancer ?? deploy.Protect.LoadBalancer) is { } named)
        {
            return named.StartsWith("arn:", StringComparison.Ordinal) ? named
                : (await elb.DescribeLoadBalancersAsync(new() { Names = [named] }, cancellation)).LoadBalancers.FirstOrDefault()?.LoadBalancerArn ?? throw SecOpsException.Usage($"there is no load balancer {Terminal.Clean(named)} in {aws.Region}.");
        }

        if ((cluster ?? deploy.Cluster) is not { } c || (service ?? deploy.Service) is not { } s)
        {
            throw SecOpsException.Usage("name the load balancer with --load-balancer ARN, or the ECS service behind it with --cluster and --service.");
        }

        var found = (await aws.Ecs.DescribeServicesAsync(new() { Cluster = c, Services = [s] }, cancellation)).Services.FirstOrDefault();
        var group = found?.LoadBalancers.Find(l => l.TargetGroupArn is not null)?.TargetGroupArn ?? throw SecOpsException.Usage($"the service {s} has no load balancer to protect. Name one with --load-balancer ARN.");
        return (await elb.DescribeTargetGroupsAsync(new() { TargetGroupArns = [group] }, cancellation)).TargetGroups.FirstOrDefault()?.LoadBalancerArns.FirstOrDefault()
            ?? throw SecOpsException.Usage($"no load balancer uses the target group of {s}. Name one with --load-balancer ARN.");
    }

    private void Tell(IReadOnlyList<ProtectResult> results)
    {
        foreach (var result in results)
        {
            workspace.Terminal.Say($"{result.Part}: {Terminal.Clean(result.Message)}");
        }

        if (workspace.Options.Json)
        {
            workspace.Terminal.Result(new JsonObject
            {
                ["results"] = new JsonArray([.. results.Select(r => new JsonObject
                {
                    ["part"] = r.Part,
                    ["outcome"] = JsonNamingPolicy.CamelCase.ConvertName(r.Outcome.ToString()),
                    ["resource"] = r.Resource,
                    ["message"] = r.Message,
                })]),
            }.ToJsonString() + "\n");
        }
    }
}
