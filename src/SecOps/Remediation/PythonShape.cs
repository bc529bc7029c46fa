using SecOps.Remediation.Python;
using SecOps.Remediation.Verification;

namespace SecOps.Remediation;

/// <summary>What of a Python file's shape has to survive a fix.</summary>
internal static class PythonShape
{
    /// <exception cref="VerificationException">A function is gone, or one that others call has another signature.</exception>
    public static void Check(string path, PythonSource before, PythonSource after)
    {
        var kept = Definitions(after);
        foreach (var (name, signatures) in Definitions(before))
        {
            if (!kept.TryGetValue(name, out var now) || now.Count < signatures.Count)
            {
                throw new VerificationException("deleted", $"{path}: {name} is gone");
            }

            if (!name.Split('.')[^1].StartsWith('_') && !now.SequenceEqual(signatures))
            {
                throw new VerificationException("signature", $"{path}: {name} takes other parameters, which its callers do not know");
            }
        }
    }

    /// <summary>Functions and classes by full name, with their parameters.</summary>
    private static Dictionary<string, List<string>> Definitions(PythonSource source)
    {
        var result = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var statement in source.Statements)
        {
            var word = source.Is(statement.First, "async") ? statement.First + 1 : statement.First;
            if (!source.Is(word, "def") && !source.Is(word, "class"))
            {
                continue;
            }

            var name = source.TextOf(word + 1);
            for (var outer = source.Enclosing(statement, "class", "def"); outer is not null; outer = source.Enclosing(outer, "class", "def"))
            {
                name = source.TextOf(outer.First + (source.Is(outer.First, "async") ? 2 : 1)) + "." + name;
            }

            var end = source.Is(word + 2, "(") ? source.Pair(word + 2) : word + 1;
            var signature = string.Join(' ', Enumerable.Range(word + 1, end - word).Select(i => source.TextOf(i)));
            if (!result.TryGetValue(name, out var list))
            {
                result[name] = list = [];
            }

            list.Add(signature);
        }

        return result;
    }
}
