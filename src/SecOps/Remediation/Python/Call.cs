namespace SecOps.Remediation.Python;

/// <summary>A call, by its tokens.</summary>
/// <param name="First">The first token of what is called.</param>
/// <param name="Name">What is called, as written: <c>yaml.load</c>. For a call on something else than a name, the attribute after a dot: <c>.format</c>.</param>
internal sealed record Call(int First, int Open, int Close, string Name, IReadOnlyList<Argument> Arguments)
{
    public Argument? Keyword(string name) => Arguments.FirstOrDefault(a => a.Name == name);

    public IReadOnlyList<Argument> Positional => [.. Arguments.Where(a => a.Name is null && !a.IsSpread)];

    /// <summary><c>*args</c> or <c>**options</c>: what is passed can't be known.</summary>
    public bool HasSpread => Arguments.Any(a => a.IsSpread);

    /// <summary>The last part of the name.</summary>
    public string Function => Name[(Name.LastIndexOf('.') + 1)..];
}

/// <param name="Name">Null for a positional argument.</param>
/// <param name="First">The first token, of the name when there is one.</param>
/// <param name="Value">The first token of the value.</param>
/// <param name="Last">The last token of the value.</param>
internal sealed record Argument(string? Name, int First, int Value, int Last, bool IsSpread);

/// <summary>One logical line.</summary>
/// <param name="First">Its first token.</param>
/// <param name="Last">Its last token before the line end.</param>
/// <param name="Indent">The white space before it.</param>
internal sealed record Statement(int Index, int First, int Last, string Indent);

/// <summary>A name that an import statement binds.</summary>
/// <param name="Local">As the file uses it.</param>
/// <param name="Qualified">What it stands for: <c>yaml.load</c>.</param>
/// <param name="IsFrom">From an <c>from … import</c>.</param>
/// <param name="NameToken">The token that names what is imported, in a from-import; the module's first token otherwise.</param>
internal sealed record ImportedName(string Local, string Qualified, bool IsFrom, Statement Statement, int NameToken);
