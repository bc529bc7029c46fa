using System.Globalization;
using System.Text.RegularExpressions;
using SecOps.Delivery.Deploy;
using SecOps.Delivery.Protect;
using static SecOps.Delivery.Diagnose.DiagnoseCheck;

namespace SecOps.Delivery.Diagnose;

/// <summary>From the load balancer to the container: 502, 503 and 504.</summary>
internal static partial class DiagnoseTarget
{
    public static IEnumerable<DiagnoseCheck> Check(DiagnoseFacts facts, RoutedTargetGroup target)
    {
        var group = target.Group;
        var wired = target.Wiring;
        var container = facts.Task.Containers.FirstOrDefault(c => c.Name == wired.ContainerName);
        if (container is null)
        {
            yield return Failed("target.container", facts.Task.Arn, $"the service sends to the container \"{wired.ContainerName}\", which {facts.Task.Name} does not have; it has {string.Join(", ", facts.Task.Containers.Select(c => c.Name))}.", "Name a container of the task definition in the service's load balancer settings.");
            yield break;
        }

        foreach (var check in Ports(facts, target, container).Concat(Wiring(facts, target)).Concat(HealthCheck(target, container)).Concat(Health(target)).Concat(SecurityGroup(facts, target)))
        {
            yield return check;
        }
    }

    /// <summary>The ports that requests are sent to: where the targets are registered; without one, the target group's own.</summary>
    public static IReadOnlyList<int> SendingPorts(RoutedTargetGroup target)
    {
        var registered = target.Health.Select(h => h.Target?.Port).OfType<int>().Distinct().ToList();
        return registered.Count > 0 ? registered : [target.Group.Port ?? 0];
    }

    /// <summary>Where the definition says that the program listens: environment, arguments, health check. Empty when it says nothing.</summary>
    public static IReadOnlyList<(int Port, string Source)> Listens(ContainerView container)
    {
        var found = new List<(int, string)>();
        foreach (var (name, value) in container.Environment.Where(e => PortVariable().IsMatch(e.Key)))
        {
            if (PortValue().Match(value) is { Success: true } m)
            {
                found.Add((int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture), $"its environment says {name}={value}"));
            }
        }

        var command = string.Join(' ', container.Command);
        if (PortArgument().Match(command) is { Success: true } argument)
        {
            found.Add((int.Parse(argument.Groups[1].Value, CultureInfo.InvariantCulture), $"its command says {argument.Value.Trim()}"));
        }

        if (LocalAddress().Match(string.Join(' ', container.HealthCommand)) is { Success: true } probe)
        {
            found.Add((int.Parse(probe.Groups[1].Value, CultureInfo.InvariantCulture), $"its own health check asks {probe.Value}"));
        }

