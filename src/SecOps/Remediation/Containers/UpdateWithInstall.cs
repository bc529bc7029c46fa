namespace SecOps.Remediation.Containers;

/// <summary>DS-0017: an update in a layer of its own is cached and goes stale.</summary>
internal sealed class UpdateWithInstall() : DockerfileRule("DS-0017")
{
    protected override string? Fix(DockerfileFix fix)
    {
        var source = fix.Source;
        for (var i = 0; i + 1 < source.Instructions.Count; i++)
        {
            var (update, install) = (source.Instructions[i], source.Instructions[i + 1]);
            if (source.Commands(update) is not [var only] || install.Keyword != "RUN" || (fix.Line is { } line && (line < update.StartLine || line > update.EndLine)))
            {
                continue;
            }

            foreach (var (program, words) in new[] { ("apt-get", new[] { "update" }), ("apk", ["update"]), ("apt", ["update"]) })
            {
                if (DockerfileFix.Subcommand(only, program) is { } sub && words.Contains(sub.Text)
                    && source.Commands(install).Any(c => DockerfileFix.Subcommand(c, program) is { Text: "install" or "add" })
                    && source.Text[update.End..install.Start].Trim().Length == 0 && !source.ArgumentsOf(install).StartsWith("--", StringComparison.Ordinal))
                {
                    fix.Edits.Add(new TextEdit(update.End, install.Arguments, $" \\{source.LineEnd}    && "));
                    fix.Summary = "Update and install in one layer";
                    return null;
                }
            }
        }

        return "the update is not a RUN of its own right before the install";
    }
}
