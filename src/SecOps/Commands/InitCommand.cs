using System.CommandLine;
using SecOps.Configuration;

namespace SecOps.Commands;

/// <summary><c>secops init</c>: looks at the project and writes a configuration that fits.</summary>
internal static class InitCommand
{
    public static Command Create(Func<ParseResult, Workspace> open)
    {
        var path = new Argument<string>("path") { Description = "The project's folder.", DefaultValueFactory = _ => ".", HelpName = "PATH" };
        var hook = new Option<bool>("--hook") { Description = "Install a git pre-commit hook that scans what is staged." };
        var workflow = new Option<bool>("--workflow") { Description = "Write a GitHub workflow, .github/workflows/secops.yml." };
        var force = new Option<bool>("--force") { Description = "Overwrite what exists." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Print what would be written, and write nothing." };
        var schema = new Option<bool>("--schema") { Description = "Print the JSON schema of secops.yml, for editors, and do nothing else." };
        var command = new Command("init", "Look at the project and write a commented secops.yml that fits it. Never overwrites without --force.\n\nExample: secops init --hook --workflow")
        {
            path, hook, workflow, force, dryRun, schema,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var workspace = open(parsed);
            if (parsed.GetValue(schema))
            {
                workspace.Terminal.Result(ConfigurationSchema.Write());
                return ExitCode.Clean;
            }

            var options = new InitOptions(parsed.GetValue(path)!, parsed.GetValue(hook), parsed.GetValue(workflow), parsed.GetValue(force), parsed.GetValue(dryRun));
            return await new InitOperation(workspace, options).RunAsync(cancellation);
        });
        return command;
    }
}

/// <summary>What <c>secops init</c> was asked to do.</summary>
internal sealed record InitOptions(string Path, bool Hook, bool Workflow, bool Force, bool DryRun);
