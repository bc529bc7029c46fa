using System.CommandLine;
using SecOps.Processes;
using Shouldly;
using Xunit;

namespace SecOps;

/// <summary>What <c>--help</c> answers, for every command.</summary>
public sealed class HelpTests
{
    public static TheoryData<string> Commands => [.. Paths(Cli.Root(new Redactor()), "")];

    [Theory]
    [MemberData(nameof(Commands))]
    public void Help_needs_nothing_else_and_ends_with_an_example(string path)
    {
        var parsed = Cli.Root(new Redactor()).Parse([.. path.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);
        parsed.Errors.ShouldBeEmpty();
        var output = new StringWriter();
        parsed.Invoke(new InvocationConfiguration { Output = output }).ShouldBe(0);
        output.ToString().ShouldContain("Usage:");
        if (parsed.CommandResult.Command.Action is not null)
        {
            output.ToString().ShouldContain("Example");
        }
    }

    private static IEnumerable<string> Paths(Command command, string path) =>
        command.Subcommands.SelectMany(c => Paths(c, $"{path} {c.Name}")).Prepend(path.Trim());
}
