using System.Globalization;
using System.Text.Json;
using SecOps.Findings.Json;

namespace SecOps.Scanners;

/// <summary>
/// One entry of a report, read whole: for formats whose entries are small and deeply nested. Forgiving: what is absent, null
/// or of another type than documented is <see cref="Missing"/>, never an exception.
/// </summary>
internal sealed class ReportNode
{
    public static readonly ReportNode Missing = new();

    private readonly string? text;
    private readonly List<KeyValuePair<string, ReportNode>>? members;
    private readonly List<ReportNode>? items;

    private ReportNode(string? text = null, List<KeyValuePair<string, ReportNode>>? members = null, List<ReportNode>? items = null) =>
        (this.text, this.members, this.items) = (text, members, items);

    public bool IsObject => members is not null;

    public bool IsArray => items is not null;

    /// <summary>A string, or a number or boolean as written; null otherwise, and for blank strings.</summary>
    public string? Text => string.IsNullOrWhiteSpace(text) ? null : text;

    public int? Integer => JsonCursor.WholeNumber(text);

    public double? Number => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    public bool IsTrue => string.Equals(text, "true", StringComparison.OrdinalIgnoreCase);

    public bool IsFalse => string.Equals(text, "false", StringComparison.OrdinalIgnoreCase);

    /// <summary>An array's elements; empty for anything else.</summary>
    public IReadOnlyList<ReportNode> Items => items ?? [];

    public IReadOnlyList<KeyValuePair<string, ReportNode>> Members => members ?? [];

    /// <summary>The texts among an array's elements; a lone text counts as an array of one.</summary>
    public IEnumerable<string> Texts => items is null ? Text is { } lone ? [lone] : [] : items.Select(i => i.Text).OfType<string>();

    public bool Has(string name) => members is not null && members.Exists(m => m.Key == name);

    /// <summary>The member of an object; the last one where a name stands twice, as most parsers have it.</summary>
    public ReportNode this[string name]
    {
        get
        {
            for (var i = (members?.Count ?? 0) - 1; i >= 0; i--)
            {
                if (members![i].Key == name)
                {
                    return members[i].Value;
                }
            }

            return Missing;
        }
    }

    /// <summary>The elements of a list that holds findings; none when it is absent or null.</summary>
    /// <exception cref="SecOpsException">It is no list: what it holds would be lost.</exception>
    public IReadOnlyList<ReportNode> List(string name) =>
        this[name] is var list && (list.IsArray || list == Missing) ? list.Items : throw SecOpsException.Tool($"\"{name}\" in it is no list.");

    /// <summary>The element of an array.</summary>
    public ReportNode this[int index] => items is not null && index >= 0 && index < items.Count ? items[index] : Missing;

    /// <summary>An object of members that were read one by one.</summary>
    public static ReportNode Of(List<KeyValuePair<string, ReportNode>> members) => new(members: members);

    public static ReportNode Of(List<ReportNode> items) => new(items: items);

    public static ReportNode Of(string? text) => text is null ? Missing : new(text);

    /// <summary>Takes the value that the cursor stands before.</summary>
    public static ReportNode Read(ref JsonCursor json)
    {
        switch (json.Peek())
        {
            case JsonTokenType.StartObject:
                var members = new List<KeyValuePair<string, ReportNode>>();
                json.BeginObject();
                while (json.NextMember())
                {
                    var name = json.MemberName();
                    members.Add(new(name, Read(ref json)));
                }

                return new ReportNode(members: members);
            case JsonTokenType.StartArray:
                var items = new List<ReportNode>();
                json.BeginArray();
                while (json.NextElement())
                {
                    items.Add(Read(ref json));
                }

                return new ReportNode(items: items);
            default:
                return json.Text() is { } text ? new ReportNode(text) : Missing;
        }
    }
}
