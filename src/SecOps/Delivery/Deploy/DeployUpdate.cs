using SecOps.Aws;
using SecOps.Aws.Ecs;

namespace SecOps.Delivery.Deploy;

/// <summary>Points the service to a task definition, and keeps what to say when something cuts in.</summary>
internal sealed class DeployUpdate(AwsClients aws, DeployRequest request, Action<string> say)
{
    /// <summary>What has been changed so far, and how to go on.</summary>
    public string State { get; private set; } = "nothing was changed";

    public void Note(string state) => State = state;

    /// <returns>The service, and the id of its new primary deployment.</returns>
    public async Task<(Service Service, string Deployment)> RunAsync(string definition, CancellationToken cancellation)
    {
        var name = DeployOperation.Name(definition);
        // Before the answer it is not known whether ECS took it.
        Note($"{request.Service} may be updating to {name} already; run the same command again to go on");
        var service = (await aws.Ecs.UpdateServiceAsync(new() { Cluster = request.Cluster, Service = request.Service, TaskDefinition = definition }, cancellation)).Service
            ?? throw SecOpsException.Tool($"ECS took the update of {request.Service} and did not answer with the service. Run the same command again.");
        var deployment = service.Deployments.Find(d => d.Status == "PRIMARY")?.Id ?? "";
        say($"{request.Service} is being updated to {name}, deployment {deployment}");
        Note($"{request.Service} is being updated to {name} (deployment {deployment}), and ECS goes on without us; run the same command again to watch it");
        return (service, deployment);
    }
}
