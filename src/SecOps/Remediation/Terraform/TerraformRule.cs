namespace SecOps.Remediation.Terraform;

/// <summary>A rule for Trivy's checks of Terraform files. Nothing that makes Terraform replace a resource.</summary>
internal abstract class TerraformRule(string[] ruleIds, string[] resourceTypes) : IFixRule
{
    public IReadOnlyList<string> Scanners { get; } = ["trivy"];

    public IReadOnlyList<string> RuleIds { get; } = ruleIds;

    public FixResult Propose(FixRequest request)
    {
        var location = request.Finding.Location;
        if (location.Path is not { } path || !path.EndsWith(".tf", StringComparison.Ordinal) || request.Tree.Read(path) is not { } text)
        {
            return new NoFix("no Terraform file that can be read");
        }

        try
        {
            var source = new HclSource(text);
            if (Find(source, location.StartLine, location.Resource) is not { } resource)
            {
                return new NoFix($"no resource of type {string.Join(" or ", resourceTypes)} stands there");
            }

            var edits = new List<TextEdit>();
            return Fix(source, resource, edits) is { } reason
                ? new NoFix(reason)
                : new Proposal([new FileChange(path, text, TextEdit.Apply(text, edits))], Summary) { Risk = Risk };
        }
        catch (FormatException e)
        {
            return new NoFix($"{path} can't be read: {e.Message}");
        }
    }

    protected abstract string Summary { get; }

    protected virtual string? Risk => null;

    /// <summary>Makes the edits. Returns why the finding is left alone, or null.</summary>
    protected abstract string? Fix(HclSource source, HclBlock resource, List<TextEdit> edits);

    /// <summary>Sets an attribute in a block; a nested block is made when it is not there.</summary>
    protected static string? Set(HclSource source, HclBlock block, string? nested, string name, string value, List<TextEdit> edits)
    {
        var indent = source.IndentAt(block.Start) + "  ";
        var end = source.LineEnd;
        if (nested is not null)
        {
            if (block.Blocks.FirstOrDefault(b => b.Type == nested) is { } inner)
            {
                return Set(source, inner, null, name, value, edits);
            }

            if (block.Blocks.Any(b => b.Type == "dynamic" && b.Labels.Contains(nested)))
            {
                return $"{nested} is made dynamically";
            }

            Append(source, block, $"{end}{indent}{nested} {{{end}{indent}  {name} = {value}{end}{indent}}}{end}", edits);
            return null;
        }

        if (block.Attribute(name) is not { } existing)
        {
            Append(source, block, $"{(block.Attributes.Count + block.Blocks.Count > 0 ? end : "")}{indent}{name} = {value}{end}", edits);
            return null;
        }

        var now = source.ValueOf(existing);
        if (now == value)
        {
            return $"{name} is {value} already";
        }

        if (now is not ("true" or "false" or "null") && !(now.StartsWith('"') && now.EndsWith('"') && !now.Contains('$', StringComparison.Ordinal)))
        {
            return $"{name} is decided elsewhere ({now})";
        }

        edits.Add(new TextEdit(existing.ValueStart, existing.ValueEnd, value));
        return null;
    }

    /// <summary>Before the closing brace: a group of its own, so that the alignment of what is there stays right.</summary>
    private static void Append(HclSource source, HclBlock block, string text, List<TextEdit> edits)
    {
        var line = source.Text.LastIndexOf('\n', block.Close) + 1;
        if (line <= block.Open)
        {
            // A block on one line.
            var indent = source.IndentAt(block.Start);
            edits.Add(new TextEdit(block.Open, block.Close, source.LineEnd + (source.Text[block.Open..block.Close].Trim() is { Length: > 0 } inner ? $"{indent}  {inner}{source.LineEnd}" : "") + text + indent));
            return;
        }

        edits.Add(new TextEdit(line, line, text));
    }

    private HclBlock? Find(HclSource source, int? line, string? name)
    {
        var candidates = source.Blocks.Where(b => b.Type == "resource" && b.Labels.Count == 2 && resourceTypes.Contains(b.Labels[0])).ToList();
        return candidates.Find(b => name is not null && name.StartsWith($"{b.Labels[0]}.{b.Labels[1]}", StringComparison.Ordinal))
            ?? candidates.Find(b => line >= source.LineOf(b.Start) && line <= source.LineOf(b.Close));
    }
}

/// <summary>One attribute that has to have one value.</summary>
internal abstract class AttributeRule(string[] ruleIds, string[] resourceTypes, string? nested, string name, string value, string summary, string? risk = null) : TerraformRule(ruleIds, resourceTypes)
{
    protected override string Summary => summary;

    protected override string? Risk => risk;

    protected override string? Fix(HclSource source, HclBlock resource, List<TextEdit> edits) => Set(source, resource, nested, name, value, edits);
}
