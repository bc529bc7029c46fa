using System.Text;

namespace SecOps;

/// <summary>Splits a command written as one text into its arguments. There is no shell: quotes group, and nothing else means anything.</summary>
public static class CommandLine
{
    /// <summary>Words parted by white space; <c>'…'</c> and <c>"…"</c> group, a backslash takes the next character as it is (not within '…').</summary>
    /// <exception cref="FormatException">A quote is not closed.</exception>
    public static IReadOnlyList<string> Split(string text)
    {
        var words = new List<string>();
        StringBuilder? word = null;
        var quote = '\0';
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (quote == '\0' && char.IsWhiteSpace(c))
            {
                End();
            }
            else if (c == '\\' && quote != '\'' && i + 1 < text.Length)
            {
                (word ??= new StringBuilder()).Append(text[++i]);
            }
            else if (quote == '\0' && c is '\'' or '"')
            {
                quote = c;
                word ??= new StringBuilder();
            }
            else if (quote != '\0' && c == quote)
            {
                quote = '\0';
            }
            else
            {
                (word ??= new StringBuilder()).Append(c);
            }
        }

        if (quote != '\0')
        {
            throw new FormatException($"the quote {quote} is not closed");
        }

        End();
        return words;

        void End()
        {
            if (word is not null)
            {
                words.Add(word.ToString());
                word = null;
            }
        }
    }

    /// <summary>For people: the arguments as they could be typed.</summary>
    public static string Show(IEnumerable<string> arguments) =>
        string.Join(' ', arguments.Select(a => a.Length > 0 && !a.Any(c => char.IsWhiteSpace(c) || c is '"' or '\'' or '\\') ? a : $"\"{a.Replace("\\", "\\\\").Replace("\"", "\\\"")}\""));
}
