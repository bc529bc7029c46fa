using SecOps.Findings;

namespace SecOps.Remediation.Python;

/// <summary>A rule for Bandit's findings in a Python file.</summary>
internal abstract class PythonRule(params string[] ruleIds) : IFixRule
{
    public IReadOnlyList<string> Scanners { get; } = ["bandit"];

    public IReadOnlyList<string> RuleIds { get; } = ruleIds;

    public virtual IReadOnlyList<string> Successors => [];

    public virtual bool OnRequest => false;

    public FixResult Propose(FixRequest request)
    {
        var path = request.Finding.Location.Path;
        if (path is null || request.Finding.Location.StartLine is null)
        {
            return new NoFix("the finding names no file and line");
        }

        if (request.Tree.Read(path) is not { } text)
        {
            return new NoFix($"{path} is not a plain UTF-8 text file of at most {SourceTree.MaxFileSize / 1024} KiB");
        }

        try
        {
            var fix = new PythonFix(new PythonSource(text), request);
            return Fix(fix) is { } reason ? new NoFix(reason) : fix.Proposal();
        }
        catch (PythonSyntaxException e)
        {
            return new NoFix($"{path} can't be read as Python: {e.Message}");
        }
    }

    /// <summary>Makes the edits. Returns why the finding is left alone, or null.</summary>
    protected abstract string? Fix(PythonFix fix);
}

/// <summary>One fix in the making: what was found, the file, and the edits so far.</summary>
internal sealed class PythonFix(PythonSource source, FixRequest request)
{
    private readonly List<TextEdit> edits = [];
    private readonly List<ImportEdit> imports = [];
    private readonly List<FileChange> others = [];

    public PythonSource Source { get; } = source;

    public FixRequest Request { get; } = request;

    public string Path { get; } = request.Finding.Location.Path!;

    public string RuleId { get; } = request.Finding.Rule.Id;

    /// <summary>As a commit says it.</summary>
    public string Summary { get; set; } = "";

    public string? Risk { get; set; }

    public int StartLine { get; } = request.Finding.Location.StartLine!.Value;

    public int EndLine { get; } = request.Finding.Location.EndLine ?? request.Finding.Location.StartLine!.Value;

    public void Replace(int firstToken, int lastToken, string text) => edits.Add(new TextEdit(Source.Tokens[firstToken].Start, Source.Tokens[lastToken].End, text));

    public void Edit(int start, int end, string text) => edits.Add(new TextEdit(start, end, text));

    public void Add(IEnumerable<TextEdit> more) => edits.AddRange(more);

    public void Change(FileChange change) => others.Add(change);

    /// <summary>
    /// The call that the finding is about: it covers the line and satisfies the condition. Several on a line are told apart by
    /// the column; when they can't be, none is returned.
    /// </summary>
    public Call? FindCall(Func<Call, bool> matches)
    {
        var candidates = Source.Calls.Where(c => Covers(c.First, c.Close) && matches(c)).ToList();
        if (candidates.Count > 1 && candidates.Where(c => IsAtColumn(c.First)).ToList() is { Count: > 0 } there)
        {
            // Calls in a chain begin at the same place; the scanner means the whole of it or a part, so the condition decides: the innermost.
            return there.MinBy(c => c.Close);
        }

        return candidates.Count == 1 ? candidates[0] : null;
    }

    /// <summary>The full name of what is called.</summary>
    public string Qualified(Call call) => Source.Imports.Qualify(call.Name);

    public bool Covers(int firstToken, int lastToken)
    {
        var first = Source.LineOf(Source.Tokens[firstToken].Start);
        var last = Source.LineOf(Source.Tokens[lastToken].End - 1);
        return first <= StartLine && StartLine <= last;
    }

    public bool IsAtColumn(int token) =>
        Request.Finding.Location.StartColumn is { } column && Source.ByteColumn(Source.Tokens[token].Start) == column;

