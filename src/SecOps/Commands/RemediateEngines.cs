using SecOps.Configuration;
using SecOps.Findings;
using SecOps.Remediation;

namespace SecOps.Commands;

/// <summary>The engines that were asked for.</summary>
internal sealed class RemediateEngines : IDisposable
{
    private readonly Terminal terminal;

    private RemediateEngines(Terminal terminal, IReadOnlyList<IFixEngine> engines) => (this.terminal, Engines) = (terminal, engines);

    public IReadOnlyList<IFixEngine> Engines { get; }

    public static RemediateEngines Create(Workspace workspace, RemediateOptions options, RemediateSection settings)
    {
        var engines = new List<IFixEngine>();
        if (options.Engine != "bedrock")
        {
            engines.Add(new RulesEngine([.. settings.Also]));
        }

        return new RemediateEngines(workspace.Terminal, engines);
    }

    /// <summary>Says what a run would try.</summary>
    public int Explain(IEnumerable<Finding> targets, SourceTree tree)
    {
        foreach (var target in targets)
        {
            var rule = RuleList.Find(target);
            terminal.Say(Terminal.Clean($"{target.Rule.Id,-8} {target.Location.Path}:{target.Location.StartLine}  {(rule is null ? RuleList.WhyNone(target) : "a built-in rule would be tried")}"));
        }

        return ExitCode.Clean;
    }

    public void Dispose()
    {
        // Nothing is held yet.
    }
}
