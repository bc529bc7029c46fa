using System.Text.Json.Nodes;
using SecOps.Aws;

namespace SecOps.Delivery.Deploy;

/// <summary>
/// Registers a task definition once. RegisterTaskDefinition has no client token, so the runtime's retry after a lost answer would
/// register it twice: here each attempt first looks whether the family's newest revision is it already.
/// </summary>
internal sealed class DeployRegistration(AwsClients aws, TimeProvider clock)
{
    /// <param name="definition">With its tags.</param>
    /// <returns>The ARN, and whether it is new: an interrupted run may have registered it before.</returns>
    /// <exception cref="AwsException">Refused, or failed after its retries.</exception>
    public async Task<(string Arn, bool IsNew)> RunAsync(JsonObject definition, CancellationToken cancellation)
    {
        for (var attempt = 0; ; attempt++)
        {
            if (await FindAsync(definition, cancellation) is { } found)
            {
                return (found, attempt > 0);
            }

            try
            {
                var registered = (await aws.EcsOnce.RegisterTaskDefinitionAsync(definition, cancellation)).TaskDefinition;
                return (TaskDefinitionView.Text(registered?["taskDefinitionArn"]) ?? throw SecOpsException.Tool("ECS registered the task definition and did not say under which name."), true);
            }
            catch (AwsException e) when (e.MayPass && attempt < aws.Settings.MaxErrorRetry)
            {
                await Task.Delay(e.RetryAfter ?? TimeSpan.FromSeconds(Math.Pow(2, attempt) * 0.5), clock, cancellation);
            }
        }
    }

    private async Task<string?> FindAsync(JsonObject definition, CancellationToken cancellation)
    {
        if (TaskDefinitionView.Text(definition["family"]) is not { Length: > 0 } family)
        {
            return null;
        }

        try
        {
            var newest = await aws.Ecs.DescribeTaskDefinitionAsync(new() { TaskDefinition = family, Include = ["TAGS"] }, cancellation);
            return newest.TaskDefinition is { } json && DeployDefinition.Diff(json, definition).Count == 0
                && Tags(definition).SetEquals(newest.Tags.Select(t => (t.Key ?? "", t.Value ?? "")))
                ? TaskDefinitionView.Text(json["taskDefinitionArn"])
                : null;
        }
        catch (AwsException e) when (e.Is("Client"))
        {
            // A new family.
            return null;
        }
    }

    private static HashSet<(string, string)> Tags(JsonObject definition) =>
        [.. TaskDefinitionView.Objects(definition["tags"]).Select(t => (TaskDefinitionView.Text(t["key"]) ?? "", TaskDefinitionView.Text(t["value"]) ?? ""))];
}
