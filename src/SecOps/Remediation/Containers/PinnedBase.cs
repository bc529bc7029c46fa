namespace SecOps.Remediation.Containers;

/// <summary>DS-0001: a base image by a tag that moves. It gets the digest that the tag has now, so that a build next month starts from the same image.</summary>
internal sealed class PinnedBase : IFixRule
{
    public IReadOnlyList<string> Scanners { get; } = ["trivy"];

    public IReadOnlyList<string> RuleIds { get; } = ["DS-0001"];

    public FixResult Propose(FixRequest request) => new NoFix("the registry has to be asked for the digest, which was not allowed here");

    public async Task<FixResult> ProposeAsync(FixRequest request, CancellationToken cancellation)
    {
        if (request.Digest is null)
        {
            return Propose(request);
        }

        if (request.Finding.Location.Path is not { } path || request.Tree.Read(path) is not { } text)
        {
            return new NoFix("the Dockerfile can't be read");
        }

        var source = new DockerfileSource(text);
        var stages = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "scratch" };
        string? reason = null;
        foreach (var from in source.Instructions.Where(i => i.Keyword == "FROM"))
        {
            var words = source.Words(from);
            var image = words.FirstOrDefault(w => !w.Text.StartsWith("--", StringComparison.Ordinal));
            var name = image.Text ?? "";
            var isOurs = request.Finding.Location.StartLine is not { } line || (line >= from.StartLine && line <= from.EndLine);
            if (isOurs && name.Length > 0 && !stages.Contains(name) && Moves(name))
            {
                if (name.Contains('$', StringComparison.Ordinal))
                {
                    reason ??= $"{name} is a build argument; pin it where that is set";
                }
                else
                {
                    return await PinAsync(request, path, text, image, cancellation);
                }
            }

            if (words.Count > 2 && words[^2].Text.Equals("as", StringComparison.OrdinalIgnoreCase))
            {
                stages.Add(words[^1].Text);
            }
        }

        return new NoFix(reason ?? "no image whose tag moves stands there");
    }

    private static async Task<FixResult> PinAsync(FixRequest request, string path, string text, ShellWord image, CancellationToken cancellation)
    {
        try
        {
            var digest = await request.Digest!(image.Text, cancellation);
            var after = TextEdit.Apply(text, [new TextEdit(image.End, image.End, "@" + digest)]);
            return new Proposal([new FileChange(path, text, after)], "Pin the base image by its digest")
            {
                Risk = "The base no longer renews itself: let Dependabot or Renovate raise the digest.",
            };
        }
        catch (SecOpsException e)
        {
            return new NoFix(e.Message);
        }
    }

    /// <summary>No digest, and no tag or latest; an argument may hold anything.</summary>
    private static bool Moves(string name)
    {
        if (name.Contains('@', StringComparison.Ordinal))
        {
            return false;
        }

        var tag = name[(name.LastIndexOf('/') + 1)..];
        return !tag.Contains(':', StringComparison.Ordinal) || tag.EndsWith(":latest", StringComparison.Ordinal);
    }
}
