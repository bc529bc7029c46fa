using SecOps.Aws;
using SecOps.Aws.Ecs;
using SecOps.Delivery.Deploy;
using SecOps.Delivery.Protect;
using static SecOps.Delivery.Diagnose.DiagnoseCheck;

namespace SecOps.Delivery.Diagnose;

/// <summary>The walk from the load balancer to the task. Reads only.</summary>
/// <param name="client">The range that clients come from.</param>
public sealed class DiagnoseOperation(AwsClients aws, AddressRange client)
{
    /// <summary>Every check, in the order of the walk.</summary>
    /// <exception cref="AwsException">The credentials are refused.</exception>
    public async Task<IReadOnlyList<DiagnoseCheck>> RunAsync(string cluster, string service, CancellationToken cancellation)
    {
        var reader = new DiagnoseReader(aws, cancellation);
        var checks = new List<DiagnoseCheck>();
        if (await FindAsync(cluster, service, checks, cancellation) is not { } found)
        {
            return checks;
        }

        var definition = await reader.TryAsync(found.TaskDefinition ?? service, () => aws.Ecs.DescribeTaskDefinitionAsync(new() { TaskDefinition = found.TaskDefinition }, cancellation));
        if (definition?.TaskDefinition is not { } json)
        {
            return [.. checks, .. reader.Unknown];
        }

        var task = new TaskDefinitionView(json);
        var facts = await reader.ReadAsync(found, task, client);
        checks.AddRange(facts.Targets.SelectMany(t => DiagnoseBalancer.Check(facts, t).Concat(DiagnoseTarget.Check(facts, t))));
        checks.AddRange(DiagnoseTask.Check(facts));
        checks.AddRange(await new DiagnoseStart(aws, reader, cancellation).CheckAsync(task));
        checks.AddRange(DiagnoseStopped.Check(facts));
        checks.AddRange(reader.Unknown);
        return [.. checks.Distinct()];
    }

    private async Task<Service?> FindAsync(string cluster, string service, List<DiagnoseCheck> checks, CancellationToken cancellation)
    {
        try
        {
            var found = (await aws.Ecs.DescribeServicesAsync(new() { Cluster = cluster, Services = [service] }, cancellation)).Services.FirstOrDefault();
            if (found is null || found.Status == "INACTIVE")
            {
                checks.Add(Failed("service.present", service, $"there is no active service {service} in the cluster {cluster}, {aws.Region}.", "Check --service, --cluster, --region and the account of the credentials."));
                return null;
            }

            checks.Add(found.DesiredCount is 0
                ? Failed("service.desired-count", found.ServiceArn!, $"{service} wants 0 tasks, so none runs.", "Raise the service's desired count.")
                : Ok("service.present", found.ServiceArn!, $"{service} is {found.Status}, {found.RunningCount ?? 0} of {found.DesiredCount ?? 0} tasks run."));
            return found;
        }
        catch (AwsException e) when (e.Is("ClusterNotFound"))
        {
            checks.Add(Failed("cluster.present", cluster, $"there is no cluster {cluster} in {aws.Region}.", "Check --cluster, --region and the account of the credentials."));
            return null;
        }
        catch (AwsException e) when (e.Is("ServiceNotFound"))
        {
            checks.Add(Failed("service.present", service, $"there is no service {service} in the cluster {cluster}, {aws.Region}.", "Check --service, --cluster, --region and the account of the credentials."));
            return null;
        }
        catch (AwsException e) when (!e.IsCredentials)
        {
            checks.Add(Unknown("service.present", service, e.Message));
            return null;
        }
    }
}
