using System.Text.Json.Nodes;
using SecOps.Aws;
using SecOps.Aws.Ecs;
using SecOps.Delivery.Push;

namespace SecOps.Delivery.Deploy;

/// <summary>Deploys an image to a service: plan, register, update, watch, prove, roll back. Verification stands apart.</summary>
public sealed class DeployOperation
{
    private readonly AwsClients aws;
    private readonly DeployRequest request;
    private readonly TimeProvider clock;
    private readonly Action<string> say;
    private readonly IReadOnlySet<string> accepted;
    private readonly DeployHistory history;
    private readonly DeployUpdate update;
    private readonly bool attested;

    /// <param name="trusted">Whether an image may be rolled back to; null: any.</param>
    /// <param name="accepted">The digests that a running task may show: the image's own, and each platform's of an index.</param>
    public DeployOperation(
        AwsClients aws, DeployRequest request, TimeProvider clock, Action<string> say, Func<EcrImage, CancellationToken, Task<bool>>? trusted, IReadOnlySet<string> accepted)
    {
        (this.aws, this.request, this.clock, this.say, this.accepted, attested) = (aws, request, clock, say, accepted, trusted is not null);
        (history, update) = (new DeployHistory(aws, request, trusted), new DeployUpdate(aws, request, say));
    }

    /// <summary>What has been changed so far, and how to go on: for the message when something cuts in.</summary>
    public string State => update.State;

    /// <summary>The service, its running task definition, and the one that would be registered. Reads only.</summary>
    /// <exception cref="SecOpsException">The service can't be deployed to (exit codes 2 and 4).</exception>
    public async Task<DeployPlan> PlanAsync(CancellationToken cancellation)
    {
        var service = await ServiceAsync(cancellation);
        if (service.DeploymentController?.Type is { } type and not "ECS")
        {
            throw SecOpsException.Usage($"the service {request.Service} is deployed by {type}, not by ECS itself. Change its deployment controller, or deploy it there.");
        }

        var running = await DefinitionAsync(service.TaskDefinition!, cancellation);
        var (definition, container) = DeployDefinition.WithImage(request.TaskDefinition ?? running.Json, request.Image!, request.Container);
        return new DeployPlan(service, running, definition, container, DeployDefinition.Diff(running.Json, definition));
    }

    /// <summary>Registers, updates, watches and proves. Going on with an interrupted deploy of the same image registers nothing anew.</summary>
    /// <exception cref="SecOpsException">Another deployment is running, or another deploy took over (exit code 4).</exception>
    public async Task<DeployResult> RunAsync(DeployPlan plan, CancellationToken cancellation)
    {
        // Looked at again: verification and reading the difference take their time.
        var service = await ServiceAsync(cancellation);
        var primary = service.Deployments.Find(d => d.Status == "PRIMARY");
        var busy = service.Deployments.Count > 1 || primary?.RolloutState == "IN_PROGRESS";
        if (busy && plan.Changes.Count > 0)
        {
            throw SecOpsException.Tool($"another deployment of {request.Service} is running ({primary?.Id}, {Name(primary?.TaskDefinition)}). Wait until it has ended, or stop it, and run the same command again.");
        }

        if (service.TaskDefinition != plan.Service.TaskDefinition)
        {
            throw SecOpsException.Tool($"another deploy has changed {request.Service} to {Name(service.TaskDefinition)} meanwhile. Look at the difference again and run the same command.");
        }

        if (plan.Changes.Count == 0)
        {
            say(busy ? $"{plan.Running.Name} is being deployed already; watching it." : $"{request.Service} runs {plan.Running.Name} with this image already.");
            update.Note($"{request.Service} is at {plan.Running.Name}; run the same command again to go on");
            return request.NoWait ? new DeployResult(DeployOutcome.Unchanged, service.TaskDefinition!, primary?.Id, [])
                : await FollowAsync(plan, service, primary?.Id ?? "", service.TaskDefinition!, DeployOutcome.Unchanged, cancellation);
        }

        var definition = plan.Definition.DeepClone().AsObject();
        if (plan.Tags.Count > 0)
        {
            definition["tags"] = new JsonArray([.. plan.Tags.Select(t => new JsonObject { ["key"] = t.Key, ["value"] = t.Value })]);
        }

        update.Note($"a new revision of {TaskDefinitionView.Text(definition["family"])} may be registered, {request.Service} still runs {plan.Running.Name}; run the same command again to go on");
        var (arn, isNew) = await new DeployRegistration(aws, clock).RunAsync(definition, cancellation);
        say(isNew ? $"registered {Name(arn)}" : $"{Name(arn)} is registered already");
        var (updated, deployment) = await update.RunAsync(arn, cancellation);
        return request.NoWait
            ? new DeployResult(DeployOutcome.Started, arn, deployment, [])
            : await FollowAsync(plan, updated, deployment, arn, DeployOutcome.Deployed, cancellation);
    }

