using System.CommandLine;

namespace SecOps.Commands;

/// <summary><c>secops remediate</c>: fixes that are proven before anyone reads them.</summary>
internal static class RemediateCommand
{
    private static readonly string[] Engines = ["auto", "rules", "bedrock"];

    public static Command Create(Func<ParseResult, Workspace> open)
    {
        var path = new Argument<string>("path") { Description = "The folder whose findings are mended.", DefaultValueFactory = _ => ".", HelpName = "PATH" };
        var engine = new Option<string>("--engine") { Description = "rules (built in), bedrock (Claude; the configuration names the model), or auto: rules first, then the model when one is configured.", HelpName = "ENGINE", DefaultValueFactory = _ => "auto" };
        engine.CompletionSources.Add(Engines);
        var apply = new Option<bool>("--apply") { Description = "Bring the proven fixes into the work tree." };
        var patch = new Option<string?>("--patch") { Description = "Write the proven fixes into this file, for git apply.", HelpName = "FILE" };
        var pr = new Option<bool>("--pr") { Description = "Push the proven fixes as branches and open pull requests." };
        var reopen = new Option<bool>("--reopen") { Description = "Open pull requests again that were closed without being merged." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Show what would be tried and what would be sent to the model; change and send nothing." };
        var snapshot = new Option<bool>("--snapshot") { Description = "Keep the code as it was before: .secops/snapshot.tar.gz, and S3 when remediate.snapshotBucket is set." };
        var snapshotImage = new Option<string?>("--snapshot-image") { Description = "Take that archive from an image's layers; files that differ from the image are left alone (drift).", HelpName = "REF" };
        var verifyAudit = new Option<bool>("--verify-audit") { Description = "Check that every line of the model's audit log is as it was written; do nothing else." };
        var limit = new Option<int?>("--limit") { Description = "Work on at most this many findings.", HelpName = "N" };
        var test = new Option<string?>("--test") { Description = "The command that runs the project's tests in PATH, e.g. \"python3 -m unittest\". Split at blanks and quotes; no shell.", HelpName = "COMMAND" };
        var only = new Option<string[]>("--only") { Description = "Only findings with this id or rule. Repeatable, or with commas.", HelpName = "ID", Arity = ArgumentArity.OneOrMore };
        var command = new Command("remediate", "Mend findings, and prove each fix: the same scanner is silent, nothing new appeared, the tests pass.\n\nExample: secops remediate . --test \"python3 -m unittest\" --apply")
        {
            path, engine, apply, patch, pr, reopen, dryRun, limit, test, only, snapshot, snapshotImage, verifyAudit,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var options = new RemediateOptions
            {
                Path = parsed.GetValue(path)!,
                Engine = CommandValues.Known("--engine", parsed.GetValue(engine)!, Engines),
                Apply = parsed.GetValue(apply),
                Patch = parsed.GetValue(patch),
                PullRequest = parsed.GetValue(pr),
                Reopen = parsed.GetValue(reopen),
                DryRun = parsed.GetValue(dryRun),
                Snapshot = parsed.GetValue(snapshot),
                SnapshotImage = parsed.GetValue(snapshotImage),
                VerifyAudit = parsed.GetValue(verifyAudit),
                Limit = parsed.GetValue(limit) is { } n ? (n > 0 ? n : throw SecOpsException.Usage($"--limit {n}: write a number from 1.")) : null,
                Test = parsed.GetValue(test),
                Only = CommandValues.Names(parsed.GetValue(only)),
            };
            using var workspace = open(parsed);
            return await new RemediateOperation(workspace, options).RunAsync(cancellation);
        });
        return command;
    }
}
