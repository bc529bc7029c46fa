namespace SecOps.Remediation.Python.Rules;

/// <summary>B701: Jinja templates that do not escape.</summary>
internal sealed class JinjaAutoescape() : PythonRule("B701")
{
    protected override string? Fix(PythonFix fix)
    {
        if (fix.FindCall(c => fix.Qualified(c) is "jinja2.Environment" or "jinja2.environment.Environment") is not { } call)
        {
            return "no jinja2.Environment stands there";
        }

        if (call.HasSpread)
        {
            return "its arguments can't be seen";
        }

        if (call.Keyword("autoescape") is { } given && !fix.Source.Is(given.Value, "False"))
        {
            return "whether it escapes is decided elsewhere";
        }

        var words = fix.Surroundings(call.First).Split([' ', '_'], StringSplitOptions.RemoveEmptyEntries);
        if (words.FirstOrDefault(w => w is "latex" or "tex" or "sql" or "shell" or "config" or "text" or "plain" or "markdown" or "code") is { } word)
        {
            return $"its templates seem to make \"{word}\", which HTML's escapes would break";
        }

        var escape = call.Name.Contains('.', StringComparison.Ordinal)
            ? call.Name[..call.Name.LastIndexOf('.')] + ".select_autoescape"
            : fix.ImportFrom("jinja2", "select_autoescape");
        if (escape is null)
        {
            return "the name select_autoescape is taken in this file";
        }

        fix.SetKeyword(call, "autoescape", escape + "()");
        fix.Summary = "Escape what templates put into HTML";
        fix.Risk = "Values that hold HTML on purpose have to be marked with |safe.";
        return null;
    }
}
