using System.Text.Json.Nodes;
using SecOps.Aws;
using SecOps.Delivery.Deploy;
using SecOps.Delivery.Diagnose;
using SecOps.Delivery.Permissions;
using SecOps.Delivery.Protect;
using SecOps.Delivery.Push;

namespace SecOps.Commands;

/// <summary><c>secops doctor --aws</c>: the walk from the load balancer to the task.</summary>
internal static class DoctorAws
{
    /// <param name="from">The range that clients come from; null: the internet.</param>
    /// <returns>0: nothing is wrong; 3: something is, or could not be looked at.</returns>
    /// <exception cref="SecOpsException">Usage (2), or AWS refuses the credentials (4).</exception>
    public static async Task<int> RunAsync(Workspace workspace, string? cluster, string? service, string? region, string? from, CancellationToken cancellation)
    {
        var section = workspace.Configuration(workspace.Directory).Deploy;
        cluster ??= section.Cluster ?? throw SecOpsException.Usage("name the ECS cluster with --cluster, or as deploy.cluster in secops.yml.");
        service ??= section.Service ?? throw SecOpsException.Usage("name the ECS service with --service, or as deploy.service in secops.yml.");
        var client = from is null ? AddressRange.Everywhere : AddressRange.Parse(from) ?? throw SecOpsException.Usage($"--from {Terminal.Clean(from)}: write an IPv4 range such as 10.0.0.0/8.");
        using var aws = new AwsClients(new AwsSettings { Region = AwsSettings.ResolveRegion(region ?? section.Region, workspace.Variable), Variable = workspace.Variable });
        IReadOnlyList<DiagnoseCheck> checks;
        try
        {
            checks = await new DiagnoseOperation(aws, client).RunAsync(cluster, service, cancellation);
        }
        catch (AwsException e)
        {
            throw SecOpsException.Tool(e.Message, e);
        }

        if (workspace.Options.Json)
        {
            workspace.Terminal.Result(new JsonObject { ["checks"] = Json(checks) }.ToJsonString() + "\n");
        }

        Say(workspace.Terminal, checks);
        return checks.Any(c => c.Status is CheckStatus.Failed or CheckStatus.Unknown) ? ExitCode.Incomplete : ExitCode.Clean;
    }

    /// <summary>Prints the policy for what the configuration uses; reads the account and the roles from AWS where it may.</summary>
    public static async Task<int> PolicyAsync(Workspace workspace, string? region, CancellationToken cancellation)
    {
        var configuration = workspace.Configuration(workspace.Directory);
        var section = configuration.Deploy;
        var name = AwsSettings.ResolveRegion(region ?? section.Region, workspace.Variable);
        var image = DeployEcsOperation.Pushed(workspace) is { } pushed ? EcrImage.Parse(pushed) : null;
        var scope = new PolicyScope
        {
            Ecr = image is null or { IsEcr: true },
            Repository = image?.Repository,
            CreateRepository = configuration.Push.CreateRepository,
            SigningKey = configuration.Push.Attest.Kms,
            Model = configuration.Remediate.Model is not null,
            Uploads = [.. new[] { configuration.Remediate.SnapshotBucket, configuration.Report.S3.Bucket }.OfType<string>().Distinct()],
            Ecs = section.Service is not null || section.Targets.Contains("ecs") || section.Targets.Count == 0,
            Cluster = section.Cluster,
            Service = section.Service,
            Roles = await RolesAsync(workspace, section, name, cancellation),
            StateBucket = section.Terraform.Bucket,
            StateKey = section.Terraform.Key,
            LockTable = section.Terraform.LockTable,
            Protect = section.Targets.Contains("protect") || section.Protect.LoadBalancer is not null,
        };
        workspace.Terminal.Result(LeastPrivilege.Policy(scope, Amazon.RegionEndpoint.GetBySystemName(name).PartitionName, name, image?.Account ?? "*") + "\n");
        return ExitCode.Clean;
    }

    /// <summary>The two roles that a deploy hands on; none where they can't be read, which leaves the policy wider.</summary>
    private static async Task<IReadOnlyList<string>> RolesAsync(Workspace workspace, Configuration.DeploySection section, string region, CancellationToken cancellation)
    {
        if (workspace.Options.Offline || section.Cluster is null || section.Service is null)
        {
            return [];
        }

        try
        {
            using var aws = new AwsClients(new AwsSettings { Region = region, Variable = workspace.Variable, MaxErrorRetry = 1 });
            var service = (await aws.Ecs.DescribeServicesAsync(new() { Cluster = section.Cluster, Services = [section.Service] }, cancellation)).Services.FirstOrDefault();
            var json = service is null ? null : (await aws.Ecs.DescribeTaskDefinitionAsync(new() { TaskDefinition = service.TaskDefinition }, cancellation)).TaskDefinition;
            var task = json is null ? null : new TaskDefinitionView(json);
            return [.. new[] { task?.ExecutionRoleArn, task?.TaskRoleArn }.OfType<string>().Distinct()];
        }
        catch (Exception e) when (e is AwsException or SecOpsException)
        {
            workspace.Terminal.Progress($"the service's roles can't be read, so the policy lets any role be handed to ECS tasks: {e.Message}");
            return [];
        }
    }

    public static JsonArray Json(IEnumerable<DiagnoseCheck> checks) => new([.. checks.Select(c => new JsonObject
    {
        ["id"] = c.Id,
        ["status"] = c.Status switch { CheckStatus.Ok => "ok", CheckStatus.Failed => "failed", _ => "unknown" },
        ["resource"] = c.Resource,
        ["message"] = c.Message,
        ["fix"] = c.Fix,
    })]);

    /// <summary>What is wrong, and what could not be looked at; what is well in one line.</summary>
    public static void Say(Terminal terminal, IReadOnlyList<DiagnoseCheck> checks)
    {
        foreach (var check in checks.Where(c => c.Status != CheckStatus.Ok))
        {
            terminal.Say($"{(check.Status == CheckStatus.Failed ? terminal.Paint("failed", "31") : terminal.Paint("unknown", "33"))} {check.Id}: {Terminal.Clean(check.Message)}");
            if (check.Fix is { } fix)
            {
                terminal.Say("  to mend it: " + Terminal.Clean(fix));
            }
        }

        terminal.Say($"{checks.Count(c => c.Status == CheckStatus.Ok)} checks passed, {checks.Count(c => c.Status == CheckStatus.Failed)} failed, {checks.Count(c => c.Status == CheckStatus.Unknown)} unknown.");
    }
}
