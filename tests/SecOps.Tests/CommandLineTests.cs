using Shouldly;
using Xunit;

namespace SecOps;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("scan . --only bandit", new[] { "scan", ".", "--only", "bandit" })]
    [InlineData("  a\t b\n c ", new[] { "a", "b", "c" })]
    [InlineData("a 'b c' \"d e\" f' 'g", new[] { "a", "b c", "d e", "f g" })]
    [InlineData("a\\ b \"c\\\"d\" 'e\\f'", new[] { "a b", "c\"d", "e\\f" })]
    [InlineData("'' \"\"", new[] { "", "" })]
    [InlineData("$HOME `x` ; a|b && c", new[] { "$HOME", "`x`", ";", "a|b", "&&", "c" })]
    [InlineData("", new string[0])]
    public void Words_are_split_and_quotes_group_and_nothing_is_executed(string text, string[] words) => CommandLine.Split(text).ShouldBe(words);

    [Fact]
    public void An_open_quote_is_an_error() => Should.Throw<FormatException>(() => CommandLine.Split("a 'b"));

    [Fact]
    public void What_is_shown_can_be_split_again()
    {
        string[] arguments = ["a", "b c", "", "d\"e", "f\\g", "'"];
        CommandLine.Split(CommandLine.Show(arguments)).ShouldBe(arguments);
    }
}
