using System.Text.RegularExpressions;

namespace SecOps.Remediation.Python.Rules;

/// <summary>B105, B106: a password in the source moves to the environment.</summary>
internal sealed partial class HardcodedPassword() : PythonRule("B105", "B106")
{
    private static readonly string[] NoSecretEndings = ["url", "uri", "field", "name", "header", "path", "file", "prompt", "label", "regex", "pattern", "param", "id", "endpoint", "type", "column", "variable", "message", "hint", "placeholder", "column"];

    protected override string? Fix(PythonFix fix)
    {
        var source = fix.Source;
        var strings = Enumerable.Range(0, source.Tokens.Count)
            .Where(i => source.Tokens[i].Kind == TokenKind.String && fix.Covers(i, i) && Variable(fix, i) is not null).ToList();
        var token = strings.Count == 1 ? strings[0] : strings.FindAll(fix.IsAtColumn) is [var only] ? only : -1;
        if (token < 0)
        {
            return "no text that a name is set to stands there";
        }

        var name = Variable(fix, token)!;
        var value = source.TextOf(token);
        if (value[0] is not ('"' or '\'') || source.Tokens[token + 1].Kind == TokenKind.String || source.Tokens[token - 1].Kind == TokenKind.String)
        {
            return "the text is put together";
        }

        value = value.Trim(value[0]);
        var ending = name.Split('_')[^1].ToLowerInvariant();
        if (NoSecretEndings.Contains(ending) || IsNoSecret(value))
        {
            return "it names something and is no secret itself";
        }

        if (fix.Import("os") is not { } os)
        {
            return "the name os is taken in this file";
        }

        var variable = name.ToUpperInvariant();
        fix.Replace(token, token, $"{os}.environ[\"{variable}\"]");
        fix.Summary = $"Take {variable} from the environment";
        fix.Risk = $"{variable} has to be set where this runs. The old value stays in the history: change it.";
        return null;
    }

    /// <summary>The name that the text is set to, as a variable of the environment would be called; null when it is something else.</summary>
    private static string? Variable(PythonFix fix, int token)
    {
        var source = fix.Source;
        var statement = source.StatementAt(token);
        if (fix.RuleId == "B106")
        {
            var call = source.Calls.Where(c => c.Open < token && token < c.Close).MinBy(c => c.Close - c.Open);
            var argument = call?.Arguments.FirstOrDefault(a => a.Value == token && a.Last == token);
            return argument?.Name is not { } keyword || !Secret().IsMatch(keyword) ? null
                : call!.Function is "connect" or "create_engine" or "Connection" or "create_pool" ? "DATABASE_" + keyword
                : keyword;
        }

        // NAME = "…", self.name = "…", NAME: str = "…"
        return statement is not null && statement.Last == token && source.Is(token - 1, "=")
            && Enumerable.Range(statement.First, token - 1 - statement.First).All(i => source.IsName(i) || source.Is(i, ".") || source.Is(i, ":"))
            ? source.Is(statement.First + 1, ":") ? source.TextOf(statement.First) : source.TextOf(token - 2)
            : null;
    }

    private static bool IsNoSecret(string value) =>
        value.Length == 0
        || value.Any(char.IsWhiteSpace)
        || value.Contains("://", StringComparison.Ordinal)
        || value[0] is '/' or '<' or '{' or '$'
        || value.Contains("password", StringComparison.OrdinalIgnoreCase) && value.All(c => char.IsLetter(c) || c is '_' or '-' or '.')
        || value.ToLowerInvariant() is "token" or "secret" or "passwd" or "pwd" or "none" or "null" or "bearer" or "basic" or "changeme" or "csrf_token" or "access_token" or "refresh_token";

    [GeneratedRegex("pass|pwd|token|secret", RegexOptions.IgnoreCase)]
    private static partial Regex Secret();
}
