using System.Globalization;
using SecOps.Aws.ElasticLoadBalancingV2;
using SecOps.Delivery.Protect;
using static SecOps.Delivery.Diagnose.DiagnoseCheck;

namespace SecOps.Delivery.Diagnose;

/// <summary>From the client to the load balancer: why it can't be reached.</summary>
internal static class DiagnoseBalancer
{
    public static IEnumerable<DiagnoseCheck> Check(DiagnoseFacts facts, RoutedTargetGroup target)
    {
        var group = target.Group;
        if (target.LoadBalancer is not { } balancer)
        {
            yield return Failed("load-balancer.present", group.TargetGroupArn!, $"no load balancer uses the target group {group.TargetGroupName}: nothing reaches the service.", "Add a listener whose action forwards to this target group.");
            yield break;
        }

        var name = balancer.LoadBalancerName ?? balancer.LoadBalancerArn!;
        var arn = balancer.LoadBalancerArn!;
        yield return balancer.State?.Code is null or "active" or "provisioning"
            ? Ok("load-balancer.state", arn, $"{name} is {balancer.State?.Code ?? "there"}.")
            : Failed("load-balancer.state", arn, $"{name} is {balancer.State.Code}: {balancer.State.Reason}.", "See the reason; an impaired load balancer often lacks free addresses in its subnets.");
        var listening = Listeners(target, name, arn);
        yield return listening;
        yield return Scheme(facts, balancer, name);
        foreach (var check in SecurityGroups(facts, target, balancer, name))
        {
            yield return check;
        }

        foreach (var check in Subnets(facts, target, balancer, name))
        {
            yield return check;
        }
    }

    private static DiagnoseCheck Listeners(RoutedTargetGroup target, string name, string arn)
    {
        if (target.Listeners.Count == 0)
        {
            return Failed("load-balancer.listener", arn, $"{name} has no listener: every connection is refused.", $"Add a listener that forwards to {target.Group.TargetGroupName}.");
        }

        return target.Forwarding.Count > 0
            ? Ok("load-balancer.listener", target.Forwarding[0].ListenerArn!, $"{name} forwards port {DiagnoseNetwork.Ports(target.Forwarding.Select(l => l.Port ?? 0))} to {target.Group.TargetGroupName}.")
            : Failed("load-balancer.listener", target.Listeners[0].ListenerArn!, $"no listener or rule of {name} forwards to the target group {target.Group.TargetGroupName} that the service registers its tasks with.", $"Let a listener's default action or a rule forward to {target.Group.TargetGroupName}.");
    }

    private static DiagnoseCheck Scheme(DiagnoseFacts facts, LoadBalancer balancer, string name) =>
        balancer.Scheme == "internal" && !facts.Client.IsPrivate
            ? Failed("load-balancer.scheme", balancer.LoadBalancerArn!, $"{name} is internal: it has private addresses alone, so the internet can't reach it.", "Make a new load balancer with the scheme internet-facing (the scheme can't be changed), or, if only the network inside is meant to reach it, say so with --from RANGE, e.g. --from 10.0.0.0/8.")
            : Ok("load-balancer.scheme", balancer.LoadBalancerArn!, $"{name} is {balancer.Scheme}.");

