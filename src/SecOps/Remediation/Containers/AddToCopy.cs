namespace SecOps.Remediation.Containers;

/// <summary>DS-0005: ADD where COPY does. What ADD alone can do stays: addresses, archives, checksums.</summary>
internal sealed class AddToCopy() : DockerfileRule("DS-0005")
{
    private static readonly string[] Archives = [".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".gz", ".bz2", ".xz"];

    protected override string? Fix(DockerfileFix fix)
    {
        if (fix.Source.Find("ADD", fix.Line) is not { } add)
        {
            return "no ADD stands there";
        }

        var words = fix.Source.ArgumentsOf(add).Split([' ', '\t', '\n', '\r', '[', ']', ',', '"', '\\'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Any(w => w.Contains("://", StringComparison.Ordinal) || w.StartsWith("git@", StringComparison.Ordinal) || w.StartsWith("--checksum", StringComparison.Ordinal)
            || w.StartsWith("--keep-git-dir", StringComparison.Ordinal) || w.Contains('$', StringComparison.Ordinal) || Archives.Any(a => w.EndsWith(a, StringComparison.OrdinalIgnoreCase))))
        {
            return "ADD fetches or unpacks something here";
        }

        fix.Edits.Add(new TextEdit(add.Start, add.Start + 3, "COPY"));
        fix.Summary = "Copy with COPY";
        return null;
    }
}
