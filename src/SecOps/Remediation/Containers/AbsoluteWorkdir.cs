namespace SecOps.Remediation.Containers;

/// <summary>DS-0009: where a relative WORKDIR leads depends on what came before.</summary>
internal sealed class AbsoluteWorkdir() : DockerfileRule("DS-0009")
{
    protected override string? Fix(DockerfileFix fix)
    {
        var source = fix.Source;
        if (source.Find("WORKDIR", fix.Line, i => source.ArgumentsOf(i).Trim(' ', '"') is { Length: > 0 } p && p[0] is not ('/' or '$')) is not { } workdir)
        {
            return "no WORKDIR stands there";
        }

        var path = source.ArgumentsOf(workdir).Trim().Trim('"');
        if (path.Length == 0 || path[0] is '/' or '$' or '\\' || path.Contains(':', StringComparison.Ordinal) || path.Contains("..", StringComparison.Ordinal))
        {
            return "the folder is absolute or depends on a variable";
        }

        var before = source.Instructions.LastOrDefault(i => i.Keyword == "WORKDIR" && i.Stage == workdir.Stage && i.Start < workdir.Start);
        var parent = before is null ? "" : source.ArgumentsOf(before).Trim().Trim('"');
        if (before is not null && !parent.StartsWith('/'))
        {
            return "the WORKDIR before it is relative too: mend that first";
        }

        fix.Edits.Add(new TextEdit(workdir.Arguments, workdir.End, $"{parent.TrimEnd('/')}/{path}"));
        fix.Summary = "Name the working folder in full";
        fix.Risk = before is null ? "A base image that sets a working folder of its own led elsewhere before." : null;
        return null;
    }
}