        return [.. found.Where(f => f.Item1 is > 0 and < 65536)];
    }

    private static IEnumerable<DiagnoseCheck> Ports(DiagnoseFacts facts, RoutedTargetGroup target, ContainerView container)
    {
        var group = target.Group;
        var port = target.Wiring.ContainerPort ?? 0;
        if (!container.Ports.Contains(port))
        {
            yield return Failed("target.port", facts.Task.Arn, $"the service sends to port {port} of {container.Name}, but {facts.Task.Name} maps {(container.Ports.Count == 0 ? "no port" : "port " + DiagnoseNetwork.Ports(container.Ports))}: every request ends in 502.", container.Ports.Count == 0 ? $"Add a port mapping with containerPort {port} to {container.Name}." : $"Set containerPort to {container.Ports[0]} in the service's load balancer settings, or map port {port}.");
            yield break;
        }

        var listens = Listens(container);
        if (listens.Count > 0 && listens.All(l => l.Port != port))
        {
            yield return Failed("target.port", facts.Task.Arn, $"the service sends to port {port} of {container.Name}, but the container listens on {listens[0].Port} ({listens[0].Source}): every request ends in 502.", $"Set containerPort and the port mapping to {listens[0].Port}, or let the program listen on {port}.");
            yield break;
        }

        if (group.TargetType == "ip" && SendingPorts(target).FirstOrDefault(p => p != port) is var sent and > 0)
        {
            var how = target.Health.Count > 0 ? $"has targets registered on port {sent}" : $"sends to port {sent}, and no target is registered that says otherwise";
            yield return Failed("target.port", group.TargetGroupArn!, $"the target group {group.TargetGroupName} {how}, but {container.Name} listens on {port}: those requests end in 502.", target.Health.Count > 0 ? $"Deregister the targets on port {sent}; ECS registers its tasks on {port} itself." : $"Use a target group with port {port}; if the service is just starting, look again once a task is registered.");
            yield break;
        }

        yield return Ok("target.port", group.TargetGroupArn!, $"{group.TargetGroupName} sends to port {port}, where {container.Name} listens.");
    }

    private static IEnumerable<DiagnoseCheck> Wiring(DiagnoseFacts facts, RoutedTargetGroup target)
    {
        var group = target.Group;
        if (facts.Task.NetworkMode == "awsvpc" && group.TargetType is not (null or "ip"))
        {
            yield return Failed("target.type", group.TargetGroupArn!, $"the target group {group.TargetGroupName} has targets of the type {group.TargetType}; tasks with their own network interface (awsvpc) need ip.", "Make a new target group with the target type ip (the type can't be changed), and name it in the service.");
        }

        var vpcs = facts.TaskSubnets.Select(s => s.VpcId).Distinct().ToList();
        if (group.VpcId is not null && vpcs.Count > 0 && !vpcs.Contains(group.VpcId))
        {
            yield return Failed("target.vpc", group.TargetGroupArn!, $"the target group {group.TargetGroupName} is in {group.VpcId}, the tasks are in {string.Join(", ", vpcs)}: they can't be registered.", "Use a target group and a load balancer in the tasks' VPC.");
        }

        if (target.LoadBalancer is { } balancer && balancer.AvailabilityZones.Count > 0)
        {
            var zones = balancer.AvailabilityZones.Select(z => z.ZoneName).ToHashSet();
            foreach (var subnet in facts.TaskSubnets.Where(s => s.AvailabilityZone is not null && !zones.Contains(s.AvailabilityZone)))
            {
                yield return Failed("target.zone", subnet.SubnetId!, $"tasks in {subnet.SubnetId} are in {subnet.AvailabilityZone}, which {balancer.LoadBalancerName} does not serve: they are never used.", $"Add a subnet in {subnet.AvailabilityZone} to {balancer.LoadBalancerName}, or take {subnet.SubnetId} out of the service.");
            }
        }
    }

    private static IEnumerable<DiagnoseCheck> HealthCheck(RoutedTargetGroup target, ContainerView container)
    {
        var group = target.Group;
        var arn = group.TargetGroupArn!;
        if (int.TryParse(group.HealthCheckPort, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && !container.Ports.Contains(port))
        {
            yield return Failed("target.health-check", arn, $"the health check of {group.TargetGroupName} asks port {port}, where {container.Name} does not listen: its tasks are killed again and again.", $"Set the health check's port to traffic-port or {target.Wiring.ContainerPort}.");
        }
        else if (group.HealthCheckPath is { Length: > 0 } path && !path.StartsWith('/'))
        {
            yield return Failed("target.health-check", arn, $"the health check of {group.TargetGroupName} asks the path \"{Terminal.Clean(path)}\", which does not start with /.", "Set the health check's path, e.g. /health.");
        }
        else if (group.Matcher?.HttpCode is { Length: > 0 } codes && !Accepts(codes))
        {
            yield return Failed("target.health-check", arn, $"the health check of {group.TargetGroupName} accepts only the status {Terminal.Clean(codes)}, never 200: a healthy task counts as unhealthy.", "Set the matcher to 200-299, or to what the path answers.");
        }
        else
        {
            yield return Ok("target.health-check", arn, $"{group.TargetGroupName} asks {group.HealthCheckPath ?? "the port"}.");
        }
    }

    private static bool Accepts(string codes) => codes.Split(',').Any(part =>
    {
        var ends = part.Split('-');
        return int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            && int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last) && first <= 299 && last >= 200;
    });

    /// <summary>What the load balancer itself says; reasons from the API's TargetHealth.</summary>
    private static IEnumerable<DiagnoseCheck> Health(RoutedTargetGroup target)
    {
        foreach (var bad in target.Health.Where(h => h.TargetHealth?.State is "unhealthy" or "unavailable").DistinctBy(h => h.TargetHealth!.Reason))
        {
            var health = bad.TargetHealth!;
            var fix = health.Reason switch
            {
                "Target.ResponseCodeMismatch" => $"Let {target.Group.HealthCheckPath} answer {target.Group.Matcher?.HttpCode ?? "200"}, or change the health check's path or matcher.",
                "Target.Timeout" => "Let the load balancer's security group into the task's on the container port, or let the program answer sooner.",
                "Target.FailedHealthChecks" => "See the container's log; it refuses connections or answers wrongly.",
                "Target.NotInUse" => "Forward to this target group from a listener, in the tasks' zones.",
                _ => "See the container's log and the target group's health checks.",
            };
            yield return Failed("target.health", $"{bad.Target?.Id}:{bad.Target?.Port}", $"{target.Group.TargetGroupName} holds {bad.Target?.Id}:{bad.Target?.Port} for {health.State}: {Terminal.Clean(health.Description ?? health.Reason)}.", fix);
        }
    }

    private static IEnumerable<DiagnoseCheck> SecurityGroup(DiagnoseFacts facts, RoutedTargetGroup target)
    {
        var groups = facts.TaskGroups;
        if (groups.Count == 0 || target.LoadBalancer is not { } balancer)
        {
            yield break;
        }

        var port = target.Wiring.ContainerPort ?? 0;
        var from = balancer.AvailabilityZones.Select(z => z.SubnetId).OfType<string>().Where(facts.Subnets.ContainsKey).Select(id => AddressRange.Parse(facts.Subnets[id].CidrBlock)).OfType<AddressRange>().ToList();
        var open = DiagnoseNetwork.LetsIn(groups, port, AddressRange.Everywhere, balancer.SecurityGroups)
            || (from.Count > 0 && from.TrueForAll(range => DiagnoseNetwork.LetsIn(groups, port, range, balancer.SecurityGroups)));
        var source = balancer.SecurityGroups.FirstOrDefault() ?? "the load balancer's subnets";
        yield return open
            ? Ok("task.security-group", groups[0].GroupId!, $"{groups[0].GroupId} lets {balancer.LoadBalancerName} in on port {port}.")
            : Failed("task.security-group", groups[0].GroupId!, $"the tasks' security group {string.Join(", ", groups.Select(g => g.GroupId))} does not let {balancer.LoadBalancerName} in on port {port}: requests end in 504, health checks in Target.Timeout.", $"Add an inbound rule to {groups[0].GroupId}: TCP {port} from {source}.");
    }

    // Variables that say where the program itself listens; DB_PORT or REDIS_PORT say where others do.
    [GeneratedRegex("^(PORT|APP_PORT|HTTP_PORT|SERVER_PORT|WEB_PORT|CONTAINER_PORT|LISTEN_PORT|BIND_PORT|FLASK_RUN_PORT|UVICORN_PORT|NODE_PORT|LISTEN|LISTEN_ADDR|BIND|GUNICORN_BIND|ASPNETCORE_HTTP_PORTS|ASPNETCORE_URLS)$", RegexOptions.IgnoreCase)]
    private static partial Regex PortVariable();

    [GeneratedRegex(@"(?:^|[:+*])(\d{2,5})/?$")]
    private static partial Regex PortValue();

    [GeneratedRegex(@"(?:--port[= ]|--bind[= ]\S*:|-b\s+\S*:|-p\s+|0\.0\.0\.0:)(\d{2,5})\b")]
    private static partial Regex PortArgument();

    [GeneratedRegex(@"(?:localhost|127\.0\.0\.1|0\.0\.0\.0):(\d{2,5})\b")]
    private static partial Regex LocalAddress();
}
