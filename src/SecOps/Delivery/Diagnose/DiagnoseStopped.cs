using System.Globalization;
using SecOps.Aws.Ecs;

namespace SecOps.Delivery.Diagnose;

/// <summary>What tasks that stopped say about themselves; codes and texts of ECS's "stopped task errors" documentation.</summary>
internal static class DiagnoseStopped
{
    /// <summary>One check for each reason of the tasks that stopped lately.</summary>
    public static IEnumerable<DiagnoseCheck> Check(DiagnoseFacts facts) => facts.Stopped
        .Where(t => t.StopCode is not ("ServiceSchedulerInitiated" or "UserInitiated") && t.StoppedReason is not null)
        .DistinctBy(t => Reason(t))
        .Take(3)
        .Select(t => DiagnoseCheck.Failed("task.stopped", t.TaskArn ?? "", $"a task stopped: {Reason(t)}.", Fix(t)));

    /// <summary>Why a task stopped, in one line: the code, the reason, each container's exit code.</summary>
    public static string Reason(EcsTask task)
    {
        var containers = task.Containers.Where(c => c.ExitCode is not (null or 0) || c.Reason is not null)
            .Select(c => c.Name + (c.ExitCode is { } code ? string.Create(CultureInfo.InvariantCulture, $" exited with {code}") : "") + (c.Reason is { } reason ? $" ({Terminal.Clean(reason)})" : ""));
        return string.Join("; ", new[] { task.StopCode, Terminal.Clean(task.StoppedReason), string.Join(", ", containers) }.Where(s => !string.IsNullOrEmpty(s)));
    }

    private static string Fix(EcsTask task)
    {
        var text = task.StoppedReason + " " + string.Join(' ', task.Containers.Select(c => c.Reason));
        return text switch
        {
            _ when text.Contains("CannotPullContainer", StringComparison.Ordinal) => "See the checks task.image, task.route and task.execution-role.",
            _ when text.Contains("ResourceInitializationError", StringComparison.Ordinal) => "See the checks task.route, task.execution-role and task.log-group: secrets, logs or the registry could not be reached.",
            _ when text.Contains("OutOfMemory", StringComparison.Ordinal) || task.Containers.Exists(c => c.ExitCode == 137) => "Give the container more memory, or find out what uses it.",
            _ when text.Contains("health checks", StringComparison.OrdinalIgnoreCase) => "See the checks target.port, target.health-check and task.security-group; a slow start needs healthCheckGracePeriodSeconds.",
            _ => "Read the container's log for why it ended.",
        };
    }
}
