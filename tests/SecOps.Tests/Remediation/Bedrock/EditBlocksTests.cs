using Shouldly;
using Xunit;

namespace SecOps.Remediation.Bedrock;

public sealed class EditBlocksTests
{
    [Theory]
    [InlineData("a\nb\nc\n", "b", "x\ny", "a\nx\ny\nc\n")]
    [InlineData("a\r\nb\r\nc\r\n", "b", "x\ny", "a\r\nx\r\ny\r\nc\r\n")]
    [InlineData("a\nb  \nc", "b", "x", "a\nx\nc")]
    [InlineData("a\n    b\n      c\n", "b\n  c", "b\n  d", "a\n    b\n      d\n")]
    [InlineData("a\nb\n", "  b", "  x", "a\nx\n")]
    [InlineData("a\nb\nc\n", "b", "", "a\nc\n")]
    public void An_edit_replaces_the_one_place_where_its_text_stands(string text, string search, string replace, string expected) =>
        EditBlocks.Apply(text, new EditBlock("f", search, replace)).ShouldBe(expected);

    [Theory]
    [InlineData("a\nb\nb\n", "b")]
    [InlineData("a\n", "z")]
    [InlineData("a\n b\n  b\n", "b")]
    [InlineData("a\n", " ")]
    public void An_edit_for_no_place_or_several_is_refused(string text, string search) =>
        Should.Throw<FormatException>(() => EditBlocks.Apply(text, new EditBlock("f", search, "x")));
}
