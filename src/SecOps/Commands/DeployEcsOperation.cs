using System.Text.Json;
using System.Text.Json.Nodes;
using SecOps.Aws;
using SecOps.Configuration;
using SecOps.Delivery.Attest;
using SecOps.Delivery.Deploy;
using SecOps.Delivery.Diagnose;
using SecOps.Delivery.Push;

namespace SecOps.Commands;

/// <summary>What <c>secops deploy ecs</c> was asked to do.</summary>
internal sealed record DeployEcsOptions
{
    public string? Cluster { get; init; }

    public string? Service { get; init; }

    public string? Image { get; init; }

    public string? Region { get; init; }

    public string? Container { get; init; }

    public string? TaskDefinition { get; init; }

    public TimeSpan? Timeout { get; init; }

    public bool Diff { get; init; }

    public bool VerifyOnly { get; init; }

    public bool DryRun { get; init; }

    public bool Rollback { get; init; }

    public bool NoWait { get; init; }
}

/// <summary>Verify, show the difference, deploy, tell.</summary>
internal sealed class DeployEcsOperation(Workspace workspace, DeployEcsOptions options)
{
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var configuration = workspace.Configuration(workspace.Directory);
        var section = configuration.Deploy;
        var image = options.Rollback && options.Image is null ? null : Image();
        var request = new DeployRequest
        {
            Cluster = options.Cluster ?? section.Cluster ?? throw SecOpsException.Usage("name the ECS cluster with --cluster, or as deploy.cluster in secops.yml."),
            Service = options.Service ?? section.Service ?? throw SecOpsException.Usage("name the ECS service with --service, or as deploy.service in secops.yml."),
            Image = image,
            Container = options.Container ?? section.Container,
            TaskDefinition = (options.TaskDefinition ?? section.TaskDefinition) is { } file ? ReadDefinition(workspace.FullPath(file)) : null,
            Timeout = options.Timeout ?? section.Timeout,
            NoWait = options.NoWait,
        };
        using var aws = new AwsClients(new AwsSettings { Region = AwsSettings.ResolveRegion(options.Region ?? section.Region, workspace.Variable), Variable = workspace.Variable });
        var trust = new DeployTrust(workspace, configuration, aws);
        if (!section.RequireAttestation)
        {
            workspace.Terminal.Progress("attestation: not required (deploy.requireAttestation is false); this image may not have passed the gate.");
        }

