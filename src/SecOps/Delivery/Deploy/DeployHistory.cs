using SecOps.Aws;
using SecOps.Aws.Ecs;
using SecOps.Delivery.Push;

namespace SecOps.Delivery.Deploy;

/// <summary>Finds what a service can go back to.</summary>
internal sealed class DeployHistory(AwsClients aws, DeployRequest request, Func<EcrImage, CancellationToken, Task<bool>>? trusted)
{
    /// <summary>The task definition of the last deployment that completed, other than one, and whose image is trusted; null: none.</summary>
    public async Task<string?> FindAsync(string other, CancellationToken cancellation)
    {
        foreach (var candidate in (await CompletedAsync(other, cancellation)).Where(c => c != other).Distinct())
        {
            var definition = (await aws.Ecs.DescribeTaskDefinitionAsync(new() { TaskDefinition = candidate }, cancellation)).TaskDefinition;
            if (definition is null)
            {
                continue;
            }

            var images = new TaskDefinitionView(definition).Containers.Select(c => EcrImage.Parse(c.Image)).ToList();
            var ours = request.Image is { } image ? images.Where(i => i.Name == image.Name).ToList() : images;
            if (trusted is null || (ours.Count > 0 && await AllTrustedAsync(ours, cancellation)))
            {
                return candidate;
            }
        }

        return null;
    }

    /// <summary>The newest service deployment, if it is about this task definition; null where there is none.</summary>
    /// <exception cref="AwsException">Also where the permission is missing.</exception>
    public async Task<ServiceDeployment?> LatestAsync(Service service, string definition, CancellationToken cancellation)
    {
        var list = await aws.Ecs.ListServiceDeploymentsAsync(new() { Cluster = request.Cluster, Service = service.ServiceArn ?? request.Service, MaxResults = 10 }, cancellation);
        if (list.ServiceDeployments.MaxBy(d => d.CreatedAt ?? DateTimeOffset.MinValue) is not { ServiceDeploymentArn: { } arn, TargetServiceRevisionArn: { } revision })
        {
            return null;
        }

        var revisions = await aws.Ecs.DescribeServiceRevisionsAsync(new() { ServiceRevisionArns = [revision] }, cancellation);
        return revisions.ServiceRevisions.FirstOrDefault()?.TaskDefinition == definition
            ? (await aws.Ecs.DescribeServiceDeploymentsAsync(new() { ServiceDeploymentArns = [arn] }, cancellation)).ServiceDeployments.FirstOrDefault()
            : null;
    }

    private async Task<bool> AllTrustedAsync(List<EcrImage> images, CancellationToken cancellation)
    {
        foreach (var image in images)
        {
            if (!EcrImage.IsDigest(image.Digest) || !await trusted!(image, cancellation))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Newest first: of the service deployments that succeeded, then what the service itself calls completed.</summary>
    private async Task<IReadOnlyList<string>> CompletedAsync(string other, CancellationToken cancellation)
    {
        var found = new List<string>();
        try
        {
            var list = await aws.Ecs.ListServiceDeploymentsAsync(new() { Cluster = request.Cluster, Service = request.Service, Status = ["SUCCESSFUL"], MaxResults = 20 }, cancellation);
            var revisions = list.ServiceDeployments.OrderByDescending(d => d.CreatedAt).Select(d => d.TargetServiceRevisionArn).OfType<string>().Distinct().ToList();
            if (revisions.Count > 0)
            {
                var described = (await aws.Ecs.DescribeServiceRevisionsAsync(new() { ServiceRevisionArns = revisions }, cancellation)).ServiceRevisions;
                found.AddRange(revisions.Select(r => described.Find(d => d.ServiceRevisionArn == r)?.TaskDefinition).OfType<string>());
            }
        }
        catch (AwsException e) when (!e.IsCredentials)
        {
            // Without that permission, or on an older endpoint, the service's own deployments have to do.
        }

        var service = (await aws.Ecs.DescribeServicesAsync(new() { Cluster = request.Cluster, Services = [request.Service] }, cancellation)).Services.FirstOrDefault();
        found.AddRange((service?.Deployments ?? []).Where(d => d.RolloutState is null or "COMPLETED" && d.TaskDefinition != other).OrderByDescending(d => d.UpdatedAt).Select(d => d.TaskDefinition).OfType<string>());
        return found;
    }
}
