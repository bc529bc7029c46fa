using SecOps.Aws;
using SecOps.Aws.Ecs;
using SecOps.Delivery.Diagnose;

namespace SecOps.Delivery.Deploy;

/// <summary>What runs: the digests of the running tasks, and why tasks stopped.</summary>
internal sealed class DeployProof(AwsClients aws, DeployRequest request, TimeProvider clock, IReadOnlySet<string> accepted)
{
    /// <summary>Tasks that have just started show their digest a little later, and those of before take a while to be gone.</summary>
    private const int Looks = 6;

    /// <summary>What contradicts the claim that every running task runs the image; empty: it is proven.</summary>
    /// <param name="container">The container that runs the image.</param>
    public async Task<IReadOnlyList<string>> ContradictionsAsync(string container, int desired, CancellationToken cancellation)
    {
        for (var look = 1; ; look++)
        {
            var found = await LookAsync(container, desired, cancellation);
            if (found.Count == 0 || look == Looks)
            {
                return found;
            }

            await Task.Delay(request.Poll, clock, cancellation);
        }
    }

    private async Task<IReadOnlyList<string>> LookAsync(string container, int desired, CancellationToken cancellation)
    {
        var tasks = (await TasksAsync("RUNNING", cancellation)).Where(t => t.DesiredStatus is null or "RUNNING" && t.LastStatus is null or "RUNNING").ToList();
        if (tasks.Count == 0 && desired > 0)
        {
            return ["no task is running"];
        }

        return
        [
            .. tasks.Select(t => (Task: t, Container: t.Containers.Find(c => c.Name == container)))
                .Where(t => t.Container?.ImageDigest is not { } digest || !accepted.Contains(digest))
                .Select(t => $"the task {Short(t.Task)} runs {t.Container?.ImageDigest ?? "an unknown digest"} in {container}, not {request.Image?.Digest}"),
        ];
    }

    /// <summary>Why tasks of a definition stopped, with the last lines of their log.</summary>
    public async Task<IReadOnlyList<string>> ReasonsAsync(TaskDefinitionView definition, string arn, CancellationToken cancellation)
    {
        var reasons = new List<string>();
        try
        {
            var stopped = (await TasksAsync("STOPPED", cancellation)).Where(t => t.TaskDefinitionArn == arn).OrderByDescending(t => t.StoppedAt).ToList();
            foreach (var task in stopped.DistinctBy(DiagnoseStopped.Reason).Take(3))
            {
                reasons.Add($"task {Short(task)} stopped: {DiagnoseStopped.Reason(task)}");
                reasons.AddRange(await LogAsync(definition, task, cancellation));
            }
        }
        catch (AwsException e)
        {
            reasons.Add($"why tasks stopped can't be read: {e.Message}");
        }

        return reasons;
    }

    private async Task<IReadOnlyList<string>> LogAsync(TaskDefinitionView definition, EcsTask task, CancellationToken cancellation)
    {
        var failed = task.Containers.Find(c => c.ExitCode is not (null or 0));
        if (failed is null || definition.Containers.FirstOrDefault(c => c.Name == failed.Name) is not { LogDriver: "awslogs" } container
            || container.LogOption("awslogs-group") is not { } group || container.LogOption("awslogs-stream-prefix") is not { } prefix)
        {
            return [];
        }

        try
        {
            var log = await aws.Logs.GetLogEventsAsync(new() { LogGroupName = group, LogStreamName = $"{prefix}/{failed.Name}/{Short(task)}", Limit = 5, StartFromHead = false }, cancellation);
            return [.. log.Events.Select(e => "  log: " + Terminal.Clean(e.Message is { Length: > 300 } m ? m[..300] + "…" : e.Message))];
        }
        catch (AwsException)
        {
            // The log is an extra; the reason stands without it.
            return [];
        }
    }

    private async Task<IReadOnlyList<EcsTask>> TasksAsync(string status, CancellationToken cancellation)
    {
        var tasks = new List<EcsTask>();
        string? next = null;
        for (var page = 0; page < 100; page++)
        {
            var list = await aws.Ecs.ListTasksAsync(new() { Cluster = request.Cluster, ServiceName = request.Service, DesiredStatus = status, NextToken = next, MaxResults = 100 }, cancellation);
            if (list.TaskArns.Count > 0)
            {
                tasks.AddRange((await aws.Ecs.DescribeTasksAsync(new() { Cluster = request.Cluster, Tasks = list.TaskArns }, cancellation)).Tasks);
            }

            next = list.NextToken;
            if (string.IsNullOrEmpty(next))
            {
                break;
            }
        }

        return tasks;
    }

    private static string Short(EcsTask task) => task.TaskArn?[(task.TaskArn.LastIndexOf('/') + 1)..] ?? "";
}
