namespace SecOps.Remediation.Containers;

/// <summary>DS-0022: MAINTAINER is deprecated.</summary>
internal sealed class MaintainerLabel() : DockerfileRule("DS-0022")
{
    protected override string? Fix(DockerfileFix fix)
    {
        if (fix.Source.Find("MAINTAINER", fix.Line) is not { } maintainer)
        {
            return "no MAINTAINER stands there";
        }

        var name = fix.Source.ArgumentsOf(maintainer).Trim().Trim('"').Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        fix.Edits.Add(new TextEdit(maintainer.Start, maintainer.End, $"LABEL maintainer=\"{name}\""));
        fix.Summary = "Name the maintainer in a label";
        return null;
    }
}
