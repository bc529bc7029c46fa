using System.Globalization;
using SecOps.Aws;
using SecOps.Aws.BedrockRuntime;
using SecOps.Configuration;
using SecOps.Findings;
using SecOps.Remediation;
using SecOps.Remediation.Bedrock;

namespace SecOps.Commands;

/// <summary>The engines that were asked for.</summary>
internal sealed class RemediateEngines : IDisposable
{
    /// <summary>How long the model may think; the SDK's own limit is far too short for it.</summary>
    private static readonly TimeSpan ModelTimeout = TimeSpan.FromMinutes(10);

    private readonly Terminal terminal;
    private readonly BedrockRuntimeClient? client;
    private readonly BedrockEngine? model;

    private RemediateEngines(Terminal terminal, IReadOnlyList<IFixEngine> engines, BedrockRuntimeClient? client) =>
        (this.terminal, Engines, this.client, model) = (terminal, engines, client, engines.OfType<BedrockEngine>().FirstOrDefault());

    public IReadOnlyList<IFixEngine> Engines { get; }

    /// <exception cref="SecOpsException">The model was asked for by name, and the configuration names none (exit code 2).</exception>
    public static RemediateEngines Create(Workspace workspace, RemediateOptions options, RemediateSection settings)
    {
        var engines = new List<IFixEngine>();
        if (options.Engine != "bedrock")
        {
            engines.Add(new RulesEngine([.. settings.Also]));
        }

        if (options.Engine == "bedrock" && settings.Model is null)
        {
            throw SecOpsException.Usage("--engine bedrock: no model is configured. Code leaves this machine only when secops.yml names where to: remediate.model, e.g. a Bedrock inference profile.");
        }

        BedrockRuntimeClient? client = null;
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
            var limits = new ModelLimits(20, settings.MaxCalls, settings.MaxInputTokens, settings.MaxOutputTokens, settings.MaxCost, settings.InputPrice, settings.OutputPrice);
            engines.Add(new BedrockEngine(
                new BedrockModel(client, id, Task.Delay),
                new ModelBudget(limits),
                new AuditLog(Path.Combine(workspace.Folder, "remediate-audit.jsonl"), workspace.Clock),
                workspace.Redactor));
        }
        else if (options.Engine == "bedrock")
        {
            throw SecOpsException.Usage("--engine bedrock needs the network, which --offline forbids.");
        }

        return new RemediateEngines(workspace.Terminal, engines, client);
    }

    /// <summary>US dollars.</summary>
    public decimal Spent => model?.Spent ?? 0;

    /// <summary>Says what a run would try, and what it would send.</summary>
    public int Explain(IEnumerable<Finding> targets, SourceTree tree)
    {
        var (calls, tokens, cost) = (0, 0, 0m);
        foreach (var target in targets)
        {
            var rule = Engines.Any(e => !e.IsModel) ? RuleList.Find(target) : null;
            var what = rule is not null ? "a built-in rule would be tried" : RuleList.WhyNone(target);
            if (rule is null && model?.Preview(new FixRequest(target, tree)) is { } preview)
            {
                (calls, tokens, cost) = (calls + 1, tokens + preview.InputTokens, cost + preview.Cost);
                what = string.Create(CultureInfo.InvariantCulture, $"{preview.Path} would be sent to {model.Name}: about {preview.InputTokens} tokens, at most {preview.Cost:0.0000} US dollars an attempt");
            }

            terminal.Say(Terminal.Clean($"{target.Rule.Id,-8} {target.Location.Path}:{target.Location.StartLine}  {what}"));
        }

        terminal.Say(calls == 0 ? "Nothing would be sent." : string.Create(CultureInfo.InvariantCulture, $"{calls} findings, about {tokens} tokens, at most {cost:0.00} US dollars for the first attempts. Findings whose built-in fix is refused would be sent too."));
        return ExitCode.Clean;
    }

    public void Dispose() => client?.Dispose();
}
