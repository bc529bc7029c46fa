namespace SecOps.Remediation.Python.Rules;

/// <summary>B605: os.system and os.popen become subprocess with an argument list.</summary>
internal sealed class OsSystem() : PythonRule("B605")
{
    public override IReadOnlyList<string> Successors => ["B404", "B603", "B607"];

    protected override string? Fix(PythonFix fix)
    {
        var source = fix.Source;
        if (fix.FindCall(c => fix.Qualified(c) is "os.system" or "os.popen") is not { } call)
        {
            return "no call of os.system or os.popen stands there";
        }

        if (call.HasSpread || call.Positional.Count != 1 || call.Arguments.Count != 1)
        {
            return "it has more than a command";
        }

        var popen = fix.Qualified(call) == "os.popen";
        var read = popen && source.Is(call.Close + 1, ".") && source.Is(call.Close + 2, "read") && source.Is(call.Close + 3, "(") && source.Is(call.Close + 4, ")");
        if (popen && !read)
        {
            return "the pipe is used otherwise than by .read()";
        }

        if (!popen && source.StatementAt(call.First) is { } s && Enumerable.Range(s.First, s.Last - s.First + 1).Any(i => source.Is(i, ">>") || source.Is(i, "WEXITSTATUS")))
        {
            return "its status is taken apart, and subprocess gives another one";
        }

        var (first, last) = (call.Arguments[0].Value, call.Arguments[0].Last);
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

        if (fix.Import("subprocess") is not { } module)
        {
            return "the name subprocess is taken in this file";
        }

        fix.Replace(first, last, list);
        fix.Replace(call.First, call.Open - 1, popen ? $"{module}.run" : $"{module}.call");
        if (popen)
        {
            var end = source.Tokens[call.Arguments[0].Last].End;
            fix.Edit(end, end, $", stdout={module}.PIPE, text=True, check=False");
            fix.Replace(call.Close + 2, call.Close + 4, "stdout");
        }

        fix.Summary = "Run the program without a shell";
        fix.Risk = "A program that is not there raises FileNotFoundError instead of giving a status.";
        return null;
    }
}
