using System.CommandLine;
using SecOps.Delivery.Build;
using SecOps.Findings;
using SecOps.Scanners;

namespace SecOps.Commands;

/// <summary><c>secops scan</c>: runs the scanners and applies the gate.</summary>
internal static class ScanCommand
{
    public static Command Create(Func<ParseResult, Workspace> open)
    {
        var path = new Argument<string>("path") { Description = "The folder or file to scan.", DefaultValueFactory = _ => ".", HelpName = "PATH" };
        var only = Names("--only", "Run these scanners alone; each must complete.");
        var skip = Names("--skip", "Leave these scanners out.");
        var import = new Option<string[]>("--import") { Description = "Read an existing report instead of running the tool. Repeatable.", HelpName = "TOOL=FILE", Arity = ArgumentArity.OneOrMore };
        var failOn = new Option<string?>("--fail-on") { Description = "The lowest severity that fails the gate: critical, high, medium, low, info, unknown.", HelpName = "SEVERITY" };
        failOn.CompletionSources.Add([.. Words.Severities]);
        var baseline = new Option<string?>("--baseline") { Description = "A findings.json of an earlier run: what it knows is not new.", HelpName = "FILE" };
        var image = new Option<string[]>("--image") { Description = "Scan a container image. Without a name, last on the line: what \"secops build\" built. Repeatable.", HelpName = "REF", Arity = ArgumentArity.ZeroOrMore };
        var url = new Option<string?>("--url") { Description = "Scan a running web application.", HelpName = "URL" };
        var aws = new Option<bool>("--aws") { Description = "Read what Inspector, ECR and GuardDuty have found in the AWS account. Alone: nothing else is scanned." };
        var region = new Option<string?>("--region") { Description = "With --aws: the AWS region. Default: deploy.region, AWS_REGION, the profile's.", HelpName = "REGION" };
        var staged = new Option<bool>("--staged") { Description = "Scan what is staged in git alone; only what it brings is new." };
        var since = new Option<string?>("--since") { Description = "Scan what changed since a commit or branch alone; only what it brings is new.", HelpName = "REF" };
        var shard = new Option<string?>("--shard") { Description = "Scan one of N parts; \"secops report merge\" puts them together again.", HelpName = "I/N" };
        var jobs = new Option<int?>("--jobs") { Description = "How many processes may be busy at once. Default: one a core.", HelpName = "N" };
        var timeout = new Option<string?>("--timeout") { Description = "How long a scanner may take, e.g. 90s or 10m. Default: 30m.", HelpName = "TIME" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say which scanners would run, on what, and with which tool; start and write nothing." };
        var command = new Command("scan", "Run the scanners that fit, keep what they find in .secops/findings.json, and apply the gate.\n\nExample: secops scan . --only bandit --fail-on high")
        {
            path, image, url, aws, region, staged, since, only, skip, import, failOn, baseline, shard, jobs, timeout, dryRun,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var workspace = open(parsed);
            var options = new ScanOptions
            {
                Path = parsed.GetValue(path)!,
                PathNamed = parsed.GetResult(path)?.Tokens.Count > 0,
                Image = parsed.GetValue(image) is { Length: > 0 } images ? images : parsed.GetResult(image) is { Implicit: false } ? [Built(workspace)] : [],
                Url = Address(parsed.GetValue(url)),
                Aws = parsed.GetValue(aws),
                Region = parsed.GetValue(region),
                Staged = parsed.GetValue(staged),
                Since = parsed.GetValue(since),
                Shard = parsed.GetValue(shard) is { } part ? Shard.Parse(part) : null,
                Jobs = parsed.GetValue(jobs) is { } count ? count >= 1 ? count : throw SecOpsException.Usage($"--jobs {count}: write a number from 1.") : null,
                Only = CommandValues.Names(parsed.GetValue(only)),
                Skip = CommandValues.Names(parsed.GetValue(skip)),
                Import = parsed.GetValue(import) ?? [],
                FailOn = CommandValues.Severity("--fail-on", parsed.GetValue(failOn)),
                Baseline = parsed.GetValue(baseline),
                Timeout = CommandValues.Duration("--timeout", parsed.GetValue(timeout)),
                DryRun = parsed.GetValue(dryRun),
            };
            if (options.Staged && options.Since is not null)
            {
                throw SecOpsException.Usage("--staged and --since exclude each other. Use one of them.");
            }

            return await new ScanOperation(workspace, options).RunAsync(cancellation);
        });
        return command;
    }

    private static string Built(Workspace workspace) => ImageRecord.Read(workspace.Folder)?.Reference
        ?? throw SecOpsException.Usage("--image without a name is the image that \"secops build\" built, and there is none yet. Build first, or name one.");

    private static Uri? Address(string? text) =>
        text is null ? null
            : Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url
            : throw SecOpsException.Usage($"--url {text}: write an address with http:// or https://.");

    private static Option<string[]> Names(string name, string description)
    {
        var option = new Option<string[]>(name) { Description = description + " Repeatable, or with commas.", HelpName = "SCANNER", Arity = ArgumentArity.OneOrMore };
        option.CompletionSources.Add([.. ScannerList.Scanners.Select(s => s.Name)]);
        return option;
    }
}