        var accepted = new HashSet<string>(StringComparer.Ordinal);
        var deploy = new DeployOperation(
            aws, request, workspace.Clock, workspace.Terminal.Say,
            section.RequireAttestation ? async (i, stop) => (await trust.VerifyAsync(i, stop)).IsGood : null, accepted);
        try
        {
            if (options.Rollback)
            {
                return options.DryRun || options.Diff || options.VerifyOnly
                    ? throw SecOpsException.Usage("--rollback changes the service; it can't be combined with --diff, --verify-only or --dry-run.")
                    : Tell(await deploy.RollbackAsync(cancellation), request, []);
            }

            accepted.Add(image!.Digest!);
            return await DeployAsync(deploy, request, aws, section, trust, accepted, cancellation);
        }
        catch (AwsException e)
        {
            throw SecOpsException.Tool($"{e.Message} State: {deploy.State}.", e);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            workspace.Terminal.Error($"cancelled. State: {deploy.State}.");
            return ExitCode.Cancelled;
        }
    }

    private async Task<int> DeployAsync(DeployOperation deploy, DeployRequest request, AwsClients aws, DeploySection section, DeployTrust trust, HashSet<string> accepted, CancellationToken cancellation)
    {
        var plan = await deploy.PlanAsync(cancellation);
        if (options.Diff && !options.DryRun && !options.VerifyOnly)
        {
            Show(plan);
            return Tell(null, request, [], plan);
        }

        var image = request.Image!;
        var attestation = section.RequireAttestation ? await trust.VerifyAsync(image, cancellation) : null;
        var platforms = await trust.PlatformsAsync(image, cancellation);
        accepted.UnionWith(platforms?.Digests ?? []);
        plan = plan with { Tags = await TagsAsync(attestation, cancellation) };
        var checks = await new DeployVerification(aws, attestation, platforms).RunAsync(plan, image, cancellation);
        DoctorAws.Say(workspace.Terminal, checks);
        if (Refusal(checks) is { } code)
        {
            Tell(null, request, checks, plan);
            workspace.Terminal.Error($"{image.Pinned} is not deployed: {checks.Count(c => c.Status == CheckStatus.Failed)} checks failed. Nothing was changed.");
            return code;
        }

        Show(plan);
        return options.VerifyOnly || options.DryRun || options.Diff
            ? Tell(null, request, checks, plan)
            : Tell(await deploy.RunAsync(plan, cancellation), request, checks, plan);
    }

    /// <summary>Null: nothing speaks against it. A missing attestation is incomplete; a verdict FAILED and a critical finding are the gate's.</summary>
    internal static int? Refusal(IReadOnlyList<DiagnoseCheck> checks)
    {
        var failed = checks.Where(c => c.Status == CheckStatus.Failed).Select(c => c.Id).ToList();
        return failed.Count == 0 ? null
            : failed.Contains("image.findings") || failed.Contains("image.gate") ? ExitCode.GateFailed
            : failed.Contains("image.attestation") ? ExitCode.Incomplete
            : ExitCode.ToolFailed;
    }

    private void Show(DeployPlan plan)
    {
        workspace.Terminal.Say(plan.Changes.Count == 0 ? $"{plan.Running.Name}: no difference" : $"{plan.Running.Name} → new revision:");
        foreach (var change in plan.Changes)
        {
            workspace.Terminal.Say("  " + workspace.Terminal.Paint(change, change[0] switch { '+' => "32", '-' => "31", _ => "33" }));
        }
    }

    private EcrImage Image()
    {
        var reference = options.Image ?? Pushed(workspace) ?? throw SecOpsException.Usage("name the image with --image REF@sha256:…, or run \"secops push\" before.");
        var image = EcrImage.Parse(reference);
        return EcrImage.IsDigest(image.Digest) ? image : throw SecOpsException.Usage($"--image {Terminal.Clean(reference)}: a tag can move. Name the digest: {Terminal.Clean(image.Name)}@sha256:… (\"secops push\" prints it).");
    }

    /// <summary>What push wrote to image.json.</summary>
    internal static string? Pushed(Workspace workspace)
    {
        var file = Path.Combine(workspace.Folder, "image.json");
        if (!File.Exists(file))
        {
            return null;
        }

        try
        {
            var json = JsonNode.Parse(File.ReadAllText(file)) as JsonObject;
            return TaskDefinitionView.Text(json?["repository"]) is { } repository && TaskDefinitionView.Text(json?["digest"]) is { } digest ? $"{repository}@{digest}" : null;
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            throw SecOpsException.Usage($"{file} cannot be read: {e.Message} Run \"secops push\" again, or name the image with --image.");
        }
    }

    private static JsonObject ReadDefinition(string file)
    {
        try
        {
            var json = JsonNode.Parse(File.ReadAllText(file)) as JsonObject;
            // As "aws ecs describe-task-definition" prints it, or bare.
            return json?["taskDefinition"] as JsonObject ?? (json?["containerDefinitions"] is JsonArray ? json : null)
                ?? throw SecOpsException.Usage($"{file} is no task definition: it has no containerDefinitions.");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw SecOpsException.Usage($"{file} cannot be read as a task definition: {e.Message}");
        }
    }

    private async Task<Dictionary<string, string>> TagsAsync(AttestationCheck? attestation, CancellationToken cancellation)
    {
        var (git, _) = workspace.RootOf(workspace.Directory);
        var commit = git is null ? null : (await git.HeadAsync(cancellation)).Commit;
        return new[] { ("secops:commit", commit), ("secops:attestation", attestation?.Referrer) }.Where(t => t.Item2 is not null).ToDictionary(t => t.Item1, t => t.Item2!);
    }

    private int Tell(DeployResult? result, DeployRequest request, IReadOnlyList<DiagnoseCheck> checks, DeployPlan? plan = null)
    {
        if (result is { ExitCode: not 0 })
        {
            var how = result.Outcome == DeployOutcome.RolledBack ? "failed and was rolled back" : "failed, and so did the rollback";
            workspace.Terminal.Error($"the deployment of {request.Service} {how}:\n  {string.Join("\n  ", result.Reasons)}");
        }

        if (workspace.Options.Json)
        {
            var json = new JsonObject
            {
                ["cluster"] = request.Cluster,
                ["service"] = request.Service,
                ["image"] = request.Image?.Pinned,
                ["outcome"] = result is null ? "planned" : JsonNamingPolicy.CamelCase.ConvertName(result.Outcome.ToString()),
                ["taskDefinition"] = result?.TaskDefinition,
                ["deployment"] = result?.Deployment,
                ["changes"] = new JsonArray([.. (plan?.Changes ?? []).Select(c => JsonValue.Create(c))]),
                ["reasons"] = new JsonArray([.. (result?.Reasons ?? []).Select(r => JsonValue.Create(r))]),
                ["checks"] = DoctorAws.Json(checks),
            };
            workspace.Terminal.Result(json.ToJsonString() + "\n");
        }

        return result?.ExitCode ?? ExitCode.Clean;
    }
}
