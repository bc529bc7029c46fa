using System.Text.Json.Nodes;
using SecOps.Aws;
using SecOps.Delivery;

namespace SecOps.Commands;

/// <summary><c>secops doctor --aws</c>: the walk from the load balancer to the task.</summary>
internal static class DoctorAws
{
    /// <param name="from">The range that clients come from; null: the internet.</param>
    /// <returns>0: nothing is wrong; 1: something is; 3: something could not be looked at.</returns>
    /// <exception cref="SecOpsException">Usage (2), or AWS refuses the credentials (4).</exception>
    public static async Task<int> RunAsync(Workspace workspace, string? cluster, string? service, string? region, string? from, CancellationToken cancellation)
    {
        var section = workspace.Configuration(workspace.Directory).Deploy;
        cluster ??= section.Cluster ?? throw SecOpsException.Usage("name the ECS cluster with --cluster, or as deploy.cluster in secops.yml.");
        service ??= section.Service ?? throw SecOpsException.Usage("name the ECS service with --service, or as deploy.service in secops.yml.");
        var client = from is null ? AddressRange.Everywhere : AddressRange.Parse(from) ?? throw SecOpsException.Usage($"--from {Terminal.Clean(from)}: write an IPv4 range such as 10.0.0.0/8.");
        using var aws = new AwsClients(new AwsSettings { Region = AwsSettings.ResolveRegion(region ?? section.Region, workspace.Variable), Variable = workspace.Variable });
        IReadOnlyList<DiagnoseCheck> checks;
        try
        {
            checks = await new DiagnoseOperation(aws, client).RunAsync(cluster, service, cancellation);
        }
        catch (AwsException e)
        {
            throw SecOpsException.Tool(e.Message, e);
        }

        if (workspace.Options.Json)
        {
            workspace.Terminal.Result(new JsonObject { ["checks"] = Json(checks) }.ToJsonString() + "\n");
        }

        Say(workspace.Terminal, checks);
        return checks.Any(c => c.Status == CheckStatus.Failed) ? ExitCode.GateFailed
            : checks.Any(c => c.Status == CheckStatus.Unknown) ? ExitCode.Incomplete
            : ExitCode.Clean;
    }

    public static JsonArray Json(IEnumerable<DiagnoseCheck> checks) => new([.. checks.Select(c => new JsonObject
    {
        ["id"] = c.Id,
        ["status"] = c.Status switch { CheckStatus.Ok => "ok", CheckStatus.Failed => "failed", _ => "unknown" },
        ["resource"] = c.Resource,
        ["message"] = c.Message,
        ["fix"] = c.Fix,
    })]);

    /// <summary>What is wrong, and what could not be looked at; what is well in one line.</summary>
    public static void Say(Terminal terminal, IReadOnlyList<DiagnoseCheck> checks)
    {
        foreach (var check in checks.Where(c => c.Status != CheckStatus.Ok))
        {
            terminal.Say($"{(check.Status == CheckStatus.Failed ? terminal.Paint("failed", "31") : terminal.Paint("unknown", "33"))} {check.Id}: {Terminal.Clean(check.Message)}");
            if (check.Fix is { } fix)
            {
                terminal.Say("  to mend it: " + Terminal.Clean(fix));
            }
        }

        terminal.Say($"{checks.Count(c => c.Status == CheckStatus.Ok)} checks passed, {checks.Count(c => c.Status == CheckStatus.Failed)} failed, {checks.Count(c => c.Status == CheckStatus.Unknown)} unknown.");
    }
}
