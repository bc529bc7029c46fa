using System.Globalization;
using System.Text;
using SecOps.Findings;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace SecOps.Configuration;

/// <summary>
/// Reads one mapping of <c>secops.yml</c>. Each read names a key, so that the same code reads a file, finds misspelt keys,
/// takes environment variables into account (<c>SECOPS_GATE_FAIL_ON</c> for <c>gate.failOn</c>), and describes itself for the schema.
/// </summary>
public sealed class YamlMap
{
    private readonly YamlSource source;
    private readonly YamlMappingNode? node;
    private readonly string prefix;
    private readonly List<ConfigurationKey> keys = [];
    private readonly bool overridable;

    internal YamlMap(YamlSource source, YamlNode? node, string prefix, bool overridable = true)
    {
        (this.source, this.prefix, this.overridable) = (source, prefix, overridable);
        this.node = node switch
        {
            null => null,
            YamlMappingNode map => map,
            YamlScalarNode { Value: null or "" or "~" or "null" } => null,
            _ => throw source.Error(node, $"{Named(prefix)} must be a mapping (key: value)"),
        };
    }

    /// <summary>What has been asked for so far: the section's schema.</summary>
    public IReadOnlyList<ConfigurationKey> Keys => keys;

    /// <summary>True when nothing is read and only the schema is wanted.</summary>
    public bool Describing => source.Describing;

    public string? Text(string key, string description) => Scalar(key, "string", description)?.Value;

    public bool? Flag(string key, string description) => Scalar(key, "boolean", description) is not { } found ? null
        : found.Value.ToLowerInvariant() switch
        {
            "true" or "yes" or "on" or "1" => true,
            "false" or "no" or "off" or "0" => false,
            _ => throw Wrong(found, key, "true or false"),
        };

