using System.Text.Json.Nodes;
using SecOps.Aws;
using SecOps.Aws.Ecs;

namespace SecOps.Delivery;

/// <summary>Deploys an image to a service: plan, register, update, watch, prove, roll back. Verification stands apart.</summary>
/// <param name="trusted">Whether an image may be rolled back to; null: any.</param>
/// <param name="accepted">The digests that a running task may show: the image's own, and each platform's of an index.</param>
public sealed class DeployOperation(
    AwsClients aws, DeployRequest request, TimeProvider clock, Action<string> say, Func<EcrImage, CancellationToken, Task<bool>>? trusted, IReadOnlySet<string> accepted)
{
    /// <summary>What has been changed so far, and how to go on: for the message when something cuts in.</summary>
    public string State { get; private set; } = "nothing was changed";

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
            State = $"{request.Service} is at {plan.Running.Name}; run the same command again to go on";
            return request.NoWait ? new DeployResult(DeployOutcome.Unchanged, service.TaskDefinition!, primary?.Id, [])
                : await FollowAsync(plan, service, primary?.Id ?? "", service.TaskDefinition!, DeployOutcome.Unchanged, cancellation);
        }

        var definition = plan.Definition.DeepClone().AsObject();
        if (request.Tags.Count > 0)
        {
            definition["tags"] = new JsonArray([.. request.Tags.Select(t => new JsonObject { ["key"] = t.Key, ["value"] = t.Value })]);
        }

        var registered = (await aws.Ecs.RegisterTaskDefinitionAsync(definition, cancellation)).TaskDefinition;
        var arn = TaskDefinitionView.Text(registered?["taskDefinitionArn"]) ?? throw SecOpsException.Tool("ECS registered the task definition and did not say under which name.");
        say($"registered {Name(arn)}");
        State = $"{Name(arn)} is registered, {request.Service} still runs {plan.Running.Name}; run the same command again to go on";
        var (updated, deployment) = await UpdateAsync(arn, cancellation);
        return request.NoWait
            ? new DeployResult(DeployOutcome.Started, arn, deployment, [])
            : await FollowAsync(plan, updated, deployment, arn, DeployOutcome.Deployed, cancellation);
    }

    /// <summary>Goes back to the last deployment that completed and may be trusted; without being asked whether something failed.</summary>
    public async Task<DeployResult> RollbackAsync(CancellationToken cancellation)
    {
        var service = await ServiceAsync(cancellation);
        var target = await new DeployHistory(aws, request, trusted).FindAsync(service.TaskDefinition!, cancellation)
            ?? throw SecOpsException.Tool($"no earlier deployment of {request.Service} has completed{(trusted is null ? "" : " with a good attestation")}, so there is nothing to roll back to.");
        say($"rolling back from {Name(service.TaskDefinition)} to {Name(target)}");
        var watch = Watch(service);
        var (_, deployment) = await UpdateAsync(target, cancellation);
        var end = request.NoWait ? RolloutEnd.Completed : await watch.RunAsync(deployment, target, cancellation);
        return end == RolloutEnd.Completed
            ? new DeployResult(request.NoWait ? DeployOutcome.Started : DeployOutcome.Deployed, target, deployment, [])
            : new DeployResult(DeployOutcome.RollbackFailed, target, deployment, [watch.Reason ?? $"the rollback ended as {end}"]);
    }

    private async Task<DeployResult> FollowAsync(DeployPlan plan, Service service, string deployment, string arn, DeployOutcome good, CancellationToken cancellation)
    {
        var watch = Watch(plan.Service);
        var proof = new DeployProof(aws, request, accepted);
        var end = await watch.RunAsync(deployment, arn, cancellation);
        if (end == RolloutEnd.Superseded)
        {
            throw SecOpsException.Tool($"another deploy of {request.Service} took over while {Name(arn)} was rolling out. See what it does; nothing was rolled back.");
        }

        var reasons = new List<string>();
        if (end == RolloutEnd.Completed)
        {
            var contradictions = await proof.ContradictionsAsync(plan.Container, service.DesiredCount ?? 1, cancellation);
            if (contradictions.Count == 0)
            {
                say($"every running task runs {request.Image!.Digest}");
                State = $"{request.Service} runs {Name(arn)}";
                return new DeployResult(good, arn, deployment, []);
            }

            reasons.AddRange(contradictions);
        }
        else
        {
            reasons.Add(watch.Reason ?? $"the rollout ended as {end}");
            reasons.AddRange(await proof.ReasonsAsync(plan.Wanted, arn, cancellation));
        }

        if (end == RolloutEnd.RolledBackByEcs)
        {
            State = $"ECS rolled {request.Service} back";
            return new DeployResult(DeployOutcome.RolledBack, arn, deployment, reasons);
        }

        return await UndoAsync(plan, arn, reasons, cancellation);
    }

    private async Task<DeployResult> UndoAsync(DeployPlan plan, string failed, List<string> reasons, CancellationToken cancellation)
    {
        foreach (var reason in reasons)
        {
            say(reason);
        }

        var target = await new DeployHistory(aws, request, trusted).FindAsync(failed, cancellation);
        if (target is null && plan.Service.TaskDefinition != failed)
        {
            // Nothing is known to be good; what ran before is still better than what does not run.
            target = plan.Service.TaskDefinition;
            reasons.Add($"no earlier deployment is known to be good{(trusted is null ? "" : " and attested")}; went back to {Name(target)}, which ran before");
        }

        if (target is null)
        {
            return new DeployResult(DeployOutcome.RollbackFailed, failed, null, [.. reasons, "there is nothing to roll back to; the service is left as it is"]);
        }

        say($"rolling back to {Name(target)}");
        var (service, deployment) = await UpdateAsync(target, cancellation);
        var watch = Watch(service);
        var end = await watch.RunAsync(deployment, target, cancellation);
        State = $"{request.Service} was rolled back to {Name(target)}";
        return end == RolloutEnd.Completed
            ? new DeployResult(DeployOutcome.RolledBack, failed, deployment, reasons)
            : new DeployResult(DeployOutcome.RollbackFailed, failed, deployment, [.. reasons, $"the rollback to {Name(target)} did not complete: {watch.Reason ?? end.ToString()}"]);
    }

    private DeployWatch Watch(Service service)
    {
        var watch = new DeployWatch(aws, request, clock, say);
        watch.Start(service);
        return watch;
    }

    private async Task<(Service Service, string Deployment)> UpdateAsync(string definition, CancellationToken cancellation)
    {
        var service = (await aws.Ecs.UpdateServiceAsync(new() { Cluster = request.Cluster, Service = request.Service, TaskDefinition = definition }, cancellation)).Service
            ?? throw SecOpsException.Tool($"ECS took the update of {request.Service} and did not answer with the service. Run the same command again.");
        var deployment = service.Deployments.Find(d => d.Status == "PRIMARY")?.Id ?? "";
        say($"{request.Service} is being updated to {Name(definition)}, deployment {deployment}");
        State = $"{request.Service} is being updated to {Name(definition)} (deployment {deployment}), and ECS goes on without us; run the same command again to watch it";
        return (service, deployment);
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
