using System.Globalization;
using SecOps.Aws.Ec2;
using SecOps.Delivery.Protect;
using SecOps.Delivery.Push;
using static SecOps.Delivery.Diagnose.DiagnoseCheck;

namespace SecOps.Delivery.Diagnose;

/// <summary>From the task to what it needs to start: the registry, its logs, its secrets. Why it stays in PENDING.</summary>
internal static class DiagnoseTask
{
    private static readonly AddressRange Internet = AddressRange.Everywhere;

    public static IEnumerable<DiagnoseCheck> Check(DiagnoseFacts facts)
    {
        if (facts.TaskNetwork is null)
        {
            // Without awsvpc the task uses its instance's network.
            yield break;
        }

        foreach (var check in facts.TaskSubnets.SelectMany(s => Subnet(facts, s)).Concat(SecurityGroups(facts)))
        {
            yield return check;
        }
    }

    private static IEnumerable<DiagnoseCheck> Subnet(DiagnoseFacts facts, Subnet subnet)
    {
        var id = subnet.SubnetId!;
        if (subnet.AvailableIpAddressCount is <= 0)
        {
            yield return Failed("task.subnet-addresses", id, $"the subnet {id} ({subnet.CidrBlock}) has no free address: no task can start there.", "Give the service a larger subnet, or free addresses.");
        }

        if (facts.AclOf(subnet) is { } acl)
        {
            yield return Acl(acl, id);
        }

        if (facts.RouteTables.Count > 0)
        {
            foreach (var check in Way(facts, subnet))
            {
                yield return check;
            }
        }
    }

    private static DiagnoseCheck Acl(NetworkAcl acl, string subnet) =>
        DiagnoseNetwork.DeniedBy(acl, egress: true, 443, Internet) is { } outward
            ? Failed("task.network-acl", acl.NetworkAclId!, $"rule {outward} of the network ACL {acl.NetworkAclId} denies port 443 out of {subnet}: the image can't be pulled.", $"Allow TCP 443 to 0.0.0.0/0 in an outbound rule with a lower number than {outward}.")
        // Network ACLs keep no state: answers come back to a high port.
        : DiagnoseNetwork.DeniedBy(acl, egress: false, 40000, Internet) is { } inward
            ? Failed("task.network-acl", acl.NetworkAclId!, $"rule {inward} of the network ACL {acl.NetworkAclId} denies the answers' ports (1024-65535) into {subnet}: the image can't be pulled.", $"Allow TCP 1024-65535 from 0.0.0.0/0 in an inbound rule with a lower number than {inward}.")
        : Ok("task.network-acl", acl.NetworkAclId!, $"{acl.NetworkAclId} lets 443 out of {subnet} and the answers in.");

    private static IEnumerable<DiagnoseCheck> Way(DiagnoseFacts facts, Subnet subnet)
    {
        var id = subnet.SubnetId!;
        var exit = DiagnoseNetwork.ExitOf(facts, subnet);
        var publicAddress = facts.TaskNetwork!.AssignPublicIp == "ENABLED";
        var missing = Needed(facts).Where(n => !Serves(facts, n, subnet)).ToList();
        var usesEndpoints = missing.Count < Needed(facts).Count;
        switch (exit.Kind)
        {
            case ExitKind.InternetGateway when publicAddress:
                yield return Ok("task.route", id, $"{id} leads to {exit.Through}, and tasks have a public address.");
                break;
            case ExitKind.Nat or ExitKind.Other:
                yield return Ok("task.route", id, $"{id} leads to {exit.Through}.");
                break;
            case var _ when missing.Count == 0:
                yield return Ok("task.route", id, $"{id} reaches what a task needs through VPC endpoints.");
                break;
            case ExitKind.InternetGateway:
                yield return Failed("task.route", id, $"tasks in the public subnet {id} get no public address (assignPublicIp is DISABLED), and its way out, {exit.Through} in {exit.Shown}, takes only public ones; {Lacking(missing, usesEndpoints)}: tasks stay in PENDING because ECR can't be reached.", "Set assignPublicIp to ENABLED in the service's network configuration, or use private subnets behind a NAT gateway, or add the endpoints.");
                break;
            case ExitKind.Broken:
                yield return Failed("task.route", id, $"the way out of {id} in {exit.Shown} leads to {exit.Through}, which is gone or not available: tasks stay in PENDING because ECR can't be reached.", $"Point 0.0.0.0/0 in {exit.Table} to a NAT gateway that is available.");
                break;
            default:
                yield return publicAddress && !usesEndpoints
                    ? Failed("task.route", id, $"the subnet {id} has no way to the internet in {exit.Shown}, so the tasks' public addresses lead nowhere: they stay in PENDING because ECR can't be reached.", $"Add the route 0.0.0.0/0 to an internet gateway to {exit.Table}.")
                    : Failed("task.route", id, $"the private subnet {id} has no way out in {exit.Shown}; {Lacking(missing, usesEndpoints)}: tasks stay in PENDING because ECR can't be reached.", $"Add the route 0.0.0.0/0 to a NAT gateway to {exit.Table}, or the VPC endpoints {string.Join(", ", missing)}.");
                break;
        }

        foreach (var endpoint in facts.Endpoints.Where(e => e.VpcEndpointType == "Interface" && e.VpcId == subnet.VpcId && Needed(facts).Contains(Short(facts, e))))
        {
            foreach (var check in Endpoint(facts, endpoint, subnet))
            {
                yield return check;
            }
        }
    }

