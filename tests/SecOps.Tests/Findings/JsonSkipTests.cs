using System.Text;
using System.Text.Json;
using SecOps.Findings.Json;
using Shouldly;
using Xunit;

namespace SecOps.Findings;

/// <summary>What is passed over without its tokens ends where the tokenizer says, or is left to the tokenizer.</summary>
public sealed class JsonSkipTests
{
    private static readonly byte[] Document = Encoding.UTF8.GetBytes("""
        {
          "references": ["https://example.org/a?b=c", "漏洞 \u00e9 \" [ { \\", ""],
          "score": {"nvd": {"v3": 9.8, "vector": "CVSS:3.1/AV:N"}, "redhat": {"v3": -1.5e+3}},
          "empty": {}, "none": [], "deep": [[[[{"a": [true, false, null]}]]]],
          "text": "line\nline\t\"quoted\" \\\\"
        }
        """);

    [Fact]
    public void A_value_ends_where_the_tokenizer_says()
    {
        JsonSkip.EndOf(Document.AsSpan(1), isObject: true).ShouldBe(Document.Length - 2);
        JsonSkip.EndOf("[1, [2]], 3]"u8[1..], isObject: false).ShouldBe(6);
        JsonSkip.EndOf("}"u8, isObject: true).ShouldBe(0);
    }

    [Fact]
    public void Escapes_strings_and_brackets_may_lie_anywhere_in_a_block()
    {
        for (var blanks = 0; blanks < 140; blanks++)
        {
            for (var escapes = 0; escapes < 70; escapes++)
            {
                // An even number of backslashes ends with the string; an odd one takes the quotation mark with it.
                var odd = escapes % 2 == 1;
                var text = new string(' ', blanks) + "[\"}" + new string('\\', escapes) + (odd ? "\"]}\"" : "\"") + "]} ]";
                JsonSkip.EndOf(Encoding.UTF8.GetBytes(text), isObject: true).ShouldBe(text.Length - 3, text);
            }
        }
    }

    [Fact]
    public void Elements_are_whole_up_to_the_last_comma_that_can_be_seen()
    {
        var array = string.Concat(Enumerable.Range(0, 100).Select(i => $$"""{"a": [{{i}}, "],"]} , """)) + "]";
        var bytes = Encoding.UTF8.GetBytes(array);
        for (var length = 0; length < bytes.Length; length++)
        {
            JsonSkip.EndOfArray(bytes.AsSpan(0, length), out var next).ShouldBe(-1);
            next.ShouldBe(array[..length].LastIndexOf("} ,", StringComparison.Ordinal) + 3 is > 2 and var end ? end : 0);
        }

        JsonSkip.EndOfArray(bytes, out _).ShouldBe(bytes.Length - 1);
    }

    [Theory]
    [InlineData("{\"a\": 1 /* \" */}")]
    [InlineData("{\"a\": [1}]")]
    [InlineData("{\"a\": 1]")]
    [InlineData("{\"a\": tRue}")]
    [InlineData("{\"a\": \"line\nline\"}")]
    [InlineData("{\"a\": \"cut")]
    [InlineData("{\"a\": \"cut\\")]
    [InlineData("{\"a\": [1, 2")]
    public void What_is_not_sure_is_left_to_the_tokenizer(string document) =>
        JsonSkip.EndOf(Encoding.UTF8.GetBytes(document).AsSpan(1), isObject: true).ShouldBe(-1);

    [Fact]
    public void Deep_values_are_left_to_the_tokenizer()
    {
        JsonSkip.EndOf(Nested(63), isObject: false).ShouldBe(2 * 63);
        JsonSkip.EndOf(Nested(64), isObject: false).ShouldBe(-1);

        static byte[] Nested(int levels) => Encoding.UTF8.GetBytes(new string('[', levels) + new string(']', levels + 1));
    }

    [Fact]
    public void Ten_thousand_damaged_values_end_where_the_tokenizer_says_or_are_left_to_it()
    {
        var random = new Random(20260102);
        var (sure, left) = (0, 0);
        for (var i = 0; i < 10_000; i++)
        {
            var damaged = Damage.Of(Document, random);
            var end = damaged is [((byte)'{' or (byte)'[') and var first, .. var rest] ? JsonSkip.EndOf(rest, isObject: first == '{') : -1;
            if (end < 0)
            {
                left++;
                continue;
            }

            sure++;
            // The tokenizer may refuse what stands inside, a name without a value say; it never finds another end.
            (TokenizerEnd(damaged) ?? end).ShouldBe(end, Encoding.UTF8.GetString(damaged));
        }

        sure.ShouldBeGreaterThan(1_000);
        left.ShouldBeGreaterThan(1_000);
    }

    /// <summary>From behind the first bracket; null where it finds an error.</summary>
    private static int? TokenizerEnd(byte[] document)
    {
        var reader = new Utf8JsonReader(document, new JsonReaderOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, AllowMultipleValues = true });
        try
        {
            reader.Read();
            reader.Skip();
            return (int)reader.BytesConsumed - 2;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
