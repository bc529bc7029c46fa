using SecOps.Processes;
using SecOps.Testing;
using Shouldly;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace SecOps.Workflows;

/// <summary><c>.pre-commit-hooks.yaml</c>, as https://pre-commit.com/#new-hooks describes it.</summary>
public sealed class PreCommitHookTests
{
    private static readonly string[] Stages = ["pre-commit", "pre-merge-commit", "pre-push", "prepare-commit-msg", "commit-msg", "manual"];

    [Fact]
    public void Each_hook_has_what_the_framework_requires_and_calls_a_command_that_there_is()
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(File.ReadAllText(Path.Combine(Parts.Repository, ".pre-commit-hooks.yaml"))));
        var hooks = ((YamlSequenceNode)stream.Documents[0].RootNode).Cast<YamlMappingNode>().ToList();
        hooks.Select(h => WorkflowFiles.Text(h, "id")).ShouldBe(["secops", "secops-push"]);
        foreach (var hook in hooks)
        {
            WorkflowFiles.Text(hook, "name").ShouldNotBeNullOrEmpty();
            WorkflowFiles.Text(hook, "language").ShouldBe("system");
            WorkflowFiles.Text(hook, "pass_filenames").ShouldBe("false");
            ((YamlSequenceNode)hook[new YamlScalarNode("stages")]).ShouldAllBe(s => Stages.Contains(((YamlScalarNode)s).Value));
            var entry = CommandLine.Split(WorkflowFiles.Text(hook, "entry")!);
            entry[0].ShouldBe("secops");
            var parsed = Cli.Root(new Redactor()).Parse([.. entry.Skip(1)]);
            parsed.CommandResult.Command.Name.ShouldBe("scan");
        }
    }
}
