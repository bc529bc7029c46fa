namespace SecOps.Remediation.Python.Rules;

/// <summary>B104: listens on all interfaces. On request only: a container that listens on loopback answers nobody.</summary>
internal sealed class BindAll() : PythonRule("B104")
{
    public override bool OnRequest => true;

    protected override string? Fix(PythonFix fix)
    {
        var source = fix.Source;
        var found = Enumerable.Range(0, source.Tokens.Count).Where(i => source.Tokens[i].Kind == TokenKind.String && fix.Covers(i, i) && source.TextOf(i).Trim('"', '\'') == "0.0.0.0").ToList();
        if (found.Count != 1 && found.FindAll(fix.IsAtColumn) is not { Count: 1 })
        {
            return "no \"0.0.0.0\" stands there alone";
        }

        var token = found.Count == 1 ? found[0] : found.Find(fix.IsAtColumn);
        fix.Replace(token, token, source.TextOf(token).Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal));
        fix.Summary = "Listen on loopback alone";
        fix.Risk = "In a container nobody reaches it any more.";
        return null;
    }
}
