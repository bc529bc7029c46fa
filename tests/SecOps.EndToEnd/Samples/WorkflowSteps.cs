using SecOps.Testing;
using YamlDotNet.RepresentationModel;

namespace SecOps.EndToEnd.Samples;

/// <summary>How a step of a workflow went.</summary>
/// <param name="Name">The script, or the action.</param>
/// <param name="ExitCode">Null: not run.</param>
/// <param name="Reason">Why it was not run.</param>
internal sealed record StepResult(string Name, int? ExitCode, string Reason, string Output);

/// <summary>
/// Runs the steps of one job as a runner does: each script by <c>bash -e</c>, in order; after a failure only those with <c>always()</c> in their condition.
/// What needs GitHub or the network is left out by name and with a reason; an action that is not on that list is an error.
/// </summary>
internal static class WorkflowSteps
{
    private static readonly Dictionary<string, string> LeftOut = new()
    {
        ["actions/checkout"] = "the project is there already",
        ["actions/setup-dotnet"] = "the machine has it",
        ["actions/cache"] = "needs GitHub's cache",
        ["actions/upload-artifact"] = "needs GitHub's artifacts",
        ["aws-actions/configure-aws-credentials"] = "needs AWS",
        ["actions/download-artifact"] = "needs GitHub's artifacts; the test lays them out",
        ["dotnet tool install --global secops"] = "the packed tool of this build is on PATH",
        ["secops tools install"] = "needs the network; Bandit is on PATH",
    };

    public static YamlMappingNode Job(string file, string name)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(File.ReadAllText(file)));
        return (YamlMappingNode)stream.Documents[0].RootNode["jobs"][name];
    }

    /// <param name="values">Values of expressions, e.g. <c>matrix.shard</c>.</param>
    public static async Task<IReadOnlyList<StepResult>> RunAsync(SampleFolder project, YamlMappingNode job, Dictionary<string, string> values, Dictionary<string, string?> environment)
    {
        string Evaluate(string text) => values.Aggregate(text, (t, v) => t.Replace("${{ " + v.Key + " }}", v.Value, StringComparison.Ordinal));
        var results = new List<StepResult>();
        var failed = false;
        foreach (var step in ((YamlSequenceNode)job["steps"]).Cast<YamlMappingNode>())
        {
            var script = Text(step, "run");
            var name = script ?? Text(step, "uses")!.Split('@')[0];
            if (LeftOut.FirstOrDefault(l => name == l.Key || name.StartsWith(l.Key + " ", StringComparison.Ordinal)).Value is { } reason)
            {
                results.Add(new StepResult(name, null, reason, ""));
                continue;
            }

            if (Refusal(Text(step, "if"), failed, values) is { } refusal)
            {
                results.Add(new StepResult(name, null, refusal, ""));
                continue;
            }

            var variables = new Dictionary<string, string?>(environment) { ["PATH"] = Path.GetDirectoryName(Tool.Path) + Path.PathSeparator + Parts.SearchPath };
            if (step.Children.TryGetValue("env", out var env))
            {
                foreach (var (key, value) in ((YamlMappingNode)env).Children)
                {
                    variables[key.ToString()] = Evaluate(value.ToString());
                }
            }

            var text = Evaluate(script ?? throw new InvalidOperationException($"the action {name} is neither run nor left out with a reason"));
            if (text.Contains("${{", StringComparison.Ordinal))
            {
                throw new InvalidOperationException("no value for an expression in: " + text);
            }

            // As GitHub's runner does without a shell named: bash -e.
            var result = await project.ProcessAsync(Parts.Executable("bash"), variables, "-e", "-c", text);
            failed |= result.ExitCode != 0;
            results.Add(new StepResult(name, result.ExitCode, "", result.Output + result.Error));
        }

        return results;
    }

    /// <summary>Why a step does not run: its terms, joined by <c>&amp;&amp;</c>; without always() the steps before must have succeeded.</summary>
    private static string? Refusal(string? condition, bool failed, Dictionary<string, string> values)
    {
        var terms = (condition ?? "success()").Split(" && ");
        if (failed && !terms.Contains("always()"))
        {
            return "an earlier step failed";
        }

        foreach (var term in terms.Where(t => t is not ("always()" or "success()")))
        {
            var parts = term.Split(" == ") is [var left, var right] ? (left, right) : throw new InvalidOperationException("not understood: " + term);
            if (!values.TryGetValue(parts.left, out var value))
            {
                throw new InvalidOperationException("no value for an expression in: " + term);
            }

            if ($"'{value}'" != parts.right)
            {
                return $"{parts.left} is {value}";
            }
        }

        return null;
    }

    private static string? Text(YamlMappingNode map, string key) => map.Children.TryGetValue(key, out var value) ? ((YamlScalarNode)value).Value : null;
}
