namespace SecOps.Remediation.Python.Rules;

/// <summary>B306: mktemp gives a name that somebody else may take first.</summary>
internal sealed class TemporaryName() : PythonRule("B306")
{
    private static readonly string[] Parameters = ["suffix", "prefix", "dir"];

    protected override string? Fix(PythonFix fix)
    {
        if (fix.FindCall(c => fix.Qualified(c) == "tempfile.mktemp") is not { } call)
        {
            return "no call of tempfile.mktemp stands there";
        }

        if (call.HasSpread || call.Positional.Count > Parameters.Length)
        {
            return "its arguments can't be seen";
        }

        var target = call.Name.Contains('.', StringComparison.Ordinal) ? call.Name[..call.Name.LastIndexOf('.')] + ".NamedTemporaryFile" : fix.ImportFrom("tempfile", "NamedTemporaryFile");
        if (target is null)
        {
            return "the name NamedTemporaryFile is taken in this file";
        }

        var words = fix.Surroundings(call.First).Split([' ', '_'], StringSplitOptions.RemoveEmptyEntries);
        if (words.FirstOrDefault(w => w is "mkfifo" or "mkdir" or "makedirs" or "bind" or "socket" or "sock" or "fifo" or "symlink" or "folder" or "directory") is { } word)
        {
            return $"the name is for something else than a file (\"{word}\"), which could not be made where a file is";
        }

        for (var i = 0; i < call.Positional.Count; i++)
        {
            var at = fix.Source.Tokens[call.Positional[i].First].Start;
            fix.Edit(at, at, Parameters[i] + "=");
        }

        fix.Replace(call.First, call.Open - 1, target);
        fix.SetKeyword(call, "delete", "False");
        var end = fix.Source.Tokens[call.Close].End;
        fix.Edit(end, end, ".name");
        fix.Summary = "Make the temporary file together with its name";
        fix.Risk = "The file exists from then on; whatever used the name has to be able to replace it.";
        return null;
    }
}
