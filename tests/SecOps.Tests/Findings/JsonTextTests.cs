using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using SecOps.Findings.Json;
using Shouldly;
using Xunit;

namespace SecOps.Findings;

/// <summary>What is rendered by hand is what the library's writer writes.</summary>
public sealed class JsonTextTests
{
    private static readonly string[] Awkward = ["", "plain", "\"quoted\" \\ /", "line\nline\r\t\b\f\0\u001f\u007f", "é 漏洞 🛡 \u2028 \u00a0 \uffff \ue000", "<a href='x'>&+`</a>", new string('漏', 5000), "x" + new string('"', 5000)];

    [Fact]
    public void Texts_are_escaped_as_the_library_does() => Prop.ForAll(
        Gen.ListOf(Gen.OneOf(Gen.Elements(Awkward), Gen.Choose(0, 0x10FFFF).Where(Rune.IsValid).Select(c => new Rune(c).ToString()))).Select(string.Concat).ToArbitrary(),
        text => Same(text)).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(16)]
    [InlineData(21)]
    public void A_character_is_escaped_wherever_it_stands(int length)
    {
        foreach (var c in Enumerable.Range(0, 0x100).Concat([0x7FFF, 0x8000, 0x8022, 0xFFFF]).Select(c => (char)c))
        {
            for (var at = 0; at < length; at++)
            {
                var text = new string('x', at) + c + new string('y', length - at - 1);
                Same(text).ShouldBeTrue($"{(int)c:x} at {at} of {length}");
            }
        }
    }

    [Fact]
    public void Long_texts_that_come_again_are_what_they_were()
    {
        // More than are kept, in an order in which some push others out.
        string[] texts = [.. Enumerable.Range(0, 3_000).Select(i => new string('x', 80 + (i % 40)) + Awkward[i % Awkward.Length] + i)];
        int[] order = [.. Enumerable.Range(0, 4 * texts.Length).Select(i => i % 7 * i % texts.Length), .. Enumerable.Repeat(5, 4)];
        Rendered(json => json.WriteStrings("a"u8, [.. order.Select(i => texts[i])])).ShouldBe(Library(json => FindingsWriter.Write(json, "a"u8, [.. order.Select(i => texts[i])])));
    }

    [Fact]
    public void Half_a_surrogate_pair_becomes_the_replacement_character() =>
        JsonDocument.Parse(Rendered(json => json.WriteString("a"u8, "x\ud83dy"))).RootElement[0].GetProperty("a").GetString().ShouldBe("x\ufffdy");

    [Fact]
    public void An_element_stands_on_its_line_as_the_library_writes_it_without_indentation()
    {
        var ours = Rendered(json =>
        {
            json.WriteStrings("empty"u8, []);
            json.WriteStartObject("object"u8);
            json.WriteNumber("least"u8, int.MinValue);
            json.WriteNull("nothing"u8);
            json.WriteStartArray("array"u8);
            json.WriteStringValue("a");
            json.WriteStartObject();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteOptional("left out"u8, (string?)null);
            json.WriteOptional("last"u8, "z");
        });
        using var document = JsonDocument.Parse(ours);
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, JsonText.Layout with { Indented = false }))
        {
            document.RootElement[0].WriteTo(json);
        }

        ours.ShouldBe($"[\n  {Encoding.UTF8.GetString(stream.ToArray())}\n]");
        document.RootElement[0].EnumerateObject().Select(m => m.Name).ShouldBe(["empty", "object", "last"]);
    }

    private static bool Same(string text) => Rendered(json => json.WriteString("a"u8, text)) == Library(json => json.WriteString("a"u8, text));

    private static string Rendered(Action<JsonText> write)
    {
        using var text = new JsonText();
        text.Restart(1, afterElement: false);
        text.WriteStartObject();
        write(text);
        text.WriteEndObject();
        return "[" + Encoding.UTF8.GetString(text.Written) + "\n]";
    }

    private static string Library(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, JsonText.Layout with { Indented = false }))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return $"[\n  {Encoding.UTF8.GetString(stream.ToArray())}\n]";
    }
}
