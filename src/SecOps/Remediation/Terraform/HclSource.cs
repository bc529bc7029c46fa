namespace SecOps.Remediation.Terraform;

/// <summary><c>name = value</c> in a block, by places in the file.</summary>
internal sealed record HclAttribute(string Name, int Start, int ValueStart, int ValueEnd);

/// <summary>A block: <c>type "label" "label" { … }</c>.</summary>
/// <param name="Open">After the opening brace.</param>
/// <param name="Close">At the closing brace.</param>
internal sealed record HclBlock(string Type, IReadOnlyList<string> Labels, int Start, int Open, int Close, IReadOnlyList<HclAttribute> Attributes, IReadOnlyList<HclBlock> Blocks)
{
    public HclAttribute? Attribute(string name) => Attributes.FirstOrDefault(a => a.Name == name);
}

/// <summary>A Terraform file as rules see it: blocks and attributes, with strings, templates, here-documents and comments told apart (https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md).</summary>
internal sealed class HclSource
{
    /// <summary>No configuration that anybody wrote nests deeper.</summary>
    private const int Deepest = 50;

    private int at;

    /// <exception cref="FormatException">It can't be read.</exception>
    public HclSource(string text)
    {
        Text = text;
        (_, Blocks) = Body(0);
        if (at < text.Length)
        {
            throw new FormatException("a brace closes that was never opened");
        }
    }

    public string Text { get; }

    public IReadOnlyList<HclBlock> Blocks { get; }

    public string LineEnd => Text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";

    public int LineOf(int position) => Text.AsSpan(0, position).Count('\n') + 1;

    public string ValueOf(HclAttribute a) => Text[a.ValueStart..a.ValueEnd];

    /// <summary>The white space before the line's first character.</summary>
    public string IndentAt(int position)
    {
        var start = Text.LastIndexOf('\n', Math.Max(0, position - 1)) + 1;
        var end = start;
        while (end < Text.Length && Text[end] is ' ' or '\t')
        {
            end++;
        }

        return Text[start..end];
    }

    private (List<HclAttribute> Attributes, List<HclBlock> Blocks) Body(int depth)
    {
        if (depth > Deepest)
        {
            throw new FormatException("blocks are nested too deeply");
        }

        var attributes = new List<HclAttribute>();
        var blocks = new List<HclBlock>();
        while (Blank() < Text.Length && Text[at] != '}')
        {
            var start = at;
            var name = Word();
            if (name.Length == 0)
            {
                throw new FormatException($"line {LineOf(at)} can't be read");
            }

            Spaces();
            if (at < Text.Length && Text[at] == '=')
            {
                at++;
                Spaces();
                var value = at;
                Value();
                var end = at;
                while (end > value && char.IsWhiteSpace(Text[end - 1]))
                {
                    end--;
                }

                attributes.Add(new HclAttribute(name, start, value, end));
                continue;
            }

            var labels = new List<string>();
            while (at < Text.Length && Text[at] != '{')
            {
                var label = at;
                if (Text[at] == '"')
                {
                    String();
                    labels.Add(Text[(label + 1)..(at - 1)]);
                }
                else if (Word() is { Length: > 0 } word)
                {
                    labels.Add(word);
                }
                else
                {
                    throw new FormatException($"line {LineOf(at)} can't be read");
                }

                Spaces();
            }

            at++;
            var open = at;
            var (inner, nested) = Body(depth + 1);
            if (at >= Text.Length)
            {
                throw new FormatException("a block is never closed");
            }

            blocks.Add(new HclBlock(name, labels, start, open, at, inner, nested));
            at++;
        }

        return (attributes, blocks);
    }

    /// <summary>To the next thing that is neither white space nor comment.</summary>
    private int Blank()
    {
        while (at < Text.Length)
        {
            if (char.IsWhiteSpace(Text[at]) || Text[at] == '\uFEFF')
            {
                at++;
            }
            else if (!Comment())
            {
                break;
            }
        }

        return at;
    }

    private bool Comment()
    {
        if (Text[at] == '#' || Text.AsSpan(at).StartsWith("//", StringComparison.Ordinal))
        {
            at = Text.IndexOf('\n', at) is >= 0 and var end ? end : Text.Length;
            return true;
        }

        if (Text.AsSpan(at).StartsWith("/*", StringComparison.Ordinal))
        {
            at = Text.IndexOf("*/", at + 2, StringComparison.Ordinal) is >= 0 and var end ? end + 2 : Text.Length;
            return true;
        }

        return false;
    }

    private void Spaces()
    {
        while (at < Text.Length && Text[at] is ' ' or '\t')
        {
            at++;
        }
    }

    private string Word()
    {
        var start = at;
        while (at < Text.Length && (char.IsLetterOrDigit(Text[at]) || Text[at] is '_' or '-'))
        {
            at++;
        }

        return Text[start..at];
    }

    /// <summary>An expression: to the line's end, or further while brackets are open.</summary>
    private void Value()
    {
        var depth = 0;
        while (at < Text.Length)
        {
            var c = Text[at];
            if (c == '"')
            {
                String();
            }
            else if (Text.AsSpan(at).StartsWith("<<", StringComparison.Ordinal) && HereDocument())
            {
                continue;
            }
            else if ((c == '\n' && depth == 0) || (depth == 0 && c == '}'))
            {
                return;
            }
            else if (Comment())
            {
                if (depth == 0)
                {
                    // What follows the value is no part of it.
                    at = Math.Min(at, Text.Length);
                    return;
                }
            }
            else
            {
                depth += c is '(' or '[' or '{' ? 1 : c is ')' or ']' or '}' ? -1 : 0;
                at++;
            }
        }
    }

    private void String()
    {
        var depth = 0;
        for (at++; at < Text.Length; at++)
        {
            var c = Text[at];
            if (c == '\\')
            {
                at++;
            }
            else if (c is '$' or '%' && at + 1 < Text.Length && Text[at + 1] == '{')
            {
                depth++;
                at++;
            }
            else if (depth > 0 && c is '{' or '}')
            {
                depth += c == '{' ? 1 : -1;
            }
            else if (c == '"' && depth == 0)
            {
                at++;
                return;
            }
        }

        throw new FormatException("a string is never closed");
    }

    private bool HereDocument()
    {
        var start = at + 2;
        var word = new string([.. Text[start..Math.Min(Text.Length, start + 100)].TrimStart('-').TakeWhile(c => char.IsLetterOrDigit(c) || c is '_')]);
        if (word.Length == 0)
        {
            return false;
        }

        for (var line = Text.IndexOf('\n', at); line >= 0; line = Text.IndexOf('\n', line + 1))
        {
            var end = Text.IndexOf('\n', line + 1) is >= 0 and var next ? next : Text.Length;
            if (Text[(line + 1)..end].Trim() == word)
            {
                at = end;
                return true;
            }
        }

        throw new FormatException("a here-document is never closed");
    }
}