    /// <summary>Goes back to the last deployment that completed and may be trusted; without being asked whether something failed.</summary>
    public async Task<DeployResult> RollbackAsync(CancellationToken cancellation)
    {
        var service = await ServiceAsync(cancellation);
        var target = await history.FindAsync(service.TaskDefinition!, cancellation)
            ?? throw SecOpsException.Tool($"no earlier deployment of {request.Service} has completed{(attested ? " with a good attestation" : "")}, so there is nothing to roll back to.");
        say($"rolling back from {Name(service.TaskDefinition)} to {Name(target)}");
        var watch = Watch(service);
        var (_, deployment) = await update.RunAsync(target, cancellation);
        var end = request.NoWait ? RolloutEnd.Completed : await watch.RunAsync(deployment, target, cancellation);
        return end == RolloutEnd.Completed
            ? new DeployResult(request.NoWait ? DeployOutcome.Started : DeployOutcome.Deployed, target, deployment, [])
            : new DeployResult(DeployOutcome.RollbackFailed, target, deployment, [watch.Reason ?? $"the rollback ended as {end}"]);
    }

    private async Task<DeployResult> FollowAsync(DeployPlan plan, Service service, string deployment, string arn, DeployOutcome good, CancellationToken cancellation)
    {
        var watch = Watch(plan.Service);
        var proof = new DeployProof(aws, request, clock, accepted);
        var end = await watch.RunAsync(deployment, arn, cancellation);
        if (end == RolloutEnd.Superseded)
        {
            throw SecOpsException.Tool($"another deploy of {request.Service} took over while {Name(arn)} was rolling out. See what it does; nothing was rolled back.");
        }

        List<string> reasons = end == RolloutEnd.Completed
            ? [.. await proof.ContradictionsAsync(plan.Container, service.DesiredCount ?? 1, cancellation)]
            : [watch.Reason ?? $"the rollout ended as {end}", .. await proof.ReasonsAsync(plan.Wanted, arn, cancellation)];
        if (reasons.Count == 0)
        {
            say($"every running task runs {request.Image!.Digest}");
            update.Note($"{request.Service} runs {Name(arn)}");
            return new DeployResult(good, arn, deployment, []);
        }

        foreach (var reason in reasons)
        {
            say(reason);
        }

        if (end == RolloutEnd.RolledBackByEcs)
        {
            update.Note($"ECS rolled {request.Service} back");
            return new DeployResult(DeployOutcome.RolledBack, arn, deployment, reasons);
        }

        return await new DeployRollback(aws, request, history, update, Watch, say).RunAsync(arn, plan.Service.TaskDefinition!, deployment, attested, reasons, cancellation);
    }

    private DeployWatch Watch(Service service)
    {
        var watch = new DeployWatch(aws, request, history, clock, say);
        watch.Start(service);
        return watch;
    }

    private async Task<Service> ServiceAsync(CancellationToken cancellation)
    {
        try
        {
            var answer = await aws.Ecs.DescribeServicesAsync(new() { Cluster = request.Cluster, Services = [request.Service] }, cancellation);
            return answer.Services.FirstOrDefault() is { Status: not "INACTIVE" } found ? found
                : throw SecOpsException.Tool($"there is no active service {request.Service} in the cluster {request.Cluster}, {aws.Region}. Check --cluster, --service, --region and the account.");
        }
        catch (AwsException e) when (e.Is("ClusterNotFound", "ServiceNotFound"))
        {
            throw SecOpsException.Tool($"there is no cluster {request.Cluster} or no service {request.Service} in {aws.Region}. Check --cluster, --service, --region and the account.", e);
        }
    }

    private async Task<TaskDefinitionView> DefinitionAsync(string arn, CancellationToken cancellation) =>
        new((await aws.Ecs.DescribeTaskDefinitionAsync(new() { TaskDefinition = arn }, cancellation)).TaskDefinition ?? throw SecOpsException.Tool($"ECS did not answer with the task definition {arn}."));

    internal static string Name(string? arn) => arn?[(arn.LastIndexOf('/') + 1)..] ?? "?";
}