    /// <summary>Sets a keyword argument: replaces its value, or adds it after the last argument in the call's own layout.</summary>
    public void SetKeyword(Call call, string name, string value)
    {
        if (call.Keyword(name) is { } existing)
        {
            Replace(existing.Value, existing.Last, value);
            return;
        }

        if (call.Arguments.Count == 0)
        {
            var at = Source.Tokens[call.Open].End;
            Edit(at, at, $"{name}={value}");
            return;
        }

        var last = call.Arguments[^1];
        var comma = Source.Is(last.Last + 1, ",") ? last.Last + 1 : -1;
        var end = Source.Tokens[comma < 0 ? last.Last : comma].End;
        var lastLine = Source.LineOf(Source.Tokens[last.First].Start);
        var ownLine = Source.LineOf(Source.Tokens[call.Open].Start) != lastLine
            && (call.Arguments.Count == 1 ? comma >= 0 : Source.LineOf(Source.Tokens[call.Arguments[^2].Last].End) != lastLine);
        var separator = ownLine ? Source.LineEnd + new string(' ', Math.Max(0, Source.ByteColumn(Source.Tokens[last.First].Start) - 1)) : " ";
        Edit(end, end, comma < 0 ? $",{separator}{name}={value}" : $"{separator}{name}={value},");
    }

    /// <summary>Takes an argument out, with its comma and, where it stood on a line of its own, that line.</summary>
    public void Remove(Call call, Argument argument)
    {
        var index = call.Arguments.ToList().IndexOf(argument);
        if (index + 1 < call.Arguments.Count)
        {
            Edit(Source.Tokens[argument.First].Start, Source.Tokens[call.Arguments[index + 1].First].Start, "");
            return;
        }

        var start = index > 0 ? Source.Tokens[call.Arguments[index - 1].Last].End : Source.Tokens[argument.First].Start;
        var end = Source.Tokens[argument.Last].End;
        Edit(start, end, "");
    }

    /// <summary>Makes sure that a module of the standard library, or one already used, is imported; null when its name is taken here.</summary>
    public string? Import(string module)
    {
        if (Source.Imports.LocalName(module) is { } local)
        {
            return local == module.Split('.')[0] ? module : local;
        }

        return AddImport(module, null) ? module : null;
    }

    /// <summary>The local name of a module's member, imported when it is not yet; null when its name is taken here.</summary>
    public string? ImportFrom(string module, string member) =>
        Source.Imports.LocalName($"{module}.{member}") ?? (AddImport(module, member) ? member : null);

    public Proposal Proposal()
    {
        foreach (var place in imports.GroupBy(i => i.At))
        {
            var lines = string.Concat(place.Select(i => i.Line).Order(StringComparer.Ordinal));
            edits.Add(new TextEdit(place.Key, place.Key, place.First().Lead + lines + place.First().Trail));
        }

        var after = UnusedImports.Remove(Source, TextEdit.Apply(Source.Text, edits));
        return new Proposal([new FileChange(Path, Source.Text, after), .. others], Summary)
        {
            Risk = Risk,
            Companions = [.. others.Select(o => o.Path)],
        };
    }

    private bool AddImport(string module, string? member)
    {
        if (Source.Imports.Add(module, member) is not { } edit)
        {
            return false;
        }

        if (!imports.Contains(edit))
        {
            imports.Add(edit);
        }

        return true;
    }

    /// <summary>Names and words around the call that hint at what the value is for: the function's name, the target's, the arguments'.</summary>
    public string Surroundings(int token)
    {
        if (Source.StatementAt(token) is not { } statement)
        {
            return "";
        }

        var names = Enumerable.Range(statement.First, statement.Last - statement.First + 1).Where(Source.IsName).Select(i => Source.TextOf(i));
        return string.Join(' ', [Source.EnclosingName(statement, "def") ?? "", Source.EnclosingName(statement, "class") ?? "", .. names]).ToLowerInvariant();
    }

    public Severity Severity => Request.Finding.Severity;
}
