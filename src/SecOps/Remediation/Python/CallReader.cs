namespace SecOps.Remediation.Python;

/// <summary>Finds the calls among a file's tokens: what is called, and with which arguments.</summary>
internal sealed class CallReader(PythonSource source)
{
    public List<Call> Read()
    {
        var calls = new List<Call>();
        for (var i = 1; i < source.Tokens.Count; i++)
        {
            if (!source.Is(i, "(") || !(source.IsName(i - 1) || source.Is(i - 1, ")") || source.Is(i - 1, "]")) || (i > 1 && (source.Is(i - 2, "def") || source.Is(i - 2, "class"))))
            {
                continue;
            }

            var (first, name) = Callee(i - 1);
            calls.Add(new Call(first, i, source.Pair(i), name, Arguments(i, source.Pair(i))));
        }

        return calls;
    }

    private (int First, string Name) Callee(int last)
    {
        var name = "";
        var named = true;
        var at = last;
        while (true)
        {
            if (source.Is(at, ")") || source.Is(at, "]") || source.Is(at, "}"))
            {
                // The result of something: its name stays what came after it.
                named = false;
                at = source.Pair(at);
                if (!(source.IsName(at - 1) || source.Is(at - 1, ")") || source.Is(at - 1, "]")))
                {
                    return (at, name);
                }

                at--;
                continue;
            }

            if (source.Tokens[at].Kind == TokenKind.String)
            {
                while (at > 0 && source.Tokens[at - 1].Kind == TokenKind.String)
                {
                    at--;
                }

                return (at, name);
            }

            name = named ? source.TextOf(at) + name : name;
            if (at < 2 || !source.Is(at - 1, "."))
            {
                return (at, name);
            }

            name = named ? "." + name : name;
            at -= 2;
        }
    }

    private List<Argument> Arguments(int open, int close)
    {
        var arguments = new List<Argument>();
        var first = open + 1;
        for (var i = first; i <= close; i++)
        {
            if (i < close && source.Pair(i) > i)
            {
                i = source.Pair(i);
                continue;
            }

            if ((i == close || source.Is(i, ",")) && i > first)
            {
                var named = source.Tokens[first].Kind == TokenKind.Name && source.Is(first + 1, "=") && first + 2 < i;
                var spread = source.Is(first, "*") || source.Is(first, "**");
                arguments.Add(new Argument(named ? source.TextOf(first) : null, first, named ? first + 2 : first, i - 1, spread));
            }

            if (i < close && source.Is(i, ","))
            {
                first = i + 1;
            }
        }

        return arguments;
    }
}
