namespace SecOps.Remediation.Containers;

/// <summary>DS-0002: the last USER is root, or there is none.</summary>
internal sealed class RootUser() : DockerfileRule("DS-0002")
{
    /// <summary>A number needs no entry in the image's user list, so it works with every base.</summary>
    private const string User = "USER 10001:10001";

    protected override string? Fix(DockerfileFix fix)
    {
        var source = fix.Source;
        if (source.Instructions.Count == 0)
        {
            return "the file has no instructions";
        }

        var last = source.Instructions.Where(i => i.Stage == source.Instructions[^1].Stage).ToList();
        var user = last.FindLast(i => i.Keyword == "USER");
        var name = user is null ? "" : source.ArgumentsOf(user).Trim().Split(':')[0];
        if (user is not null && name is not ("root" or "0"))
        {
            return $"the last USER is {name}";
        }

        var start = last.Find(i => i.Keyword is "ENTRYPOINT" or "CMD");
        if (user is not null && last.IndexOf(user) > last.FindLastIndex(i => i.Keyword is "RUN" or "COPY" or "ADD"))
        {
            fix.Edits.Add(new TextEdit(user.Start, user.End, User));
        }
        else if (start is not null && last.IndexOf(start) > last.FindLastIndex(i => i.Keyword is "RUN" or "COPY" or "ADD" or "USER"))
        {
            fix.Insert(start.Start, User + source.LineEnd);
        }
        else
        {
            fix.Insert(source.Instructions[^1].End, source.LineEnd + User);
        }

        fix.Summary = "Run the container without root";
        fix.Risk = "Files and folders that the program writes to have to belong to user 10001.";
        return null;
    }
}
