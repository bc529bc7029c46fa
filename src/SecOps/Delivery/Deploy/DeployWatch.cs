using System.Globalization;
using SecOps.Aws;
using SecOps.Aws.Ecs;

namespace SecOps.Delivery.Deploy;

/// <summary>How a rollout ended, as ECS says.</summary>
public enum RolloutEnd { Completed, Failed, RolledBackByEcs, Superseded, TimedOut }

/// <summary>Watches one deployment of a service until it ends, and tells events as they come.</summary>
/// <param name="say">Lines for a person.</param>
internal sealed class DeployWatch(AwsClients aws, DeployRequest request, DeployHistory history, TimeProvider clock, Action<string> say)
{
    /// <summary>ECS's circuit breaker gives up at half the desired count, at least 3 (its documentation); so do we where it is off.</summary>
    private const int FewestFailures = 3;

    private readonly HashSet<string> told = [];
    private bool deploymentsUnavailable;
    private string? progress;

    /// <summary>The last reason that ECS gave.</summary>
    public string? Reason { get; private set; }

    /// <summary>Takes note of what is there already, so that only what follows is told.</summary>
    public void Start(Service service) => told.UnionWith(service.Events.Select(e => e.Id ?? ""));

    /// <param name="deployment">The primary deployment's id, as UpdateService answered.</param>
    /// <param name="definition">The ARN of its task definition.</param>
    public async Task<RolloutEnd> RunAsync(string deployment, string definition, CancellationToken cancellation)
    {
        var until = clock.GetUtcNow() + request.Timeout;
        var rollingBack = false;
        while (true)
        {
            try
            {
                var service = (await aws.Ecs.DescribeServicesAsync(new() { Cluster = request.Cluster, Services = [request.Service] }, cancellation)).Services.FirstOrDefault()
                    ?? throw SecOpsException.Tool($"the service {request.Service} is gone.");
                Tell(service, deployment);
                var newer = await ServiceDeploymentAsync(service, definition, cancellation);
                rollingBack |= newer?.Status is { } status && status.StartsWith("ROLLBACK", StringComparison.Ordinal);
                if (End(service, newer, deployment, definition, rollingBack) is { } end)
                {
                    return end;
                }
            }
            catch (AwsException e) when (e.MayPass)
            {
                // The rollout goes on without us; look again.
                say($"no answer for now: {e.Message}");
            }

            if (clock.GetUtcNow() > until)
            {
                Reason ??= $"the service did not become stable within {Durations.Show(request.Timeout)}";
                return RolloutEnd.TimedOut;
            }

            await Task.Delay(request.Poll, clock, cancellation);
        }
    }

