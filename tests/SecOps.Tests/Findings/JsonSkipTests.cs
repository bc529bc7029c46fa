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
