using System.CommandLine;
using System.Text;
using SecOps.Configuration;
using SecOps.Processes;
using SecOps.Testing;
using Xunit;

namespace SecOps;

/// <summary>The references of commands and of the configuration, generated from the code that they describe.</summary>
public sealed class ReferenceTests
{
    [Fact]
    public void The_reference_of_commands_is_what_the_program_takes()
    {
        var root = Cli.Root(new Redactor());
        var text = new StringBuilder("# Commands\n\nGenerated from the code; a test keeps it equal. `secops COMMAND --help` prints the same.\n\n## Everywhere\n\n");
        Options(text, root.Options.Where(o => o.Recursive && o.Name is not "--help"));
        foreach (var command in root.Subcommands.OrderBy(c => c.Name, StringComparer.Ordinal))
        {
            Write(text, command, "secops");
        }

        Approval.Approve(text.ToString(), "../../src/SecOps/Commands/README.md");
    }

    [Fact]
    public void The_reference_of_the_configuration_is_what_the_program_reads()
    {
        var text = new StringBuilder("""
            # secops.yml

            Generated from the code; a test keeps it equal. Every key is optional. The order of precedence is: command line, environment
            (`SECOPS_GATE_FAIL_ON` for `gate.failOn`), file, default. A key that does not exist is an error, with the line and the word
            that was probably meant. Secrets never stand in the file: `env:NAME` names the variable that holds one. The schema for
            editors is [secops.schema.json](secops.schema.json); `secops init --schema` prints it.

            | key | value | meaning |
            |---|---|---|

            """.Replace("\r\n", "\n"));
        Keys(text, SecOpsConfiguration.Describe(), "");
        Approval.Approve(text.ToString(), "../../src/SecOps/Configuration/README.md");
    }

    private static void Write(StringBuilder text, Command command, string parent)
    {
        var name = $"{parent} {command.Name}";
        text.Append($"\n## {name}\n\n{command.Description?.Trim()}\n");
        var arguments = command.Arguments.Where(a => !a.Hidden).ToList();
        if (arguments.Count > 0)
        {
            text.Append("\n| argument | |\n|---|---|\n");
            foreach (var argument in arguments)
            {
                text.Append($"| `{argument.HelpName ?? argument.Name}` | {Cell(argument.Description)} |\n");
            }
        }

        text.Append('\n');
        Options(text, command.Options.Where(o => o.Name is not "--help"));
        foreach (var child in command.Subcommands.OrderBy(c => c.Name, StringComparer.Ordinal))
        {
            Write(text, child, name);
        }
    }

    private static void Options(StringBuilder text, IEnumerable<Option> options)
    {
        var shown = options.Where(o => !o.Hidden).ToList();
        if (shown.Count == 0)
        {
            return;
        }

        text.Append("| option | |\n|---|---|\n");
        foreach (var option in shown)
        {
            var names = string.Join(", ", new[] { option.Name }.Concat(option.Aliases.Where(a => a != option.Name)));
            text.Append($"| `{names}{(option.HelpName is null ? "" : " " + option.HelpName)}` | {Cell(option.Description)} |\n");
        }
    }

    private static void Keys(StringBuilder text, IReadOnlyList<ConfigurationKey> keys, string prefix)
    {
        foreach (var key in keys)
        {
            var value = key.Words is { } words ? string.Join(", ", words) : key switch
            {
                { Type: "array", Children.Count: > 0 } => "list",
                { Type: "array" } => "list of texts",
                { Type: "object", FreeKeys: not null } => "names and values",
                { Type: "object" } => "",
                _ => key.Type is "string" ? "text" : key.Type,
            };
            text.Append($"| `{prefix}{key.Name}` | {Cell(value)} | {Cell(key.Description)} |\n");
            Keys(text, key.Children, prefix + key.Name + (key.Type == "array" ? "[]." : "."));
        }
    }

    private static string Cell(string? text) => (text ?? "").Replace("\r", "").Replace('\n', ' ').Replace("|", "\\|").Trim();
}
