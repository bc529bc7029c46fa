using System.Text.Json.Nodes;
using SecOps.Aws;
using SecOps.Configuration;
using SecOps.Delivery.Deploy;
using SecOps.Delivery.Push;
using SecOps.Processes;
using SecOps.Terraform;

namespace SecOps.Commands;

/// <summary>What <c>secops deploy terraform</c> was asked to do.</summary>
internal sealed record DeployTerraformOptions
{
    public string? Directory { get; init; }

    public string? Region { get; init; }

    public string? Image { get; init; }

    public bool Destroy { get; init; }

    public bool AllowDestroy { get; init; }

    public bool DryRun { get; init; }
}

/// <summary>Bootstrap of the backend, init, plan, gate, apply of that plan, outputs.</summary>
internal sealed class DeployTerraformOperation(Workspace workspace, DeployTerraformOptions options)
{
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var configuration = workspace.Configuration(workspace.Directory);
        var section = configuration.Deploy.Terraform;
        var folder = workspace.FullPath(options.Directory ?? section.Directory);
        if (!Directory.Exists(folder) || Directory.GetFiles(folder, "*.tf").Length == 0)
        {
            throw SecOpsException.Usage($"{folder} holds no Terraform configuration. Name its folder as deploy.terraform.directory, or after \"secops deploy terraform\".");
        }

        if (options.Destroy && !options.AllowDestroy)
        {
            throw SecOpsException.Usage("--destroy removes everything in this state. Add --allow-destroy if that is meant.");
        }

        var executable = ExecutableFinder.Find("terraform", workspace.Variable("PATH")) ?? throw SecOpsException.Tool("terraform is not installed. Install it (https://developer.hashicorp.com/terraform/install), 1.10 or later for S3's lock file.");
        var terraform = new TerraformTool(workspace.Processes, executable, folder, workspace.Terminal.Say);
        try
        {
            return await RunAsync(terraform, configuration.Deploy, cancellation);
        }
        catch (AwsException e)
        {
            throw SecOpsException.Tool(e.Message, e);
        }
    }

    private async Task<int> RunAsync(TerraformTool terraform, DeploySection deploy, CancellationToken cancellation)
    {
        var section = deploy.Terraform;
        var backend = new List<KeyValuePair<string, string>>();
        if (section.Bucket is { } bucket)
        {
            using var aws = new AwsClients(new AwsSettings { Region = AwsSettings.ResolveRegion(options.Region ?? deploy.Region, workspace.Variable), Variable = workspace.Variable });
            if (!await new DeployBackend(aws, bucket, section.LockTable, options.DryRun, workspace.Terminal.Say).EnsureAsync(cancellation))
            {
                workspace.Terminal.Say("Without its backend there is no plan to show. Nothing was changed.");
                return ExitCode.Clean;
            }

            backend.AddRange([new("bucket", bucket), new("key", section.Key ?? "terraform.tfstate"), new("region", aws.Region), new("encrypt", "true")]);
            backend.Add(section.LockTable is { } table ? new("dynamodb_table", table) : new("use_lockfile", "true"));
            if ((workspace.Variable("AWS_ENDPOINT_URL_S3") ?? workspace.Variable("AWS_ENDPOINT_URL")) is { Length: > 0 })
            {
                backend.Add(new("use_path_style", "true"));
            }
        }

        await terraform.InitAsync(backend, cancellation);
        var scratch = Directory.CreateTempSubdirectory("secops-plan-");
        try
        {
            var file = Path.Combine(scratch.FullName, "plan");
            var plan = await terraform.PlanAsync(file, Variables(section), options.Destroy, takeLock: !options.DryRun, cancellation);
            foreach (var change in plan.Changes)
            {
                workspace.Terminal.Say($"  {change.Action.ToString().ToLowerInvariant()} {Terminal.Clean(change.Address)}");
            }

            workspace.Terminal.Say($"plan: {plan.Summary}");
            if (plan.Destructive.Count > 0 && !options.AllowDestroy)
            {
                Tell(plan, "refused");
                workspace.Terminal.Error($"the plan destroys {string.Join(", ", plan.Destructive.Select(c => c.Address))}. Nothing was applied. Look at the plan, and add --allow-destroy if that is meant.");
                return ExitCode.GateFailed;
            }

            if (options.DryRun)
            {
                return Tell(plan, "planned");
            }

            // Also without changes of resources: outputs may have changed.
            await terraform.ApplyAsync(file, cancellation);
            await OutputsAsync(terraform, cancellation);
            return Tell(plan, plan.Changes.Count == 0 ? "unchanged" : "applied");
        }
        finally
        {
            // A plan holds variables and values in clear.
            scratch.Delete(recursive: true);
        }
    }

    private List<KeyValuePair<string, string>> Variables(TerraformSection section)
    {
        if (section.ImageVariable is not { } variable || options.Destroy)
        {
            return [];
        }

        var reference = options.Image ?? DeployEcsOperation.Pushed(workspace) ?? throw SecOpsException.Usage("name the image with --image REF@sha256:…, or run \"secops push\" before; deploy.terraform.imageVariable asks for it.");
        var image = EcrImage.Parse(reference);
        return EcrImage.IsDigest(image.Digest) ? [new(variable, image.Pinned)] : throw SecOpsException.Usage($"--image {Terminal.Clean(reference)}: a tag can move. Name the digest.");
    }

    /// <summary>The outputs without the sensitive ones, into .secops.</summary>
    private async Task OutputsAsync(TerraformTool terraform, CancellationToken cancellation)
    {
        var raw = Path.Combine(Path.GetTempPath(), $"secops-outputs-{Guid.NewGuid():N}.json");
        try
        {
            await terraform.OutputsAsync(raw, cancellation);
            var outputs = JsonNode.Parse(await File.ReadAllTextAsync(raw, cancellation)) as JsonObject ?? [];
            var kept = new JsonObject();
            foreach (var (name, output) in outputs)
            {
                if (TaskDefinitionView.Flag(output?["sensitive"]) != true)
                {
                    kept[name] = output?["value"]?.DeepClone();
                }
            }

            AtomicFile.WriteText(Path.Combine(workspace.Folder, "terraform.json"), kept.ToJsonString() + "\n");
        }
        finally
        {
            File.Delete(raw);
        }
    }

    private int Tell(TerraformPlan plan, string outcome)
    {
        if (workspace.Options.Json)
        {
            var json = new JsonObject
            {
                ["outcome"] = outcome,
                ["changes"] = new JsonArray([.. plan.Changes.Select(c => new JsonObject { ["address"] = c.Address, ["type"] = c.Type, ["action"] = c.Action.ToString().ToLowerInvariant() })]),
            };
            workspace.Terminal.Result(json.ToJsonString() + "\n");
        }

        return ExitCode.Clean;
    }
}