    private static IEnumerable<DiagnoseCheck> SecurityGroups(DiagnoseFacts facts, RoutedTargetGroup target, LoadBalancer balancer, string name)
    {
        var groups = balancer.SecurityGroups.Where(facts.Groups.ContainsKey).Select(id => facts.Groups[id]).ToList();
        if (groups.Count == 0)
        {
            // A network load balancer may have none; then nothing is filtered here.
            yield break;
        }

        var ids = string.Join(", ", groups.Select(g => g.GroupId));
        foreach (var port in target.Forwarding.Concat(target.Listeners).Select(l => l.Port ?? 0).Distinct())
        {
            var rules = groups.SelectMany(g => g.IpPermissions).Where(r => r.IpProtocol == "-1" || (r.IpProtocol is "tcp" or "6" && (r.FromPort ?? 0) <= port && port <= (r.ToPort ?? 65535))).ToList();
            var open = DiagnoseNetwork.LetsIn(groups, port, facts.Client)
                // A narrower range, a prefix list (CloudFront's) or another group may well be meant.
                || (facts.Client == AddressRange.Everywhere && rules.Exists(r => r.PrefixListIds.Count > 0 || r.Ipv6Ranges.Count > 0 || r.UserIdGroupPairs.Count > 0 || r.IpRanges.Exists(i => AddressRange.Parse(i.CidrIp) is { IsPrivate: false })));
            var what = rules.Count == 0 ? "lets nothing in" : $"lets in only {string.Join(", ", rules.SelectMany(r => r.IpRanges).Select(r => r.CidrIp))}";
            yield return open
                ? Ok("load-balancer.security-group", groups[0].GroupId!, $"{ids} of {name} lets port {port} in.")
                : Failed("load-balancer.security-group", groups[0].GroupId!, string.Create(CultureInfo.InvariantCulture, $"the security group {ids} of {name} {what} on port {port}: connections from {facts.Client} time out."), string.Create(CultureInfo.InvariantCulture, $"Add an inbound rule to {groups[0].GroupId}: TCP {port} from {facts.Client}."));
        }

        var backend = DiagnoseTarget.SendingPorts(target)[0];
        var taskGroups = facts.TaskGroups.Select(g => g.GroupId!).ToList();
        if (backend > 0 && facts.TaskSubnets.Any())
        {
            var reaches = facts.TaskSubnets.All(s => AddressRange.Parse(s.CidrBlock) is not { } range || DiagnoseNetwork.LetsOut(groups, backend, range, taskGroups));
            yield return reaches
                ? Ok("load-balancer.egress", groups[0].GroupId!, $"{ids} of {name} lets port {backend} out to the tasks.")
                : Failed("load-balancer.egress", groups[0].GroupId!, $"the security group {ids} of {name} lets nothing out on port {backend} to the tasks' subnets: every request ends in 504.", $"Add an outbound rule to {groups[0].GroupId}: TCP {backend} to the tasks' security group.");
        }
    }

    private static IEnumerable<DiagnoseCheck> Subnets(DiagnoseFacts facts, RoutedTargetGroup target, LoadBalancer balancer, string name)
    {
        foreach (var subnet in balancer.AvailabilityZones.Select(z => z.SubnetId).OfType<string>().Where(facts.Subnets.ContainsKey).Select(id => facts.Subnets[id]))
        {
            if (balancer.Scheme == "internet-facing" && facts.RouteTables.Count > 0)
            {
                var exit = DiagnoseNetwork.ExitOf(facts, subnet);
                yield return exit.Kind is ExitKind.InternetGateway or ExitKind.Other
                    ? Ok("load-balancer.subnet-route", subnet.SubnetId!, $"{subnet.SubnetId} leads to {exit.Through}.")
                    : Failed("load-balancer.subnet-route", subnet.SubnetId!, $"the subnet {subnet.SubnetId} of the internet-facing {name} has no route to an internet gateway in {exit.Shown}: answers never find the way back.", $"Add the route 0.0.0.0/0 to an internet gateway to {exit.Table}, or give the load balancer public subnets.");
            }

            if (facts.AclOf(subnet) is { } acl)
            {
                foreach (var port in target.Forwarding.Select(l => l.Port ?? 0).Distinct())
                {
                    yield return DiagnoseNetwork.DeniedBy(acl, egress: false, port, facts.Client) is { } rule
                        ? Failed("load-balancer.network-acl", acl.NetworkAclId!, $"rule {rule} of the network ACL {acl.NetworkAclId} denies port {port} into {subnet.SubnetId}, a subnet of {name}.", $"Allow TCP {port} from {facts.Client} in an inbound rule with a lower number than {rule}.")
                        : Ok("load-balancer.network-acl", acl.NetworkAclId!, $"{acl.NetworkAclId} lets port {port} into {subnet.SubnetId}.");
                }
            }
        }
    }
}
