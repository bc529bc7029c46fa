using Shouldly;
using Xunit;

namespace SecOps.Findings;

/// <summary>The values are those that GitHub's own upload action is tested with.</summary>
public sealed class LineHashTests
{
    [Fact]
    public void An_empty_file_has_one_line() => LineHash.Of("").ShouldBe(["c129715d7a2bc9a3:1"]);

    [Theory]
    [InlineData(" a\nb\n  \t\tc\n d")]
    [InlineData(" a\r\nb\r\n  \t\tc\r\n d")]
    [InlineData(" a\rb\r  \t\tc\r d")]
    [InlineData("a\n b \n\tc\t\nd  ")]
    public void Blanks_and_the_kind_of_line_end_do_not_count(string text) =>
        LineHash.Of(text).ShouldBe(["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"]);

    [Fact]
    public void Equal_windows_are_counted()
    {
        var hashes = LineHash.Of(string.Concat(Enumerable.Repeat(new string('x', 100) + "\n", 3)));
        hashes.Count.ShouldBe(4);
        hashes[0].ShouldEndWith(":1");
        hashes[1].ShouldBe(hashes[0].Replace(":1", ":2", StringComparison.Ordinal));
    }

    [Fact]
    public void What_comes_100_units_later_does_not_matter()
    {
        var line = new string('x', 120) + "\n";
        LineHash.Of(line + "a")[0].ShouldBe(LineHash.Of(line + "something else")[0]);
        LineHash.Of("x\na")[0].ShouldNotBe(LineHash.Of("x\nb")[0]);
    }

    [Fact]
    public void Every_line_of_a_text_has_a_hash() => LineHash.Of("a\n\n\nb\r\n\r\nc").Count.ShouldBe(6);
}
