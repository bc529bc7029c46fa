using System.Globalization;
using System.Text;
using SecOps.Findings;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace SecOps.Configuration;

/// <summary>Adds a waiver to the text of a configuration file. Everything else, comments too, stays as it is.</summary>
public static class WaiverText
{
    /// <param name="text">A valid configuration; may be empty.</param>
    /// <param name="name">Names the file in errors.</param>
    /// <exception cref="SecOpsException">The file is written in a way in which it can't be added (exit code 2).</exception>
    public static string Add(string text, Waiver waiver, string name)
    {
        var newLine = text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        var added = Insert(text, waiver, newLine);
        // Whatever the file looks like: it must read as before, with one waiver more, or it is left alone.
        var before = SecOpsConfiguration.Parse(text, name, _ => null).Waivers;
        var after = Read(added, name);
        if (after is null || after.Count != before.Count + 1 || !before.Append(waiver).All(w => after.Any(a => a with { Place = "" } == w with { Place = "" })))
        {
            throw SecOpsException.Usage($"{name} is written in a way that can't be added to without changing it. Add this under waivers:\n{Item(waiver, "  ", "\n")}");
        }

        return added;
    }

    private static IReadOnlyList<Waiver>? Read(string text, string name)
    {
        try
        {
            return SecOpsConfiguration.Parse(text, name, _ => null).Waivers;
        }
        catch (SecOpsException)
        {
            return null;
        }
    }

    private static string Insert(string text, Waiver waiver, string newLine)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(text));
        var root = yaml.Documents.Count == 0 ? null : yaml.Documents[0].RootNode as YamlMappingNode;
        var entry = root?.Children.FirstOrDefault(c => c.Key is YamlScalarNode { Value: "waivers" }) ?? default;
        switch (entry.Value)
        {
            case YamlSequenceNode { Style: not SequenceStyle.Flow, Children: { Count: > 0 } items }:
                // Before the first item: where the last one ends, comments of what follows may begin.
                var lineStart = LineStart(text, items[0].Start);
                var indent = text[lineStart..text.IndexOf('-', lineStart)];
                return text[..lineStart] + Item(waiver, indent, newLine) + text[lineStart..];
            case YamlSequenceNode { Children.Count: > 0 } flow:
                var open = (int)flow.Start.Index + 1;
                return $"{text[..open]}{FlowItem(waiver)}, {text[open..]}";
            case { } empty:
                // "waivers: []", or nothing after the colon: the value goes, the rest of its line stays behind it.
                var from = (int)entry.Key.End.Index;
                from = text.IndexOf(':', from) + 1;
                // A sequence node ends, for the parser, where it begins.
                var to = empty is YamlSequenceNode ? text.IndexOf(']', from) + 1 : Math.Max(from, (int)empty.End.Index);
                to = text[from..to].Trim().Length == 0 ? from : to;
                var end = text.IndexOf('\n', to);
                return end < 0
                    ? text[..from] + text[to..] + newLine + Item(waiver, "  ", newLine)
                    : text[..from] + text[to..(end + 1)] + Item(waiver, "  ", newLine) + text[(end + 1)..];
            default:
                var gap = text.Length == 0 ? "" : text.EndsWith('\n') ? newLine : newLine + newLine;
                return $"{text}{gap}waivers:{newLine}{Item(waiver, "  ", newLine)}";
        }
    }

    private static int LineStart(string text, Mark mark) => text.LastIndexOf('\n', Math.Max(0, (int)mark.Index - 1)) + 1;

    private static string Item(Waiver w, string indent, string newLine) => string.Create(
        CultureInfo.InvariantCulture,
        $"{indent}- id: {w.Id}{newLine}{indent}  reason: {Quoted(w.Reason)}{newLine}{indent}  owner: {Quoted(w.Owner)}{newLine}{indent}  expires: {w.Expires:O}{newLine}");

    private static string FlowItem(Waiver w) =>
        string.Create(CultureInfo.InvariantCulture, $"{{id: {w.Id}, reason: {Quoted(w.Reason)}, owner: {Quoted(w.Owner)}, expires: {w.Expires:O}}}");

    /// <summary>A double-quoted scalar: takes any text on one line.</summary>
    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
        {
            quoted.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                < ' ' or '\u007f' or '\u0085' or '\u2028' or '\u2029' => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}"),
                _ => c.ToString(),
            });
        }

        return quoted.Append('"').ToString();
    }
}
