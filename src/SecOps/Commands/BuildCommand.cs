using System.CommandLine;
using SecOps.Delivery.Build;

namespace SecOps.Commands;

/// <summary>What <c>secops build</c> was asked.</summary>
internal sealed record BuildOptions
{
    public string Context { get; init; } = ".";

    public string? Tag { get; init; }

    public string? Bump { get; init; }

    public string? Dockerfile { get; init; }

    public string? Target { get; init; }

    public IReadOnlyList<KeyValuePair<string, string>> Arguments { get; init; } = [];

    /// <summary>BuildKit's id, and the variable that holds the secret.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Secrets { get; init; } = [];

    public IReadOnlyList<string> Platforms { get; init; } = [];

    public bool NoCache { get; init; }

    public bool Pull { get; init; }

    public bool Provenance { get; init; }

    public bool Sbom { get; init; }

    public bool NoTest { get; init; }

    public bool DryRun { get; init; }
}

/// <summary><c>secops build</c>: from a Dockerfile to an image that has run and passed its tests.</summary>
internal static class BuildCommand
{
    public static Command Create(Func<ParseResult, Workspace> open)
    {
        var context = new Argument<string>("context") { Description = "The folder with the Dockerfile.", DefaultValueFactory = _ => ".", HelpName = "CONTEXT" };
        var tag = new Option<string?>("--tag", "-t") { Description = "The image's name. Without a tag in it the version is the tag. Default: build.image in secops.yml.", HelpName = "REF" };
        var bump = new Option<string?>("--bump") { Description = "Raise the version in its file first: major, minor or patch. The work tree must be clean.", HelpName = "PART" };
        bump.CompletionSources.Add([.. ProjectVersion.Parts]);
        var file = new Option<string?>("--file", "-f") { Description = "The Dockerfile, relative to the context. Default: Dockerfile.", HelpName = "FILE" };
        var target = new Option<string?>("--target") { Description = "The stage to build.", HelpName = "STAGE" };
        var argument = new Option<string[]>("--build-arg") { Description = "A build argument; no secrets, they stay readable in the image. Repeatable.", HelpName = "NAME=VALUE" };
        var secret = new Option<string[]>("--secret") { Description = "A BuildKit secret from an environment variable. Repeatable.", HelpName = "ID=env:NAME" };
        var platform = new Option<string[]>("--platform") { Description = "For another or several platforms, e.g. linux/arm64. Repeatable, or with commas.", HelpName = "PLATFORM" };
        var noCache = new Option<bool>("--no-cache") { Description = "Build every step anew." };
        var pull = new Option<bool>("--pull") { Description = "Look for newer base images." };
        var provenance = new Option<bool>("--provenance") { Description = "Add BuildKit's provenance; the image becomes an index." };
        var sbom = new Option<bool>("--sbom") { Description = "Add BuildKit's bill of materials; the image becomes an index." };
        var noTest = new Option<bool>("--no-test") { Description = "Leave out the smoke run and the integration tests." };
        var dry = new Option<bool>("--dry-run") { Description = "Say what would be done; change nothing." };
        var command = new Command("build", "Build the image, run it, test it from a second container, and note it in .secops/image.json.\n\nExample: secops build . --tag registry.example.com/team/app --bump patch")
        {
            context, tag, bump, file, target, argument, secret, platform, noCache, pull, provenance, sbom, noTest, dry,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var options = new BuildOptions
            {
                Context = parsed.GetValue(context)!,
                Tag = parsed.GetValue(tag),
                Bump = parsed.GetValue(bump) is { } part ? CommandValues.Known("--bump", part, ProjectVersion.Parts) : null,
                Dockerfile = parsed.GetValue(file),
                Target = parsed.GetValue(target),
                Arguments = [.. (parsed.GetValue(argument) ?? []).Select(a => Pair("--build-arg", a, "NAME=VALUE"))],
                Secrets = [.. (parsed.GetValue(secret) ?? []).Select(Secret)],
                Platforms = CommandValues.Names(parsed.GetValue(platform)),
                NoCache = parsed.GetValue(noCache),
                Pull = parsed.GetValue(pull),
                Provenance = parsed.GetValue(provenance),
                Sbom = parsed.GetValue(sbom),
                NoTest = parsed.GetValue(noTest),
                DryRun = parsed.GetValue(dry),
            };
            using var workspace = open(parsed);
            return await new BuildOperation(workspace, options).RunAsync(cancellation);
        });
        return command;
    }

    private static KeyValuePair<string, string> Pair(string option, string text, string form)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 ? KeyValuePair.Create(text[..equals], text[(equals + 1)..]) : throw SecOpsException.Usage($"{option} {text}: write {form}.");
    }

    private static KeyValuePair<string, string> Secret(string text)
    {
        var pair = Pair("--secret", text, "ID=env:NAME");
        return pair.Value.StartsWith("env:", StringComparison.Ordinal) && pair.Value.Length > 4
            ? KeyValuePair.Create(pair.Key, pair.Value[4..])
            // Not repeated: it may be the secret itself.
            : throw SecOpsException.Usage($"--secret {pair.Key}=…: write {pair.Key}=env:NAME, the name of the variable that holds the secret.");
    }
}
