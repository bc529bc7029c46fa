using SecOps.Aws;
using SecOps.Aws.BedrockRuntime;
using SecOps.Configuration;
using SecOps.Remediation;
using SecOps.Remediation.Bedrock;

namespace SecOps.Commands;

/// <summary>The engines that were asked for.</summary>
internal sealed class RemediateEngines : IDisposable
{
    /// <summary>How long the model may think; the SDK's own limit is far too short for it.</summary>
    private static readonly TimeSpan ModelTimeout = TimeSpan.FromMinutes(10);

    private readonly BedrockRuntimeClient? client;
    private readonly BedrockEngine? model;
    private readonly AuditLog? audit;

    private RemediateEngines(IReadOnlyList<IFixEngine> engines, BedrockRuntimeClient? client, AuditLog? audit) =>
        (Engines, this.client, this.audit, model) = (engines, client, audit, engines.OfType<BedrockEngine>().FirstOrDefault());

    public IReadOnlyList<IFixEngine> Engines { get; }

    /// <exception cref="SecOpsException">The model was asked for by name, and the configuration names none (exit code 2).</exception>
    public static RemediateEngines Create(Workspace workspace, RemediateOptions options, RemediateSection settings)
    {
        var engines = new List<IFixEngine>();
        if (options.Engine != "bedrock")
        {
            var registries = new BaseImages(workspace);
            engines.Add(new RulesEngine([.. settings.Also], options.DryRun ? null : registries.DigestAsync));
        }

        if (options.Engine == "bedrock" && settings.Model is null)
        {
            throw SecOpsException.Usage("--engine bedrock: no model is configured. Code leaves this machine only when secops.yml names where to: remediate.model, e.g. a Bedrock inference profile.");
        }

        BedrockRuntimeClient? client = null;
        AuditLog? audit = null;
        if (options.Engine != "rules" && settings.Model is { } id && !workspace.Options.Offline)
        {
            // The budget counts calls, so none is repeated behind its back.
            client = new BedrockRuntimeClient(new AwsSettings
            {
                Region = AwsSettings.ResolveRegion(settings.Region, workspace.Variable),
                Variable = workspace.Variable,
                MaxErrorRetry = 0,
                Timeout = ModelTimeout,
            });
            audit = new AuditLog(RemediateAudit.FileOf(workspace), workspace.Clock);
            var limits = new ModelLimits(20, settings.MaxCalls, settings.MaxInputTokens, settings.MaxOutputTokens, settings.MaxCost, settings.InputPrice, settings.OutputPrice);
            engines.Add(new BedrockEngine(
                new BedrockModel(client, id, Task.Delay),
                new ModelBudget(limits),
                audit,
                workspace.Redactor));
        }
        else if (options.Engine == "bedrock")
        {
            throw SecOpsException.Usage("--engine bedrock needs the network, which --offline forbids.");
        }

        return new RemediateEngines(engines, client, audit);
    }

    /// <summary>US dollars.</summary>
    public decimal Spent => model?.Spent ?? 0;

    /// <summary>The last hash of the audit log; null when the model was not asked.</summary>
    public string? AuditHead => audit?.Head;

    public string? ModelName => model?.Name;

    /// <summary>What the model would be sent for a finding; null when nothing would.</summary>
    public (string Path, int InputTokens, decimal Cost)? Preview(FixRequest request) => model?.Preview(request);

    public void Dispose() => client?.Dispose();
}
