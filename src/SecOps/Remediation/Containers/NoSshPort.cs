namespace SecOps.Remediation.Containers;

/// <summary>DS-0004: an image that offers SSH.</summary>
internal sealed class NoSshPort() : DockerfileRule("DS-0004")
{
    protected override string? Fix(DockerfileFix fix)
    {
        var expose = fix.Source.Instructions.FirstOrDefault(i => i.Keyword == "EXPOSE" && (fix.Line is null || (fix.Line >= i.StartLine && fix.Line <= i.EndLine)) && Ports(fix, i).Any(IsSsh));
        if (expose is null)
        {
            return "no EXPOSE of port 22 stands there";
        }

        var rest = Ports(fix, expose).Where(p => !IsSsh(p)).ToList();
        if (rest.Count == 0)
        {
            fix.Remove(expose);
        }
        else
        {
            fix.Edits.Add(new TextEdit(expose.Arguments, expose.End, string.Join(' ', rest)));
        }

        fix.Summary = "Offer no SSH from the container";
        return null;
    }

    private static string[] Ports(DockerfileFix fix, Instruction i) => fix.Source.ArgumentsOf(i).Split([' ', '\t', '\\', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries);

    private static bool IsSsh(string port) => port is "22" or "22/tcp" or "22/TCP";
}