    private static IEnumerable<DiagnoseCheck> Endpoint(DiagnoseFacts facts, VpcEndpoint endpoint, Subnet subnet)
    {
        var groups = endpoint.Groups.Select(g => g.GroupId ?? "").Where(facts.Groups.ContainsKey).Select(g => facts.Groups[g]).ToList();
        var from = AddressRange.Parse(subnet.CidrBlock) ?? Internet;
        if (endpoint.PrivateDnsEnabled != false && groups.Count > 0 && !DiagnoseNetwork.LetsIn(groups, 443, from, [.. facts.TaskGroups.Select(g => g.GroupId!)]))
        {
            yield return Failed("task.endpoint", endpoint.VpcEndpointId!, $"the endpoint {endpoint.VpcEndpointId} for {endpoint.ServiceName} lets nobody in from {subnet.SubnetId} on port 443 (security group {groups[0].GroupId}), and names lead to it rather than to the internet: tasks stay in PENDING.", $"Add an inbound rule to {groups[0].GroupId}: TCP 443 from {subnet.CidrBlock}.");
        }
    }

    private static IEnumerable<DiagnoseCheck> SecurityGroups(DiagnoseFacts facts)
    {
        var groups = facts.TaskGroups;
        if (groups.Count == 0)
        {
            yield break;
        }

        var subnets = facts.TaskSubnets.Select(s => AddressRange.Parse(s.CidrBlock)).OfType<AddressRange>().ToList();
        var endpointGroups = facts.Endpoints.SelectMany(e => e.Groups).Select(g => g.GroupId ?? "").ToList();
        // Through endpoints alone a narrower rule is enough.
        var open = DiagnoseNetwork.LetsOut(groups, 443, Internet, endpointGroups) || (facts.Endpoints.Count > 0 && subnets.Exists(s => DiagnoseNetwork.LetsOut(groups, 443, s)));
        yield return open
            ? Ok("task.egress", groups[0].GroupId!, $"{groups[0].GroupId} lets port 443 out.")
            : Failed("task.egress", groups[0].GroupId!, $"the tasks' security group {string.Join(", ", groups.Select(g => g.GroupId))} lets nothing out on port 443: tasks stay in PENDING because ECR can't be reached.", string.Create(CultureInfo.InvariantCulture, $"Add an outbound rule to {groups[0].GroupId}: TCP 443 to 0.0.0.0/0."));
    }

    /// <summary>What a task asks before its program starts, as the last part of the endpoints' service names. Layers come from S3.</summary>
    private static List<string> Needed(DiagnoseFacts facts)
    {
        var containers = facts.Task.Containers;
        var needed = new List<string>();
        if (containers.Any(c => EcrImage.Parse(c.Image).IsEcr) || !containers.Any())
        {
            needed.AddRange(["ecr.api", "ecr.dkr", "s3"]);
        }

        if (containers.Any(c => c.LogDriver == "awslogs"))
        {
            needed.Add("logs");
        }

        var secrets = containers.SelectMany(c => c.Secrets).Select(s => s.Value).ToList();
        if (secrets.Exists(s => s.Contains(":secretsmanager:", StringComparison.Ordinal)))
        {
            needed.Add("secretsmanager");
        }

        if (secrets.Exists(s => !s.Contains(":secretsmanager:", StringComparison.Ordinal)))
        {
            needed.Add("ssm");
        }

        if (containers.Any(c => !EcrImage.Parse(c.Image).IsEcr))
        {
            // Another registry has no endpoint here.
            needed.Add("the registry of " + containers.First(c => !EcrImage.Parse(c.Image).IsEcr).Image);
        }

        return needed;
    }

    private static bool Serves(DiagnoseFacts facts, string service, Subnet subnet) => facts.Endpoints.Any(e => e.VpcId == subnet.VpcId && Short(facts, e) == service && (e.VpcEndpointType == "Gateway"
        ? facts.RoutesOf(subnet)?.RouteTableId is { } table && e.RouteTableIds.Contains(table)
        : e.PrivateDnsEnabled != false));

    private static string Short(DiagnoseFacts facts, VpcEndpoint endpoint) =>
        endpoint.ServiceName is { } name && name.IndexOf(facts.Region + ".", StringComparison.Ordinal) is var at and >= 0 ? name[(at + facts.Region.Length + 1)..] : endpoint.ServiceName ?? "";

    private static string Lacking(List<string> missing, bool usesEndpoints) =>
        usesEndpoints ? $"of the VPC endpoints that would do instead, {string.Join(", ", missing)} {(missing.Count == 1 ? "is" : "are")} missing" : "there are no VPC endpoints either";
}
