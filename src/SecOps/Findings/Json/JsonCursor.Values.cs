using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace SecOps.Findings.Json;

/// <content>Takes texts and numbers, as forgiving as reports need it.</content>
public ref partial struct JsonCursor
{
    private static readonly Comparison<string> Ordinal = string.CompareOrdinal;

    /// <summary>The value as text: a string, or a number or boolean as written. Null for null, objects and arrays.</summary>
    /// <param name="nearby">The same text will come again soon or not at all; see <see cref="StringPool"/>.</param>
    public string? Text(bool nearby = false)
    {
        if (TakePlainText(out var utf8))
        {
            return pool.Get(utf8, nearby);
        }

        switch (Value())
        {
            case JsonTokenType.String:
            case JsonTokenType.Number:
                return pool.Get(in reader);
            case JsonTokenType.True:
                return "true";
            case JsonTokenType.False:
                return "false";
            default:
                Leave();
                return null;
        }
    }

    /// <summary>The value as a whole number, also when it stands in a string; null when it is none.</summary>
    public int? Integer()
    {
        if (TakePlainInteger(out var number))
        {
            return number;
        }

        var token = Value();
        if (token == JsonTokenType.Number && reader.TryGetInt32(out number))
        {
            return number;
        }

        if (token is JsonTokenType.String or JsonTokenType.Number)
        {
            return int.TryParse(pool.Get(in reader), NumberStyles.Integer, CultureInfo.InvariantCulture, out number) ? number : null;
        }

        Leave();
        return null;
    }

    /// <summary>The value as a whole number, also when it stands in a string or is written as 2.0; null when it is none.</summary>
    public int? WholeNumber()
    {
        if (TakePlainInteger(out var number) || (Value() == JsonTokenType.Number && reader.TryGetInt32(out number)))
        {
            return number;
        }

        atValue = true;
        return WholeNumber(Text());
    }

    /// <summary>The text as a whole number, also when it is written as 2.0; null when it is none.</summary>
    public static int? WholeNumber(string? text) =>
        int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var n) && double.IsFinite(n) && n == Math.Floor(n) && Math.Abs(n) <= int.MaxValue ? (int)n
        : null;

    /// <summary>The value as a number, also when it stands in a string; null when it is none.</summary>
    public double? Number() =>
        double.TryParse(Text(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    /// <summary>The texts of an array's elements, nulls left out; a lone text counts as an array of one.</summary>
    public List<string> Texts()
    {
        var texts = new List<string>();
        AddTexts(texts);
        return texts;
    }

    /// <summary>The texts of an array's elements, sorted; the same list for the same texts, so not to be changed.</summary>
    public List<string> SortedTexts()
    {
        texts ??= [];
        texts.Clear();
        AddTexts(texts);
        texts.Sort(Ordinal);
        return pool.Get(CollectionsMarshal.AsSpan(texts));
    }

    /// <summary>The value as text, made shorter; the same text for the same.</summary>
    public string? Text(Func<string, string> shorten) => Text() is { } text ? pool.Shortened(text, shorten) : null;

    private void AddTexts(List<string> texts)
    {
        if (TakePlainTexts(texts))
        {
            return;
        }

        if (Peek() != JsonTokenType.StartArray)
        {
            if (Text() is { } lone)
            {
                texts.Add(lone);
            }

            return;
        }

        BeginArray();
        while (NextElement())
        {
            if (Text() is { } text)
            {
                texts.Add(text);
            }
        }
    }
}
