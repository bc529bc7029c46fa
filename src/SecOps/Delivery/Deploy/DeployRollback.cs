using SecOps.Aws;
using SecOps.Aws.Ecs;

namespace SecOps.Delivery.Deploy;

/// <summary>Takes a failed deployment back: to the last one that completed and may be trusted, else to what ran before.</summary>
internal sealed class DeployRollback(AwsClients aws, DeployRequest request, DeployHistory history, DeployUpdate update, Func<Service, DeployWatch> watch, Action<string> say)
{
    /// <param name="failed">ARN of the task definition that failed.</param>
    /// <param name="before">ARN of the one that ran before.</param>
    /// <param name="attested">Whether only attested images may be gone back to.</param>
    /// <returns>How that ended, with every reason so far. A fault of AWS or of the registry is a reason too: the deployment has failed, whatever else happens.</returns>
    public async Task<DeployResult> RunAsync(string failed, string before, string deployment, bool attested, List<string> reasons, CancellationToken cancellation)
    {
        try
        {
            var target = await history.FindAsync(failed, cancellation);
            if (target is null && before != failed)
            {
                // Nothing is known to be good; what ran before is still better than what does not run.
                target = before;
                reasons.Add($"no earlier deployment is known to be good{(attested ? " and attested" : "")}; went back to {DeployOperation.Name(target)}, which ran before");
            }

            if (target is null)
            {
                return new DeployResult(DeployOutcome.RollbackFailed, failed, deployment, [.. reasons, "there is nothing to roll back to; the service is left as it is"]);
            }

            say($"rolling back to {DeployOperation.Name(target)}");
            var (completed, why) = await GoAsync(failed, target, deployment, cancellation);
            return completed
                ? new DeployResult(DeployOutcome.RolledBack, failed, deployment, reasons)
                : new DeployResult(DeployOutcome.RollbackFailed, failed, deployment, [.. reasons, $"the rollback to {DeployOperation.Name(target)} did not complete: {why}"]);
        }
        catch (Exception e) when (e is AwsException or SecOpsException)
        {
            return new DeployResult(DeployOutcome.RollbackFailed, failed, deployment, [.. reasons, $"the rollback could not be carried out: {e.Message} Run \"secops deploy ecs --rollback\" when that is mended."]);
        }
    }

    private async Task<(bool Completed, string Why)> GoAsync(string failed, string target, string deployment, CancellationToken cancellation)
    {
        var service = (await aws.Ecs.DescribeServicesAsync(new() { Cluster = request.Cluster, Services = [request.Service] }, cancellation)).Services.FirstOrDefault() ?? new Service();
        var looking = watch(service);
        if (await StoppedAsync(service, failed, target, cancellation))
        {
            var stopped = await looking.RunAsync(deployment, failed, cancellation);
            return (stopped == RolloutEnd.RolledBackByEcs, looking.Reason ?? stopped.ToString());
        }

        var (_, going) = await update.RunAsync(target, cancellation);
        var end = await looking.RunAsync(going, target, cancellation);
        return (end == RolloutEnd.Completed, looking.Reason ?? end.ToString());
    }

    /// <summary>
    /// Lets ECS take back a service deployment that is still under way, where it came from the target: with blue/green the old tasks
    /// still run and get the traffic at once, where an update would start them anew.
    /// </summary>
    private async Task<bool> StoppedAsync(Service service, string failed, string target, CancellationToken cancellation)
    {
        try
        {
            if (await history.LatestAsync(service, failed, cancellation) is not { Status: "PENDING" or "IN_PROGRESS", SourceServiceRevisions: [{ Arn: { } source }] } latest
                || (await aws.Ecs.DescribeServiceRevisionsAsync(new() { ServiceRevisionArns = [source] }, cancellation)).ServiceRevisions.FirstOrDefault()?.TaskDefinition != target)
            {
                return false;
            }

            await aws.Ecs.StopServiceDeploymentAsync(new() { ServiceDeploymentArn = latest.ServiceDeploymentArn, StopType = "ROLLBACK" }, cancellation);
            update.Note($"{request.Service} is being rolled back by ECS to {DeployOperation.Name(target)}");
            return true;
        }
        catch (AwsException e) when (!e.IsCredentials && !e.MayPass)
        {
            // Without that permission, or ended meanwhile: an update does it too.
            return false;
        }
    }
}
