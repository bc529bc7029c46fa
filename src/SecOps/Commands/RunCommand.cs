using System.CommandLine;

namespace SecOps.Commands;

/// <summary><c>secops run</c>: the stages that the configuration names.</summary>
internal static class RunCommand
{
    public static Command Create(Func<ParseResult, Workspace> open)
    {
        var from = new Option<string?>("--from") { Description = "Begin with this stage; those before it count as done.", HelpName = "STAGE" };
        var until = new Option<string?>("--until") { Description = "End with this stage.", HelpName = "STAGE" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Print what would be run, and run nothing." };
        var restart = new Option<bool>("--restart") { Description = "Do every stage anew, also those that an interrupted run has done." };
        var command = new Command("run", "Run the stages that secops.yml names under run.stages, in order. A run that was interrupted goes on where it stopped.\n\nExample: secops run --until push")
        {
            from, until, dryRun, restart,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var workspace = open(parsed);
            var options = new RunOptions(parsed.GetValue(from), parsed.GetValue(until), parsed.GetValue(dryRun), parsed.GetValue(restart));
            return await new RunOperation(workspace, options).RunAsync(cancellation);
        });
        return command;
    }
}

/// <summary>What <c>secops run</c> was asked to do.</summary>
internal sealed record RunOptions(string? From, string? Until, bool DryRun, bool Restart);
