using System.CommandLine;

namespace SecOps.Commands;

/// <summary>What <c>secops push</c> was asked.</summary>
internal sealed record PushOptions
{
    /// <summary>Null: the image of the last build.</summary>
    public string? Image { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    public bool Latest { get; init; }

    public bool CreateRepository { get; init; }

    public bool AllowFailedGate { get; init; }

    public IReadOnlyList<string>? Sign { get; init; }

    /// <summary>The attestation key: a file or <c>env:NAME</c>.</summary>
    public string? Key { get; init; }

    public TimeSpan? MaxAge { get; init; }

    public string? Region { get; init; }

    public bool DryRun { get; init; }
}

/// <summary><c>secops push</c>: the image to its registry, with signatures and the gate's verdict.</summary>
internal static class PushCommand
{
    public static Command Create(Func<ParseResult, Workspace> open)
    {
        var image = new Argument<string?>("image") { Description = "The image, e.g. registry.example.com/team/app:1.2.0. Default: what secops build built last.", HelpName = "IMAGE", Arity = ArgumentArity.ZeroOrOne };
        var tag = new Option<string[]>("--tag", "-t") { Description = "A further tag for the same digest. Repeatable.", HelpName = "TAG" };
        var latest = new Option<bool>("--latest") { Description = "Also move the tag latest, last of all." };
        var create = new Option<bool>("--create-repository") { Description = "Create a missing ECR repository, with immutable tags and scan on push." };
        var allow = new Option<bool>("--allow-failed-gate") { Description = "Push although the gate did not pass; the attestation then says FAILED." };
        var sign = new Option<string[]>("--sign") { Description = "Sign with cosign or dct (Docker Content Trust). Repeatable, or with commas. Default: push.sign in secops.yml.", HelpName = "HOW" };
        sign.CompletionSources.Add("cosign", "dct");
        var key = new Option<string?>("--key") { Description = "The attestation key: a file, or env:NAME. With --verify the public one is enough.", HelpName = "KEY" };
        var generate = new Option<string?>("--generate-key") { Description = "Make a P-256 key for attestations: FILE and FILE.pub. Nothing is pushed.", HelpName = "FILE" };
        var verify = new Option<string?>("--verify") { Description = "Check an image in its registry: digest, signatures, attestation, verdict, age. Nothing is pushed.", HelpName = "REF" };
        var age = new Option<string?>("--max-age") { Description = "With --verify: how old the scan may be. Default: push.attest.maxAge, 30d.", HelpName = "TIME" };
        var region = new Option<string?>("--region") { Description = "The AWS region for KMS. ECR's stands in the registry's name.", HelpName = "REGION" };
        var dry = new Option<bool>("--dry-run") { Description = "Say what would be done; change nothing." };
        var command = new Command("push", "Push an image with its tags, signatures and the gate's verdict, and print its digest. Unchanged images are not uploaded again.\n\nExample: secops push registry.example.com/team/app:1.2.0 --latest")
        {
            image, tag, latest, create, allow, sign, key, generate, verify, age, region, dry,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var workspace = open(parsed);
            if (parsed.GetValue(generate) is { } file)
            {
                return PushOperation.GenerateKey(workspace, file);
            }

            var options = new PushOptions
            {
                Image = parsed.GetValue(image),
                Tags = CommandValues.Names(parsed.GetValue(tag)),
                Latest = parsed.GetValue(latest),
                CreateRepository = parsed.GetValue(create),
                AllowFailedGate = parsed.GetValue(allow),
                Sign = parsed.GetValue(sign) is { Length: > 0 } names ? [.. CommandValues.Names(names).Select(n => CommandValues.Known("--sign", n, ["cosign", "dct"]))] : null,
                Key = parsed.GetValue(key),
                MaxAge = CommandValues.Duration("--max-age", parsed.GetValue(age)),
                Region = parsed.GetValue(region),
                DryRun = parsed.GetValue(dry),
            };
            using var remotes = new PushRemotes(workspace, options);
            return parsed.GetValue(verify) is { } reference
                ? await new VerifyOperation(workspace, options, remotes).RunAsync(reference, cancellation)
                : await new PushOperation(workspace, options, remotes).RunAsync(cancellation);
        });
        return command;
    }
}
