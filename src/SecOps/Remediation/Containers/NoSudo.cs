namespace SecOps.Remediation.Containers;

/// <summary>DS-0010: sudo where the build is root anyway.</summary>
internal sealed class NoSudo() : DockerfileRule("DS-0010")
{
    protected override string? Fix(DockerfileFix fix)
    {
        if (fix.FindCommand(c => c[0].Text == "sudo") is not { } command)
        {
            return "no command that starts with sudo stands there";
        }

        var run = fix.Source.Instructions.Last(i => i.Start <= command[0].Start);
        var user = fix.Source.Instructions.LastOrDefault(i => i.Keyword == "USER" && i.Stage == run.Stage && i.Start < run.Start);
        if (command.Count < 2 || command[1].Text.StartsWith('-') || (user is not null && fix.Source.ArgumentsOf(user).Trim().Split(':')[0] is not ("root" or "0")))
        {
            return "sudo changes the user here: put USER root before it instead";
        }

        foreach (var other in fix.Source.Commands(run).Where(c => c[0].Text == "sudo" && c.Count > 1 && !c[1].Text.StartsWith('-')))
        {
            fix.Edits.Add(new TextEdit(other[0].Start, other[1].Start, ""));
        }

        fix.Summary = "Build without sudo";
        return null;
    }
}