    private RolloutEnd? End(Service service, ServiceDeployment? newer, string deployment, string definition, bool rollingBack)
    {
        var ours = service.Deployments.Find(d => d.Id == deployment);
        Reason = newer?.Rollback?.Reason ?? newer?.StatusReason ?? (ours?.RolloutState == "FAILED" ? ours.RolloutStateReason : null) ?? Reason;
        if (newer?.Alarms?.TriggeredAlarmNames is { Count: > 0 } alarms && Reason?.Contains(alarms[0], StringComparison.Ordinal) != true)
        {
            Reason = $"{Reason ?? "rolled back"} Alarms: {string.Join(", ", alarms)}.";
        }

        switch (newer?.Status)
        {
            case "SUCCESSFUL":
                return RolloutEnd.Completed;
            case "ROLLBACK_SUCCESSFUL":
                return RolloutEnd.RolledBackByEcs;
            case "ROLLBACK_FAILED" or "STOPPED":
                return RolloutEnd.Failed;
            case "ROLLBACK_REQUESTED" or "ROLLBACK_IN_PROGRESS" or "STOP_REQUESTED":
                return null;
        }

        var primary = service.Deployments.Find(d => d.Status == "PRIMARY");
        if (ours is null || ours.Status != "PRIMARY")
        {
            // Another deployment is primary now: the one before, because ECS rolled back, or somebody else's.
            return ours?.RolloutState == "FAILED" || rollingBack ? primary?.RolloutState is null or "COMPLETED" ? RolloutEnd.RolledBackByEcs : null
                : primary?.TaskDefinition == definition ? null
                : service.Events.Exists(e => e.Message?.Contains("rolling back to", StringComparison.Ordinal) == true && told.Contains(e.Id ?? "")) || IsEarlier(primary?.TaskDefinition, definition)
                    ? primary?.RolloutState is null or "COMPLETED" ? RolloutEnd.RolledBackByEcs : null
                : RolloutEnd.Superseded;
        }

        if (ours.RolloutState == "FAILED")
        {
            // With rollback on, ECS is about to make the earlier deployment primary: wait for that.
            var rollsBack = service.DeploymentConfiguration is { DeploymentCircuitBreaker: { Enable: true, Rollback: true } } or { Alarms: { Enable: true, Rollback: true } };
            return rollsBack && service.Deployments.Count > 1 ? null : RolloutEnd.Failed;
        }

        var breaker = service.DeploymentConfiguration?.DeploymentCircuitBreaker?.Enable == true;
        if (!breaker && ours.RunningCount is null or 0 && ours.FailedTasks >= Math.Max(FewestFailures, (ours.DesiredCount ?? 0) / 2))
        {
            Reason ??= string.Create(CultureInfo.InvariantCulture, $"{ours.FailedTasks} tasks failed, none runs");
            return RolloutEnd.Failed;
        }

        var settled = ours.RunningCount >= ours.DesiredCount && service.Deployments.Count == 1;
        // Blue/green, linear and canary deployments tell their end in the service deployment alone.
        var rolling = service.DeploymentConfiguration?.Strategy is null or "ROLLING" || newer is null;
        return rolling && newer is null && (ours.RolloutState == "COMPLETED" || (ours.RolloutState is null && settled)) ? RolloutEnd.Completed : null;
    }

    /// <summary>The service deployment with our task definition; null where there is none, or the permission for it.</summary>
    private async Task<ServiceDeployment?> ServiceDeploymentAsync(Service service, string definition, CancellationToken cancellation)
    {
        if (deploymentsUnavailable || service.DeploymentController?.Type is not (null or "ECS"))
        {
            return null;
        }

        try
        {
            var found = await history.LatestAsync(service, definition, cancellation);
            if (found?.LifecycleStage is { } stage)
            {
                var weight = found.TargetServiceRevision?.RequestedProductionTrafficWeight;
                Progress($"stage {Terminal.Clean(stage)}{(weight is null ? "" : string.Create(CultureInfo.InvariantCulture, $", {weight:0.#} % of the traffic"))}");
            }

            return found;
        }
        catch (AwsException e) when (!e.IsCredentials && !e.MayPass)
        {
            deploymentsUnavailable = true;
            say($"service deployments can't be read ({Terminal.Clean(e.ErrorCode)}); going by the service's own deployments.");
            return null;
        }
    }

    private void Progress(string now)
    {
        if (now != progress)
        {
            say(progress = now);
        }
    }

    private void Tell(Service service, string deployment)
    {
        if (service.Deployments.Find(d => d.Id == deployment) is { } ours && service.DeploymentConfiguration?.Strategy is null or "ROLLING")
        {
            var before = service.Deployments.Where(d => d.Id != deployment).Sum(d => d.RunningCount ?? 0);
            Progress(string.Create(
                CultureInfo.InvariantCulture,
                $"{ours.RunningCount ?? 0} of {ours.DesiredCount ?? 0} tasks run{(ours.PendingCount > 0 ? $", {ours.PendingCount} pending" : "")}{(ours.FailedTasks > 0 ? $", {ours.FailedTasks} failed" : "")}{(before > 0 ? $"; {before} of before still run" : "")}"));
        }

        foreach (var e in service.Events.Where(e => told.Add(e.Id ?? "")).Reverse())
        {
            say(Terminal.Clean(e.Message));
        }
    }

    /// <summary>Whether one is an earlier revision of the same family: what ECS rolls back to.</summary>
    private static bool IsEarlier(string? definition, string than)
    {
        var (a, b) = (definition?.LastIndexOf(':') ?? -1, than.LastIndexOf(':'));
        return a > 0 && b > 0 && definition![..a] == than[..b]
            && int.TryParse(definition[(a + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            && int.TryParse(than[(b + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var second) && first < second;
    }
}
