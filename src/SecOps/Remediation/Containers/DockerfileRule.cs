namespace SecOps.Remediation.Containers;

/// <summary>A rule for Trivy's checks of Dockerfiles.</summary>
internal abstract class DockerfileRule(string ruleId) : IFixRule
{
    public IReadOnlyList<string> Scanners { get; } = ["trivy"];

    public IReadOnlyList<string> RuleIds { get; } = [ruleId];

    public FixResult Propose(FixRequest request)
    {
        if (request.Finding.Location.Path is not { } path || request.Tree.Read(path) is not { } text)
        {
            return new NoFix("the Dockerfile can't be read");
        }

        var fix = new DockerfileFix(new DockerfileSource(text), request.Finding.Location.StartLine);
        if (Fix(fix) is { } reason)
        {
            return new NoFix(reason);
        }

        return new Proposal([new FileChange(path, text, TextEdit.Apply(text, fix.Edits))], fix.Summary) { Risk = fix.Risk };
    }

    /// <summary>Makes the edits. Returns why the finding is left alone, or null.</summary>
    protected abstract string? Fix(DockerfileFix fix);
}

/// <summary>One fix in the making.</summary>
internal sealed class DockerfileFix(DockerfileSource source, int? line)
{
    public DockerfileSource Source { get; } = source;

    /// <summary>The finding's line; null where the check names none.</summary>
    public int? Line { get; } = line;

    public List<TextEdit> Edits { get; } = [];

    public string Summary { get; set; } = "";

    public string? Risk { get; set; }

    /// <summary>The RUN of the finding, or the first in which something is found.</summary>
    public IReadOnlyList<ShellWord>? FindCommand(Func<IReadOnlyList<ShellWord>, bool> matches)
    {
        var runs = Source.Instructions.Where(i => i.Keyword == "RUN" && (Line is null || (Line >= i.StartLine && Line <= i.EndLine)));
        return runs.SelectMany(Source.Commands).FirstOrDefault(matches);
    }

    public void Insert(int at, string text) => Edits.Add(new TextEdit(at, at, text));

    /// <summary>The whole instruction's lines, comments above it left in place.</summary>
    public void Remove(Instruction instruction)
    {
        var end = instruction.End;
        end = Source.Text.IndexOf('\n', end) is >= 0 and var newline ? newline + 1 : end;
        Edits.Add(new TextEdit(instruction.Start, end, ""));
    }

    /// <summary>The sub-command of a package manager's call: the first word that is no option.</summary>
    public static ShellWord? Subcommand(IReadOnlyList<ShellWord> command, string program)
    {
        var at = command.Count > 0 && command[0].Text == "sudo" ? 1 : 0;
        return command.Count > at + 1 && command[at].Text == program ? command.Skip(at + 1).FirstOrDefault(w => !w.Text.StartsWith('-')) is { Text.Length: > 0 } word ? word : null : null;
    }
}
