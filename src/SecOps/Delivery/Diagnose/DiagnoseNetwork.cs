using System.Globalization;
using SecOps.Aws.Ec2;
using SecOps.Delivery.Protect;

namespace SecOps.Delivery.Diagnose;

/// <summary>What security groups, network ACLs and route tables let through.</summary>
internal static class DiagnoseNetwork
{
    /// <summary>Whether one of the groups lets a port in from a range, or from a security group.</summary>
    public static bool LetsIn(IEnumerable<SecurityGroup> groups, int port, AddressRange from, IReadOnlyCollection<string>? fromGroups = null) =>
        groups.Any(g => g.IpPermissions.Exists(p => Covers(p, port) && (Names(p, from) || p.UserIdGroupPairs.Exists(u => fromGroups?.Contains(u.GroupId ?? "") == true))));

    /// <summary>Whether one of the groups lets a port out to anywhere in a range; a prefix list counts, since AWS's own hold its services.</summary>
    public static bool LetsOut(IEnumerable<SecurityGroup> groups, int port, AddressRange to, IReadOnlyCollection<string>? toGroups = null) =>
        groups.Any(g => g.IpPermissionsEgress.Exists(p => Covers(p, port) && (Names(p, to) || p.PrefixListIds.Count > 0 || p.UserIdGroupPairs.Exists(u => toGroups?.Contains(u.GroupId ?? "") == true))));

    /// <summary>The first rule that fits decides; without one it is denied.</summary>
    /// <returns>The number of the rule that denies it; 32767 is the last one, which denies the rest. Null: it is let through.</returns>
    public static int? DeniedBy(NetworkAcl acl, bool egress, int port, AddressRange range)
    {
        var decides = acl.Entries
            .Where(e => e.Egress == egress && (e.Protocol is "-1" or "6"))
            .Where(e => e.PortRange is not { } ports || e.Protocol == "-1" || (port >= ports.From && port <= ports.To))
            .Where(e => AddressRange.Parse(e.CidrBlock) is { } block && block.Overlaps(range))
            .MinBy(e => e.RuleNumber ?? 32767);
        return decides?.RuleAction == "allow" ? null : decides?.RuleNumber ?? 32767;
    }

    /// <summary>Where a subnet's traffic to the internet goes.</summary>
    public static Exit ExitOf(DiagnoseFacts facts, Subnet subnet)
    {
        var table = facts.RoutesOf(subnet);
        var route = table?.Routes.FirstOrDefault(r => r.DestinationCidrBlock == "0.0.0.0/0");
        var kind = route switch
        {
            null => ExitKind.None,
            { State: "blackhole" } => ExitKind.Broken,
            { GatewayId: { } gateway } when gateway.StartsWith("igw-", StringComparison.Ordinal) => ExitKind.InternetGateway,
            { NatGatewayId: { } nat } => facts.NatGateways.TryGetValue(nat, out var gateway) && gateway.State is not (null or "available" or "pending") ? ExitKind.Broken : ExitKind.Nat,
            // A transit gateway, a firewall, an instance: who built it knows where it leads.
            { TransitGatewayId: not null } or { NetworkInterfaceId: not null } or { InstanceId: not null } or { VpcPeeringConnectionId: not null } or { GatewayId: not null and not "local" } => ExitKind.Other,
            _ => ExitKind.None,
        };
        var through = route?.NatGatewayId ?? route?.GatewayId ?? route?.TransitGatewayId ?? route?.NetworkInterfaceId;
        return new Exit(kind, table?.RouteTableId ?? "no route table", through, table?.Associations.Exists(a => a.SubnetId == subnet.SubnetId) == false);
    }

    public static string Ports(IEnumerable<int> ports) => string.Join(", ", ports.Select(p => p.ToString(CultureInfo.InvariantCulture)));

    private static bool Covers(IpPermission rule, int port) =>
        rule.IpProtocol == "-1" || (rule.IpProtocol is "tcp" or "6" && (rule.FromPort ?? 0) <= port && port <= (rule.ToPort ?? 65535));

    private static bool Names(IpPermission rule, AddressRange range) =>
        rule.IpRanges.Exists(r => AddressRange.Parse(r.CidrIp) is { } allowed && allowed.Contains(range));
}

internal enum ExitKind { None, InternetGateway, Nat, Other, Broken }

/// <param name="Table">The route table's id.</param>
/// <param name="Through">The gateway's id.</param>
/// <param name="IsMain">The subnet has no table of its own, so the VPC's main table counts.</param>
internal sealed record Exit(ExitKind Kind, string Table, string? Through, bool IsMain)
{
    public string Shown => Table + (IsMain ? " (the VPC's main table)" : "");
}
