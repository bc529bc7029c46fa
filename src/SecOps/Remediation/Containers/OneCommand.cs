namespace SecOps.Remediation.Containers;

/// <summary>DS-0016: only a stage's last CMD counts.</summary>
internal sealed class OneCommand() : DockerfileRule("DS-0016")
{
    protected override string? Fix(DockerfileFix fix)
    {
        var stages = fix.Source.Instructions.Where(i => i.Keyword == "CMD").GroupBy(i => i.Stage).Where(g => g.Count() > 1).ToList();
        if (stages.Count == 0)
        {
            return "no stage has more than one CMD";
        }

        foreach (var command in stages.SelectMany(s => s.SkipLast(1)))
        {
            fix.Remove(command);
        }

        fix.Summary = "Keep the one CMD that counts";
        return null;
    }
}
