using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace SecOps;

/// <summary>
/// The help, with a command's example after it. A command's description may end with a paragraph <c>Example: …</c> (or several);
/// in lists of commands it would only be in the way.
/// </summary>
internal sealed class HelpWithExamples : SynchronousCommandLineAction
{
    private const string Mark = "\n\nExample: ";

    private readonly HelpAction usual;
    private readonly Dictionary<Command, string[]> examples = [];

    private HelpWithExamples(HelpAction usual) => this.usual = usual;

    /// <summary>Who asks for help has not yet written what a command requires.</summary>
    public override bool ClearsParseErrors => true;

    /// <summary>Takes the examples out of the descriptions of the whole tree.</summary>
    public static void Install(RootCommand root)
    {
        var option = root.Options.OfType<HelpOption>().Single();
        var help = new HelpWithExamples((HelpAction)option.Action!);
        help.Collect(root);
        option.Action = help;
    }

    public override int Invoke(ParseResult parseResult)
    {
        var code = usual.Invoke(parseResult);
        if (examples.TryGetValue(parseResult.CommandResult.Command, out var lines))
        {
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine(lines.Length == 1 ? "Example:" : "Examples:");
            foreach (var line in lines)
            {
                output.WriteLine("  " + line);
            }

            output.WriteLine();
        }

        return code;
    }

    private void Collect(Command command)
    {
        if (command.Description?.Split(Mark) is [var summary, _, ..] parts)
        {
            command.Description = summary;
            examples[command] = [.. parts.Skip(1).Select(p => p.Trim())];
        }

        foreach (var child in command.Subcommands)
        {
            Collect(child);
        }
    }
}
