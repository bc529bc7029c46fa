using System.Text;
using SecOps.Findings.Json;
using Shouldly;
using Xunit;

namespace SecOps.Findings;

/// <summary>
/// Members that stand in the buffer as a whole are taken without the tokenizer, those that come byte by byte with it: they say the same of a
/// document, and of a damaged one.
/// </summary>
public sealed class JsonCursorTests
{
    private const string Indented = """
        {
          "text": "one", "texts": ["a", "b"], "object": {
            "text": "two",
            "object": { "text": "three", "object": {"text": null, "texts": []}, "skip": {"x": [1, {"y": "}"}]} },
            "skip": "passed over, and longer than what is looked at in one go", "text": "é 漏洞 🛡, and longer than what is looked at in one go"
          },
          "skip": [{"a": "\"]"}, 2, true], "skip": 3.5e-7, "skip": "", "text" : "a space before the colon",
          "text": "an\tescape", "t\u0065xt": "an escaped name", "text": "", "texts": "a lone one", "texts": ["an", "\u00e9scape", null, 4, ["nested"]],
          "number": 12, "number": "13", "number": {}, "number": 0, "number":999999999 , "number": 1234567890, "number": 2147483648, "number": 12.5, "number": 1e2, "skip": 7, "skip": 12345678901, "object": {}, "object": {  }, "object": {"number": -1}, "object": "none", "list": [
            {"text": "element", "object": {"text": "in it"}}, "no object", {"text": "the last", "texts": ["c" , "d"]}, {}
          ], /* "text": "no member" */ "text": "behind a comment", "object": {"text": "trailing commas",}, "text": "the end",
        }

        """;

    private static readonly string Compact = string.Concat(Indented.Split('\n').Select(line => line.Trim()));

    private enum Way { Whole, ByteByByte }

    [Fact]
    public void Both_ways_read_the_same()
    {
        var expected = Read(Bytes(Indented), Way.ByteByByte);
        expected.ShouldContain("text=three");
        expected.ShouldContain("text=the end");
        expected.ShouldNotContain("error");
        foreach (var document in new[] { Indented, Compact, Indented.ReplaceLineEndings("\r\n"), Indented.Replace("  ", "\t", StringComparison.Ordinal), Indented.Replace("\n", "\n" + new string(' ', 40), StringComparison.Ordinal) })
        {
            Read(Bytes(document), Way.ByteByByte).ShouldBe(expected);
            Read(Bytes(document), Way.Whole).ShouldBe(expected);
        }
    }

    [Fact]
    public void It_may_end_anywhere()
    {
        for (var length = 0; length < Indented.Length; length++)
        {
            var document = Bytes(Indented[..length]);
            Read(document, Way.Whole).ShouldBe(Read(document, Way.ByteByByte), Indented[..length]);
        }
    }

    [Theory]
    [InlineData("\"text\": \"a\u0001b\"")]
    [InlineData("\"te\nxt\": \"a\"")]
    [InlineData("\"texts\": [\"a\", \"\n\"]")]
    [InlineData("\"texts\": [\"a\" \"b\"]")]
    [InlineData("\"texts\": [\"a\"}")]
    [InlineData("\"texts\": [, \"a\"]")]
    [InlineData(", \"text\": \"two commas\"")]
    [InlineData("\"text\": \"a\" \"text\": \"no comma\"")]
    [InlineData("\"text\" \"no colon\"")]
    [InlineData("\"text\": , \"text\": \"no value\"")]
    [InlineData("\"text\": \"a\": \"two colons\"")]
    [InlineData("\"text\": 'a'")]
    [InlineData("text: \"a\"")]
    [InlineData("\"skip\": \"a\u0001b\"")]
    [InlineData("\"number\": 01")]
    [InlineData("\"number\": 1 2")]
    [InlineData("\"number\": 1:")]
    [InlineData("\"number\": 1x")]
    [InlineData("\"number\": 1]")]
    [InlineData("\"object\": {\"number\": 1]")]
    [InlineData("\"skip\": 01")]
    [InlineData("\"object\": {, \"text\": \"a comma first\"}")]
    [InlineData("\"object\": {\"text\": \"a\"]")]
    [InlineData("\"object\": {\"text\": \"a\", \"text\"}")]
    [InlineData("\"object\": {\"text\": \"a\", \"object\": {\"text\": \"b\", \"skip\": {]}")]
    public void What_is_no_JSON_is_an_error_both_ways(string members)
    {
        var document = Bytes($"{{\"text\": \"first\", {members}, \"text\": \"last\", \"text\": \"and more, so that it is not the end\"}}");
        var whole = Read(document, Way.Whole);
        whole.ShouldBe(Read(document, Way.ByteByByte));
        whole.ShouldStartWith("{text=first");
        whole.ShouldContain("is not valid JSON");
    }

    [Fact]
    public void Ten_thousand_damaged_documents_are_the_same_both_ways()
    {
        var random = new Random(20261128);
        var (same, read, passedOver) = (0, 0, 0);
        for (var i = 0; i < 10_000; i++)
        {
            var document = Damage.Of(Bytes(random.Next(2) == 0 ? Indented : Compact), random);
            var (whole, byteByByte) = (Read(document, Way.Whole), Read(document, Way.ByteByByte));
            if (whole == byteByByte)
            {
                same++;
                read += whole.Contains("error", StringComparison.Ordinal) ? 0 : 1;
                continue;
            }

            // What is passed over as a whole may hold what only the tokenizer sees.
            passedOver++;
            byteByByte.ShouldContain("error", customMessage: Encoding.UTF8.GetString(document));
            whole.ShouldStartWith(byteByByte[..byteByByte.IndexOf("error", StringComparison.Ordinal)], customMessage: Encoding.UTF8.GetString(document));
        }

        same.ShouldBeGreaterThan(9_000);
        read.ShouldBeGreaterThan(500);
        passedOver.ShouldBeLessThan(1_000);
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Read(byte[] document, Way way)
    {
        var said = new StringBuilder();
        try
        {
            var json = new JsonCursor(way == Way.Whole ? new MemoryStream(document) : new Drip(document), "the document");
            if (json.Start() && json.BeginObject())
            {
                Object(ref json, said);
            }

            json.Finish();
        }
        catch (SecOpsException e)
        {
            said.Append("error ").Append(e.Message);
        }

        return said.ToString();
    }

    private static void Object(ref JsonCursor json, StringBuilder said)
    {
        said.Append('{');
        while (json.NextMember())
        {
            if (json.Is("text"u8)) { said.Append("text=").AppendLine(json.Text() ?? "null"); }
            else if (json.Is("texts"u8)) { said.Append("texts=").AppendJoin('|', json.SortedTexts()).AppendLine(); }
            else if (json.Is("number"u8)) { said.Append("number=").Append(json.Integer()).AppendLine(); }
            else if (json.Is("skip"u8)) { json.Skip(); }
            else if (json.Is("object"u8))
            {
                if (json.BeginObject())
                {
                    Object(ref json, said);
                }
            }
            else if (json.Is("list"u8) && json.BeginArray())
            {
                while (json.NextElement())
                {
                    if (json.BeginObject())
                    {
                        Object(ref json, said);
                    }
                }
            }
            else
            {
                said.Append(json.MemberName()).Append('=').AppendLine(json.Text());
            }
        }

        said.Append('}');
    }

    /// <summary>Gives a byte at a time.</summary>
    private sealed class Drip(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(1, buffer.Length)]);
    }
}
