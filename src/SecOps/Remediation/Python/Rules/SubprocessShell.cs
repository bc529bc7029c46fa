namespace SecOps.Remediation.Python.Rules;

/// <summary>B602: a command line for a shell becomes an argument list.</summary>
internal sealed class SubprocessShell() : PythonRule("B602")
{
    public override IReadOnlyList<string> Successors => ["B603", "B607"];

    protected override string? Fix(PythonFix fix)
    {
        var source = fix.Source;
        if (fix.FindCall(c => c.Keyword("shell") is { } s && source.Is(s.Value, "True") && fix.Qualified(c).StartsWith("subprocess.", StringComparison.Ordinal)) is not { } call)
        {
            return "no call with shell=True stands there";
        }

        if (call.HasSpread || call.Keyword("executable") is not null)
        {
            return "its arguments can't be seen, or name a shell";
        }

        if ((call.Keyword("args") ?? (call.Positional is [var given, ..] ? given : null)) is not { } command)
        {
            return "it has no command";
        }

        var (first, last) = (command.Value, command.Last);
        if (first == last && source.IsName(first))
        {
            if (SingleAssignment.Find(source, first) is not { } assigned)
            {
                return "where the command comes from can't be seen";
            }

            (first, last) = assigned;
        }

        if (PythonTemplate.Read(source, first, last) is not { } template)
        {
            return "the command is no text that can be taken apart";
        }

        var (list, reason) = ShellCommand.ToList(source, template);
        if (list is null)
        {
            return reason;
        }

        fix.Replace(first, last, list);
        fix.Remove(call, call.Keyword("shell")!);
        fix.Summary = "Run the program without a shell";
        fix.Risk = "A program that is not there raises FileNotFoundError instead of giving status 127.";
        return null;
    }
}
