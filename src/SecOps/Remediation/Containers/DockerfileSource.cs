namespace SecOps.Remediation.Containers;

/// <summary>One word of a command in a RUN, by its place in the file.</summary>
internal readonly record struct ShellWord(int Start, int End, string Text);

/// <summary>One instruction with its continuation lines.</summary>
/// <param name="Start">At the keyword.</param>
/// <param name="Arguments">Where what follows the keyword begins.</param>
/// <param name="End">After its last character, before the line end.</param>
internal sealed record Instruction(string Keyword, int Start, int Arguments, int End, int StartLine, int EndLine, int Stage);

/// <summary>A Dockerfile as rules see it (https://docs.docker.com/reference/dockerfile/): instructions with comments, continuations and here-documents told apart.</summary>
internal sealed class DockerfileSource
{
    private readonly char escape = '\\';

    public DockerfileSource(string text)
    {
        Text = text;
        var lines = Lines(text);
        var first = lines.Count > 0 ? text[lines[0].Start..lines[0].End].Trim() : "";
        if (first.StartsWith('#') && first.Replace(" ", "", StringComparison.Ordinal).Equals("#escape=`", StringComparison.OrdinalIgnoreCase))
        {
            escape = '`';
        }

        Instructions = Read(lines);
    }

    public string Text { get; }

    public IReadOnlyList<Instruction> Instructions { get; }

    public string LineEnd => Text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";

    public string ArgumentsOf(Instruction i) => Text[i.Arguments..i.End];

    /// <summary>The instruction that a finding names by its lines; the first that matches where it names none.</summary>
    public Instruction? Find(string keyword, int? line, Func<Instruction, bool>? matches = null) =>
        Instructions.FirstOrDefault(i => i.Keyword == keyword && (line is null ? matches?.Invoke(i) != false : line >= i.StartLine && line <= i.EndLine));

    /// <summary>The commands of a RUN in shell form: words, quotes kept together, parted where the shell parts commands. Empty for the JSON form and here-documents.</summary>
    public IReadOnlyList<IReadOnlyList<ShellWord>> Commands(Instruction run)
    {
        var text = ArgumentsOf(run);
        return run.Keyword != "RUN" || text.TrimStart().StartsWith('[') || text.Contains("<<", StringComparison.Ordinal) ? [] : Split(run);
    }

    /// <summary>The words of any instruction that has no JSON form.</summary>
    public IReadOnlyList<ShellWord> Words(Instruction instruction) => [.. Split(instruction).SelectMany(c => c)];

    private List<IReadOnlyList<ShellWord>> Split(Instruction run)
    {
        var commands = new List<IReadOnlyList<ShellWord>>();
        var words = new List<ShellWord>();
        for (var i = run.Arguments; i < run.End;)
        {
            var c = Text[i];
            if (c == escape && RestIsBlank(i + 1))
            {
                i = AfterLine(i);
                // Comment lines between continued lines are dropped before the shell sees them.
                while (i < run.End && Text[i..EndOfLine(i)].TrimStart().StartsWith('#'))
                {
                    i = AfterLine(i);
                }
            }
            else if (char.IsWhiteSpace(c))
            {
                i++;
            }
            else if ("&|;()".Contains(c, StringComparison.Ordinal))
            {
                End();
                i++;
            }
            else
            {
                var start = i;
                i = AfterWord(i, run.End);
                words.Add(new ShellWord(start, i, Text[start..i]));
            }
        }

        End();
        return commands;

        void End()
        {
            if (words.Count > 0)
            {
                commands.Add(words);
                words = [];
            }
        }
    }

    private static List<(int Start, int End)> Lines(string text)
    {
        var lines = new List<(int, int)>();
        var start = 0;
        for (var i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || text[i] == '\n')
            {
                lines.Add((start, i > start && text[i - 1] == '\r' ? i - 1 : i));
                start = i + 1;
            }
        }

        return lines;
    }

    private List<Instruction> Read(List<(int Start, int End)> lines)
    {
        var instructions = new List<Instruction>();
        var stage = -1;
        for (var n = 0; n < lines.Count; n++)
        {
            var (start, end) = lines[n];
            while (start < end && Text[start] is ' ' or '\t' or '\uFEFF')
            {
                start++;
            }

            if (start == end || Text[start] == '#')
            {
                continue;
            }

            var word = start;
            while (word < end && char.IsAsciiLetter(Text[word]))
            {
                word++;
            }

            var keyword = Text[start..word].ToUpperInvariant();
            var first = n;
            while (n + 1 < lines.Count && (IsContinued(lines[n]) || (n > first && IsComment(lines[n]) && IsContinued(LastCode(lines, first, n)))))
            {
                n++;
            }

            if (keyword is "RUN" or "COPY" or "ADD")
            {
                n = AfterHereDocuments(lines, Text[start..lines[n].End], n);
            }

            stage += keyword == "FROM" ? 1 : 0;
            var arguments = word;
            while (arguments < lines[n].End && Text[arguments] is ' ' or '\t')
            {
                arguments++;
            }

            instructions.Add(new Instruction(keyword, start, arguments, lines[n].End, first + 1, n + 1, stage));
        }

        return instructions;
    }

    private (int Start, int End) LastCode(List<(int Start, int End)> lines, int first, int n)
    {
        while (n > first && IsComment(lines[n]))
        {
            n--;
        }

        return lines[n];
    }

    private bool IsContinued((int Start, int End) line) => Text[line.Start..line.End].TrimEnd().EndsWith(escape) && !IsComment(line);

    private bool IsComment((int Start, int End) line) => Text[line.Start..line.End].TrimStart().StartsWith('#');

    private int AfterHereDocuments(List<(int Start, int End)> lines, string text, int n)
    {
        for (var at = text.IndexOf("<<", StringComparison.Ordinal); at >= 0; at = text.IndexOf("<<", at + 2, StringComparison.Ordinal))
        {
            var word = new string([.. text[(at + 2)..].TrimStart('-').TrimStart('"', '\'').TakeWhile(c => char.IsLetterOrDigit(c) || c == '_')]);
            var end = word.Length == 0 ? -1 : lines.FindIndex(n + 1, l => Text[l.Start..l.End].Trim() == word);
            n = end >= 0 ? end : n;
        }

        return n;
    }

    private bool RestIsBlank(int at) => at >= Text.Length || Text[at..EndOfLine(at)].Trim().Length == 0;

    private int EndOfLine(int at) => Text.IndexOf('\n', at) is >= 0 and var end ? end : Text.Length;

    private int AfterLine(int at) => Math.Min(Text.Length, EndOfLine(at) + 1);

    private int AfterWord(int at, int end)
    {
        var quote = '\0';
        for (; at < end; at++)
        {
            var c = Text[at];
            if (c == '\\' && quote != '\'' && at + 1 < end && !(quote == '\0' && RestIsBlank(at + 1)))
            {
                at++;
            }
            else if (c == quote)
            {
                quote = '\0';
            }
            else if (quote == '\0' && c is '"' or '\'')
            {
                quote = c;
            }
            else if (quote == '\0' && (char.IsWhiteSpace(c) || "&|;()".Contains(c, StringComparison.Ordinal) || (c == escape && RestIsBlank(at + 1))))
            {
                break;
            }
        }

        return at;
    }
}
