namespace SecOps.Remediation.Python.Rules;

/// <summary>B108: a fixed name below /tmp becomes one below the folder that the system names.</summary>
internal sealed class TemporaryFolder() : PythonRule("B108")
{
    protected override string? Fix(PythonFix fix)
    {
        var source = fix.Source;
        var strings = Enumerable.Range(0, source.Tokens.Count).Where(i => source.Tokens[i].Kind == TokenKind.String && fix.Covers(i, i) && Rest(source.TextOf(i)) is not null).ToList();
        var token = strings.Count == 1 ? strings[0] : strings.FindAll(fix.IsAtColumn) is [var only] ? only : -1;
        if (token < 0)
        {
            return "no text that begins with /tmp stands there (/var/tmp and /dev/shm are for other things)";
        }

        if (IsCompared(source, token))
        {
            return "the path is compared or looked up, not used";
        }

        if (source.Tokens[token + 1].Kind == TokenKind.String || source.Tokens[token - 1].Kind == TokenKind.String || source.Is(token + 1, "%") || source.Is(token + 1, "+") || source.Is(token + 1, "."))
        {
            return "the path is put together";
        }

        if (fix.Import("tempfile") is not { } module)
        {
            return "the name tempfile is taken in this file";
        }

        var (prefix, quote, rest) = Rest(source.TextOf(token))!.Value;
        if (rest.Length == 0)
        {
            fix.Replace(token, token, $"{module}.gettempdir()");
        }
        else if (fix.Import("os") is { } os)
        {
            var formatted = rest.Contains('{', StringComparison.Ordinal) ? prefix : prefix.Replace("f", "", StringComparison.OrdinalIgnoreCase);
            fix.Replace(token, token, $"{os}.path.join({module}.gettempdir(), {formatted}{quote}{rest}{quote})");
        }
        else
        {
            return "the name os is taken in this file";
        }

        fix.Summary = "Ask the system for its temporary folder";
        fix.Risk = "The name below it is still known beforehand; a folder of its own (tempfile.mkdtemp) is better where nothing else has to find it.";
        return null;
    }

    /// <summary>The string's prefix, its quote and what follows /tmp/; null when it is something else.</summary>
    private static (string Prefix, string Quote, string Below)? Rest(string literal)
    {
        var quote = literal.IndexOfAny(['"', '\'']);
        var marks = literal.Length - quote >= 6 && literal[quote + 1] == literal[quote] && literal[quote + 2] == literal[quote] ? 3 : 1;
        var body = literal[(quote + marks)..^marks];
        var prefix = literal[..quote];
        if (prefix.Contains('b', StringComparison.OrdinalIgnoreCase) || body.Contains('\\', StringComparison.Ordinal) || !(body == "/tmp" || body.StartsWith("/tmp/", StringComparison.Ordinal)))
        {
            return null;
        }

        return (prefix, literal[quote..(quote + marks)], body["/tmp".Length..].TrimStart('/'));
    }

    private static bool IsCompared(PythonSource source, int token)
    {
        foreach (var neighbour in new[] { token - 1, token + 1 })
        {
            if (source.Is(neighbour, "==") || source.Is(neighbour, "!=") || source.Is(neighbour, "in") || source.Is(neighbour, ":"))
            {
                return true;
            }
        }

        var call = source.Calls.Where(c => c.Open < token && token < c.Close).MinBy(c => c.Close - c.Open);
        return call?.Function is "startswith" or "endswith" or "removeprefix" or "replace" or "get" or "route" or "assertEqual" || (source.Is(token - 1, "(") && source.StatementAt(token) is { } s && source.Is(s.First, "@"));
    }
}
