namespace SecOps.Remediation.Containers;

/// <summary>DS-0015: yum leaves its cache in the layer.</summary>
internal sealed class YumClean() : DockerfileRule("DS-0015")
{
    protected override string? Fix(DockerfileFix fix)
    {
        bool Installs(IReadOnlyList<ShellWord> c) => DockerfileFix.Subcommand(c, "yum") is { Text: "install" };
        if (fix.FindCommand(Installs) is not { } install)
        {
            return "no \"yum install\" stands there";
        }

        var run = fix.Source.Instructions.Last(i => i.Start <= install[0].Start);
        var commands = fix.Source.Commands(run);
        if (commands.Any(c => DockerfileFix.Subcommand(c, "yum") is { Text: "clean" }) || commands.Any(c => c[0].Text is "if" or "for" or "while" or "case"))
        {
            return "it cleans already, or installs under a condition";
        }

        fix.Insert(commands[^1][^1].End, " && yum clean all");
        fix.Summary = "Leave no package cache in the layer";
        return null;
    }
}