    public int? Integer(string key, string description, int min = 0, int max = int.MaxValue)
    {
        if (Scalar(key, "integer", description) is not { } found)
        {
            return null;
        }

        return int.TryParse(found.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw Wrong(found, key, max == int.MaxValue ? $"a whole number from {min}" : $"a whole number from {min} to {max}");
    }

    /// <summary>A number with a fraction, e.g. an amount of money.</summary>
    public decimal? Number(string key, string description)
    {
        if (Scalar(key, "number", description) is not { } found)
        {
            return null;
        }

        return decimal.TryParse(found.Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Wrong(found, key, "a number, e.g. 2.5");
    }

    /// <summary>A length of time: <c>90s</c>, <c>10m</c>, <c>24h</c>, <c>7d</c>; a bare number counts seconds.</summary>
    public TimeSpan? Duration(string key, string description)
    {
        if (Scalar(key, "string", description) is not { } found)
        {
            return null;
        }

        return Durations.TryParse(found.Value, out var duration) ? duration : throw Wrong(found, key, "a length of time such as 90s, 10m, 24h or 7d");
    }

    public DateOnly? Date(string key, string description)
    {
        if (Scalar(key, "string", description) is not { } found)
        {
            return null;
        }

        return DateOnly.TryParseExact(found.Value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? date
            : throw Wrong(found, key, "a date as year-month-day, e.g. 2027-01-31");
    }

    /// <summary>One of several words.</summary>
    public string? Choice(string key, string description, IReadOnlyList<string> words)
    {
        if (Scalar(key, "string", description, words) is not { } found)
        {
            return null;
        }

        return words.FirstOrDefault(w => w.Equals(found.Value, StringComparison.OrdinalIgnoreCase))
            ?? throw Wrong(found, key, "one of " + string.Join(", ", words) + Suggestion.For(found.Value, words));
    }

    public Severity? Severity(string key, string description) =>
        Choice(key, description, Words.Severities) is { } word && Words.TryParse<Severity>(word, out var severity) ? severity : null;

    /// <summary>
    /// A secret. It never stands in the file: <c>env:NAME</c> names the environment variable that holds it.
    /// Returns that variable's name.
    /// </summary>
    public string? SecretVariable(string key, string description)
    {
        if (Scalar(key, "string", description + " Given as env:NAME, never as the secret itself.") is not { } found)
        {
            return null;
        }

        return found.Value.StartsWith("env:", StringComparison.Ordinal) && found.Value.Length > 4
            ? found.Value[4..]
            : throw source.Error(found.Node, $"{Path(key)} must name an environment variable: write env:NAME. Secrets do not belong in this file");
    }

    /// <summary>A list of texts; a lone text is a list of one.</summary>
    public IReadOnlyList<string>? List(string key, string description, IReadOnlyList<string>? words = null)
    {
        keys.Add(new ConfigurationKey(key, "array", description, words));
        if (Environment(key) is { } value)
        {
            return [.. value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(text => Known(null, key, text, words))];
        }

        return Child(key) switch
        {
            null => null,
            YamlSequenceNode items => [.. items.Select(item => item is YamlScalarNode { Value: { } text } ? Known(item, key, text, words) : throw source.Error(item, $"{Path(key)} must be a list of texts"))],
            YamlScalarNode { Value: null or "" } => [],
            YamlScalarNode { Value: { } text } lone => [Known(lone, key, text, words)],
            var other => throw source.Error(other, $"{Path(key)} must be a list of texts"),
        };
    }

    /// <summary>A mapping whose keys are free, e.g. environment variables or build arguments.</summary>
    public IReadOnlyDictionary<string, string> Dictionary(string key, string description, IReadOnlyList<string>? names = null, IReadOnlyList<string>? words = null)
    {
        keys.Add(new ConfigurationKey(key, "object", description, words) { FreeKeys = names ?? [] });
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        switch (Child(key))
        {
            case null or YamlScalarNode { Value: null or "" }:
                break;
            case YamlMappingNode map:
                foreach (var (name, value) in map.Children)
                {
                    var text = ((YamlScalarNode)name).Value ?? "";
                    if (names is not null && !names.Contains(text))
                    {
                        throw source.Error(name, $"{Path(key)} has no \"{text}\"; it has {string.Join(", ", names)}{Suggestion.For(text, names)}");
                    }

                    result[text] = value is YamlScalarNode { Value: { } scalar } ? Known(value, key + "." + text, scalar, words) : throw source.Error(value, $"{Path(key)}.{text} must be a text");
                }

                break;
            case var other:
                throw source.Error(other, $"{Path(key)} must be a mapping (name: value)");
        }

        return result;
    }

    /// <summary>A section of its own; read also when it is absent, so that its defaults stand in one place.</summary>
    public T Section<T>(string key, string description, Func<YamlMap, T> read)
    {
        var map = new YamlMap(source, Child(key), Path(key));
        var result = read(map);
        map.RefuseUnknown();
        keys.Add(new ConfigurationKey(key, "object", description) { Children = map.keys });
        return result;
    }

    /// <summary>A list of mappings.</summary>
    public IReadOnlyList<T> Items<T>(string key, string description, Func<YamlMap, T> read)
    {
        if (Describing)
        {
            var map = new YamlMap(source, null, Path(key), overridable: false);
            _ = read(map);
            keys.Add(new ConfigurationKey(key, "array", description) { Children = map.keys });
            return [];
        }

        keys.Add(new ConfigurationKey(key, "array", description));
        return Child(key) switch
        {
            null or YamlScalarNode { Value: null or "" } => [],
            YamlSequenceNode items => [.. items.Select((item, index) =>
            {
                var map = new YamlMap(source, item, $"{Path(key)}[{index}]", overridable: false);
                var result = read(map);
                map.RefuseUnknown();
                return result;
            })],
            var other => throw source.Error(other, $"{Path(key)} must be a list, each item starting with \"- \""),
        };
    }

    /// <summary>An error at this mapping, or at one of its keys.</summary>
    public SecOpsException Error(string message, string? key = null) =>
        source.Error(key is null ? node : Child(key) ?? node, message);

    /// <summary>Where this mapping stands: file:line; for messages about a use of it.</summary>
    public string Place => source.Place(node);

    internal void RefuseUnknown()
    {
        if (node is null)
        {
            return;
        }

        var known = keys.Select(k => k.Name).ToList();
        foreach (var key in node.Children.Keys)
        {
            var name = (key as YamlScalarNode)?.Value ?? "";
            if (!known.Contains(name))
            {
                throw source.Error(key, $"unknown key \"{name}\" in {Named(prefix)}; known are {string.Join(", ", known)}{Suggestion.For(name, known)}");
            }
        }
    }

    private static string Named(string path) => path.Length == 0 ? "the file" : path;

    private string Path(string key) => prefix.Length == 0 ? key : $"{prefix}.{key}";

    private YamlNode? Child(string key) => node is not null && node.Children.TryGetValue(new YamlScalarNode(key), out var child) ? child : null;

    private (string Value, YamlNode? Node)? Scalar(string key, string type, string description, IReadOnlyList<string>? words = null)
    {
        keys.Add(new ConfigurationKey(key, type, description, words));
        if (Environment(key) is { } value)
        {
            return (value, null);
        }

        return Child(key) switch
        {
            null => null,
            YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" } => null,
            YamlScalarNode { Value: { } text } scalar => (text, scalar),
            var other => throw source.Error(other, $"{Path(key)} must be a single value"),
        };
    }

    private string? Environment(string key) => overridable ? source.Variable(VariableName(Path(key))) : null;

    /// <summary>gate.failOn → SECOPS_GATE_FAIL_ON</summary>
    internal static string VariableName(string path)
    {
        var name = new StringBuilder("SECOPS_");
        foreach (var c in path)
        {
            if (char.IsUpper(c))
            {
                name.Append('_');
            }

            name.Append(c == '.' ? '_' : char.ToUpperInvariant(c));
        }

        return name.ToString();
    }

    private string Known(YamlNode? at, string key, string text, IReadOnlyList<string>? words) =>
        words is null ? text
        : words.FirstOrDefault(w => w.Equals(text, StringComparison.OrdinalIgnoreCase))
            ?? throw Wrong((text, at), key, "one of " + string.Join(", ", words) + Suggestion.For(text, words));

    private SecOpsException Wrong((string Value, YamlNode? Node) found, string key, string expected) =>
        found.Node is null
            ? SecOpsException.Usage($"environment variable {VariableName(Path(key))} is \"{found.Value}\"; write {expected}.")
            : source.Error(found.Node, $"{Path(key)} is \"{found.Value}\"; write {expected}");
}
